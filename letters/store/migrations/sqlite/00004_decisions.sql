-- +goose Up
-- What two people decide over letters as they stood, what the program proposes
-- to them, and what printer, post and relay reported.

ALTER TABLE decision ADD COLUMN withdrawn_by TEXT NOT NULL DEFAULT '';
ALTER TABLE decision ADD COLUMN withdrawn_at INTEGER NOT NULL DEFAULT 0
  CHECK ((withdrawn_by = '') = (withdrawn_at = 0) AND (withdrawn_by = '' OR confirmed_by = ''));

-- state and token are the letter's as proposed; recipient_id is the corrected
-- recipient of its next generation, if the decision gives one.
ALTER TABLE decision_letter ADD COLUMN state TEXT NOT NULL DEFAULT '';
ALTER TABLE decision_letter ADD COLUMN token INTEGER NOT NULL DEFAULT 0;
ALTER TABLE decision_letter ADD COLUMN recipient_id INTEGER REFERENCES recipient (recipient_id);
ALTER TABLE decision_letter ADD COLUMN pending INTEGER NOT NULL DEFAULT 0 CHECK (pending IN (0,1));
CREATE UNIQUE INDEX decision_letter_pending ON decision_letter (letter_id) WHERE pending = 1;
CREATE INDEX decision_letter_letter ON decision_letter (letter_id);

-- What the program proposes for a letter that came back, once a generation.
-- People decide; this row alone changes nothing.
CREATE TABLE suggestion (
  letter_id  TEXT NOT NULL,
  generation INTEGER NOT NULL,
  action     TEXT NOT NULL CHECK (action <> ''),
  why        TEXT NOT NULL,
  made_at    INTEGER NOT NULL CHECK (made_at > 0),
  PRIMARY KEY (letter_id, generation),
  FOREIGN KEY (letter_id, generation) REFERENCES dispatch (letter_id, generation)
) STRICT;

-- A file of printer, post or relay; the same content counts once.
CREATE TABLE receipt (
  receipt_id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind       TEXT NOT NULL CHECK (kind IN ('receipt','returned','evidence')),
  sha256     TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
  name       TEXT NOT NULL,
  lines      INTEGER NOT NULL CHECK (lines >= 0),
  taken_at   INTEGER NOT NULL CHECK (taken_at > 0)
) STRICT;

-- Every line with what became of it. letter_id may be unknown to the ledger
-- (generation 0): such lines are kept and listed, never dropped.
CREATE TABLE receipt_line (
  receipt_id INTEGER NOT NULL REFERENCES receipt (receipt_id),
  row_no     INTEGER NOT NULL CHECK (row_no >= 1),
  letter_id  TEXT NOT NULL CHECK (length(letter_id) = 16 AND ltrim(letter_id,'0123456789') = ''),
  generation INTEGER NOT NULL CHECK (generation >= 0),
  state      TEXT NOT NULL CHECK (state IN ('posted','withdrawn','remade','returned')),
  reported   TEXT NOT NULL CHECK (length(reported) IN (0,10)),
  reason     TEXT NOT NULL,
  pages      INTEGER NOT NULL CHECK (pages >= 0),
  result     TEXT NOT NULL CHECK (result IN ('applied','known','unknown','unexpected','contradiction')),
  PRIMARY KEY (receipt_id, row_no),
  CHECK ((result = 'unknown') = (generation = 0))
) STRICT;
CREATE INDEX receipt_line_letter ON receipt_line (letter_id);

-- +goose Down
DROP TABLE receipt_line;
DROP TABLE receipt;
DROP TABLE suggestion;
DROP INDEX decision_letter_letter;
DROP INDEX decision_letter_pending;
ALTER TABLE decision_letter DROP COLUMN pending;
ALTER TABLE decision_letter DROP COLUMN recipient_id;
ALTER TABLE decision_letter DROP COLUMN token;
ALTER TABLE decision_letter DROP COLUMN state;
ALTER TABLE decision DROP COLUMN withdrawn_at;
ALTER TABLE decision DROP COLUMN withdrawn_by;
