-- The database's own limit: the statements of a booking of one seat, without any application.
--
--   pgbench --no-vacuum --protocol=prepared --file=bench/peers/limit.sql --client=32 --jobs=2
--     -D clients=32 -D turn=0 -D shows=5000 -D first_show=1 -D shows_per_auditorium=100
--     -D seats=300 -D first_seat=1 -D users=2000 -D first_user=1
--
-- Keys are without gaps: room n, from 0, has shows first_show + n * shows_per_auditorium and so on, and
-- seats first_seat + n * seats and so on. No seat is asked for twice: the clients go through one
-- shuffled order of all seats of all shows, each its own turns. On a database that is not fresh,
-- let `turn` begin behind where the clients stopped.
--
-- The statements are those of bench/peers/shared.py (LOCK, STORE), which are Marquee's, with
-- what an application would send written out where pgbench has no value of that type. Change both.

\set turn :turn + 1
\set place permute(:client_id + :clients * (:turn - 1), :shows * :seats, 4)
\set show :first_show + :place / :seats
\set seat :first_seat + :seats * (:place / :seats / :shows_per_auditorium) + :place % :seats
\set user :first_user + random(0, :users - 1)

BEGIN;

-- LOCK
SELECT clock_timestamp(), locked.is_active, locked.token_epoch, price_card.version,
    locked.starts_at, locked.ends_at, locked.sales_until, locked.id, locked.seat_plan_id,
    locked.price_card_id, locked.format, locked.language, locked.subtitles, locked.state,
    movie.id, movie.title, movie.runtime_minutes, movie.certificate,
    auditorium.id, auditorium.name, cinema.id, cinema.name, cinema.city, cinema.timezone,
    cinema.cancel_until_minutes
FROM (
    SELECT account.is_active, account.token_epoch, show.*
    FROM (SELECT pg_advisory_xact_lock_shared(:show) OFFSET 0) AS gate, account, show
    WHERE account.id = :user AND show.id = :show
    FOR NO KEY UPDATE OF account FOR KEY SHARE OF show
) AS locked
JOIN movie ON movie.id = locked.movie_id
JOIN auditorium ON auditorium.id = locked.auditorium_id
JOIN cinema ON cinema.id = auditorium.cinema_id
JOIN price_card ON price_card.id = locked.price_card_id;

-- STORE. Reference and code are 6 and 12 random bytes: an accident would end the client.
WITH had AS (
    SELECT COUNT(*) FROM booking JOIN ticket ON ticket.booking_id = booking.id
    WHERE booking.show_id = :show AND booking.user_id = :user AND (booking.status = 'confirmed'
        OR booking.status = 'held' AND booking.held_until > clock_timestamp())
), made AS (
    INSERT INTO booking (reference, user_id, show_id, status, held_until, total, currency,
        created_at, sold_starts_at, cancel_until, idempotency_key, request_digest)
    VALUES (left(encode(uuid_send(gen_random_uuid()), 'base64'), 8), :user, :show, 'confirmed',
        NULL, 1250, 'EUR', now(), now(), now(), NULL, '')
    RETURNING id
), issued AS (
    INSERT INTO ticket (booking_id, seat_id, type_id, price, status, code)
    SELECT made.id, one.seat, one.type, one.price, 'valid', one.code
    FROM made, unnest(ARRAY[:seat]::bigint[], '{adult}'::text[], '{1250}'::integer[],
        ARRAY[left(encode(uuid_send(gen_random_uuid()), 'base64'), 16)])
        AS one (seat, type, price, code)
), noted AS (
    INSERT INTO booking_event (booking_id, kind, at, by, actor_id)
    SELECT made.id, 'confirmed', now(), 'customer', :user FROM made
), claimed AS (
    INSERT INTO seat_claim (show_id, seat_id, state, booking_id, expires_at, gen)
    SELECT :show, seat, 'sold', made.id, NULL::timestamptz, 1
    FROM made, unnest(ARRAY[:seat]::bigint[]) AS seat ORDER BY seat
    ON CONFLICT (show_id, seat_id) DO UPDATE SET
        state = excluded.state, booking_id = excluded.booking_id,
        expires_at = excluded.expires_at, gen = seat_claim.gen + 1
    WHERE seat_claim.state = 'free'
        OR seat_claim.state = 'held' AND seat_claim.expires_at <= clock_timestamp()
    RETURNING seat_id
)
SELECT made.id, had.count, ARRAY(SELECT seat_id FROM claimed) FROM made, had;

COMMIT;
