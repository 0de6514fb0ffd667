-- A file of news, in one transaction. Nothing in it judges a cell; sets decide, so a number that two rows bring goes to
-- the last of them, and whoever had it in between keeps what he had before, which is not what rows one by one would do.
--
-- Tried and not faster: looking up by index instead of by hash join, joining from the file's side first, and updating
-- in two statements, which an ordinary unique index needs.

BEGIN;

CREATE UNLOGGED TABLE news (
    place      bigint GENERATED ALWAYS AS IDENTITY (CACHE 10000),
    exid       text,
    email      text,
    msisdn     bigint,
    number     bigint   NOT NULL,
    permission smallint NOT NULL
);
COPY news (exid, email, msisdn, number, permission) FROM :'file' WITH (FORMAT csv, HEADER);
ANALYZE news;

-- Where the row of the profile lies that each row of news is about - the first identifier that leads to one decides -
-- with what it holds now; and who holds the number.
CREATE UNLOGGED TABLE hit AS
SELECT news.*,
    coalesce(by_exid.ctid, by_email.ctid, by_msisdn.ctid, by_number.ctid) AS at,
    CASE WHEN by_exid.ctid IS NOT NULL THEN by_exid.number WHEN by_email.ctid IS NOT NULL THEN by_email.number
        WHEN by_msisdn.ctid IS NOT NULL THEN by_msisdn.number ELSE by_number.number END AS number_before,
    CASE WHEN by_exid.ctid IS NOT NULL THEN by_exid.permission WHEN by_email.ctid IS NOT NULL THEN by_email.permission
        WHEN by_msisdn.ctid IS NOT NULL THEN by_msisdn.permission ELSE by_number.permission END AS permission_before,
    by_number.ctid AS holder
FROM news
LEFT JOIN profile AS by_exid ON by_exid.exid = news.exid
LEFT JOIN profile AS by_email ON by_exid.ctid IS NULL AND by_email.email = news.email
LEFT JOIN profile AS by_msisdn ON coalesce(by_exid.ctid, by_email.ctid) IS NULL AND by_msisdn.msisdn = news.msisdn
LEFT JOIN profile AS by_number ON by_number.number = news.number;

-- The last row of each profile, and of those the last of each number.
CREATE UNLOGGED TABLE winner AS
SELECT DISTINCT ON (number) *
FROM (
    (SELECT DISTINCT ON (at) * FROM hit WHERE at IS NOT NULL ORDER BY at, place DESC)
    UNION ALL
    SELECT * FROM hit WHERE at IS NULL
) AS last
ORDER BY number, place DESC;

-- Whoever has something else now, and whoever loses the number without getting another.
CREATE UNLOGGED TABLE change AS
SELECT at, number, permission FROM winner
WHERE at IS NOT NULL AND (number IS DISTINCT FROM number_before OR permission IS DISTINCT FROM permission_before)
UNION ALL
SELECT holder, NULL, NULL FROM winner
WHERE holder IS DISTINCT FROM at AND NOT EXISTS (SELECT FROM winner AS own WHERE own.at = winner.holder);
ANALYZE change;

-- Straight to each row, in the order in which they lie; each is written once.
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;

UPDATE profile SET number = change.number, permission = change.permission
FROM (SELECT * FROM change WHERE at IS NOT NULL ORDER BY at) AS change
WHERE profile.ctid = change.at;

INSERT INTO profile (exid, email, msisdn, number, permission)
SELECT exid, email, msisdn, number, permission FROM winner WHERE at IS NULL ORDER BY place;

DROP TABLE news, hit, winner, change;
COMMIT;
