-- People who are known already: loaded without indexes, which are built afterwards, because that is fastest.
--
-- Numbers are integers, as ours are. There is no log of what changed, no cursor of the import and nobody's own word to
-- heed: less than the product keeps, so that what is measured is what matching costs at the least. There is not even a
-- key but what people are found by.

CREATE TABLE profile (
    exid       text,
    email      text,
    msisdn     bigint,
    number     bigint,
    permission smallint
) WITH (fillfactor = 85);

COPY profile (exid, email, msisdn, number, permission) FROM :'file' WITH (FORMAT csv, HEADER);

CREATE UNIQUE INDEX profile_exid ON profile (exid);
CREATE UNIQUE INDEX profile_email ON profile (email);
CREATE UNIQUE INDEX profile_msisdn ON profile (msisdn);
-- Looked at when a statement ends: numbers change hands within one, so that each row is written once.
ALTER TABLE profile ADD CONSTRAINT profile_number UNIQUE (number) DEFERRABLE INITIALLY IMMEDIATE;

VACUUM (FREEZE, ANALYZE) profile;
