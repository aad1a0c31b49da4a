-- Sample users for compose.yaml, and the password of the role that sql/setup.sql creates.
ALTER ROLE flameup_sync PASSWORD 'change-me';

INSERT INTO public.users (email, first_name, last_name, phone, timezone, locale, plan)
SELECT 'user-' || n || '@example.com', 'First ' || n, 'Last ' || n, '+1-555-' || lpad(n::text, 7, '0'),
       'Europe/Berlin', 'de', 'free'
FROM generate_series(1, 1000) AS n;
