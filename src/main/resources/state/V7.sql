-- How many dead letters there are of each status is asked for every few seconds, and their reasons may be long.

CREATE INDEX dead_letter_status ON dead_letter (status);
