-- The budget that the API reported last: the number of requests per window.

CREATE TABLE allowance (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    requests       INTEGER NOT NULL,
    window_seconds INTEGER NOT NULL
) STRICT;
