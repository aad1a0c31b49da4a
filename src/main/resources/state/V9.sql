-- The traits that are mapped because the configuration names none, with blanks between them; null before they are known.

ALTER TABLE identity ADD COLUMN default_traits TEXT;
