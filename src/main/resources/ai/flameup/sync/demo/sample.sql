-- Sample users, as many as the parameter says; some of them lack this or that.
INSERT INTO public.users (email, first_name, last_name, phone, avatar_url, timezone, locale, password_hash, plan,
                          is_active, balance, external_ref, updated_at)
SELECT 'user-' || n || '@example.com',
       (ARRAY['Ann', 'Bob', 'Chloé', 'Đorđe', 'Eva', 'Farid', 'Grace'])[1 + n % 7],
       (ARRAY['Smith', 'O''Neil', 'García', 'Müller', 'Rossi'])[1 + n % 5],
       CASE WHEN n % 3 > 0 THEN '+1-555-' || lpad(n::text, 7, '0') END,
       CASE WHEN n % 4 > 0 THEN 'https://avatars.example.com/' || n || '.png' END,
       (ARRAY['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', NULL])[1 + n % 4],
       (ARRAY['de', 'en', 'ja'])[1 + n % 3],
       md5(n::text),
       (ARRAY['free', 'team', 'business'])[1 + n % 3],
       n % 10 > 0,
       n * 1.10,
       gen_random_uuid(),
       now()
FROM generate_series(1, ?) AS n
