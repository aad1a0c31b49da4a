-- The budget that the API told of last: so many requests in a window.

CREATE TABLE allowance (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    requests       INTEGER NOT NULL,
    window_seconds INTEGER NOT NULL
) STRICT;
