-- +goose Up
-- The desk: who is signed in, and who looks after which retailers.

ALTER TABLE staff ADD COLUMN lead INTEGER NOT NULL DEFAULT 0
  CHECK (lead = 0 OR (lead = 1 AND role IN ('retail','callcenter')));
ALTER TABLE staff ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX staff_subject ON staff (subject) WHERE subject <> '';

CREATE TABLE staff_retailer (
  user_name TEXT NOT NULL REFERENCES staff (user_name),
  retailer  TEXT NOT NULL CHECK (retailer <> ''),
  PRIMARY KEY (user_name, retailer)
) STRICT;

-- The cookie's token is stored as its SHA-256: who reads the ledger cannot
-- take over a session. An ended session is kept for a day, so that a form
-- sent too late can be given back to the person who wrote it.
CREATE TABLE desk_session (
  token_hash TEXT PRIMARY KEY CHECK (length(token_hash) = 64),
  user_name  TEXT NOT NULL REFERENCES staff (user_name),
  way        TEXT NOT NULL CHECK (way IN ('local','oidc')),
  client     TEXT NOT NULL,
  began_at   INTEGER NOT NULL CHECK (began_at > 0),
  seen_at    INTEGER NOT NULL CHECK (seen_at >= began_at),
  proved_at  INTEGER NOT NULL CHECK (proved_at > 0),
  ended_at   INTEGER NOT NULL DEFAULT 0 CHECK (ended_at >= 0)
) STRICT;
CREATE INDEX desk_session_user ON desk_session (user_name);

-- +goose Down
DROP TABLE desk_session;
DROP TABLE staff_retailer;
DROP INDEX staff_subject;
ALTER TABLE staff DROP COLUMN subject;
ALTER TABLE staff DROP COLUMN lead;
