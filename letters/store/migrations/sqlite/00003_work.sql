-- +goose Up
-- Decisions, releases, print runs, packets and figures.

CREATE TABLE decision_letter (
  decision_id INTEGER NOT NULL REFERENCES decision (decision_id),
  letter_id   TEXT NOT NULL,
  generation  INTEGER NOT NULL,
  PRIMARY KEY (decision_id, letter_id),
  FOREIGN KEY (letter_id, generation) REFERENCES dispatch (letter_id, generation)
) STRICT;

CREATE TABLE tranche (
  tranche_id  INTEGER PRIMARY KEY AUTOINCREMENT,
  month       TEXT NOT NULL REFERENCES month_batch (month),
  channel     TEXT NOT NULL CHECK (channel IN ('','print','email')),
  post_on     TEXT NOT NULL CHECK (length(post_on) IN (0,10)),
  letters     INTEGER NOT NULL CHECK (letters > 0),
  released_by TEXT NOT NULL CHECK (released_by <> ''),
  released_at INTEGER NOT NULL CHECK (released_at > 0)
) STRICT;

CREATE TABLE print_run (
  run_id      TEXT PRIMARY KEY CHECK (run_id <> ''),
  month       TEXT NOT NULL REFERENCES month_batch (month),
  class       TEXT NOT NULL,
  post_on     TEXT NOT NULL CHECK (length(post_on) IN (0,10)),
  state       TEXT NOT NULL CHECK (state IN ('making','handed_over','uncertain','given_back')),
  letters     INTEGER NOT NULL CHECK (letters >= 0),
  sheets      INTEGER NOT NULL CHECK (sheets >= 0),
  manifest    TEXT NOT NULL CHECK (length(manifest) IN (0,64)),
  made_at     INTEGER NOT NULL CHECK (made_at > 0),
  finished_at INTEGER NOT NULL DEFAULT 0,
  CHECK (state <> 'handed_over' OR (manifest <> '' AND letters > 0 AND finished_at > 0))
) STRICT;

CREATE TABLE print_item (
  run_id     TEXT NOT NULL REFERENCES print_run (run_id),
  letter_id  TEXT NOT NULL,
  generation INTEGER NOT NULL,
  file       TEXT NOT NULL CHECK (file <> ''),
  first_page INTEGER NOT NULL CHECK (first_page >= 1),
  pages      INTEGER NOT NULL CHECK (pages >= 1),
  file_hash  TEXT NOT NULL,
  PRIMARY KEY (run_id, letter_id, generation),
  FOREIGN KEY (letter_id, generation) REFERENCES dispatch (letter_id, generation)
) STRICT;

CREATE TABLE packet (
  month     TEXT NOT NULL REFERENCES month_batch (month),
  retailer  TEXT NOT NULL CHECK (retailer <> ''),
  contracts INTEGER NOT NULL CHECK (contracts >= 0),
  lines     INTEGER NOT NULL CHECK (lines >= contracts),
  hash      TEXT NOT NULL CHECK (length(hash) = 64),
  made_at   INTEGER NOT NULL CHECK (made_at > 0),
  PRIMARY KEY (month, retailer)
) STRICT;

CREATE TABLE packet_file (
  month    TEXT NOT NULL,
  retailer TEXT NOT NULL,
  name     TEXT NOT NULL CHECK (name <> ''),
  sha256   TEXT NOT NULL CHECK (length(sha256) = 64),
  size     INTEGER NOT NULL CHECK (size >= 0),
  PRIMARY KEY (month, retailer, name),
  FOREIGN KEY (month, retailer) REFERENCES packet (month, retailer)
) STRICT;

CREATE TABLE figure_snapshot (
  month    TEXT NOT NULL REFERENCES month_batch (month),
  taken_at INTEGER NOT NULL CHECK (taken_at > 0),
  counts   TEXT NOT NULL CHECK (counts <> ''),
  PRIMARY KEY (month, taken_at)
) STRICT;

-- The audit chain of a ledger on PostgreSQL; a ledger on SQLite keeps its
-- chain in a file of its own, so that a look-up never waits for an import.
CREATE TABLE audit_record (
  n    INTEGER PRIMARY KEY CHECK (n >= 1),
  line TEXT NOT NULL CHECK (line <> '')
) STRICT;

CREATE TABLE audit_head (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  n    INTEGER NOT NULL CHECK (n >= 0),
  hash TEXT NOT NULL
) STRICT;

INSERT INTO audit_head (one, n, hash) VALUES (1, 0, '');

-- +goose StatementBegin
CREATE TRIGGER audit_record_no_update BEFORE UPDATE ON audit_record
BEGIN
  SELECT RAISE(ABORT, 'audit_record is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_record_no_delete BEFORE DELETE ON audit_record
BEGIN
  SELECT RAISE(ABORT, 'audit_record is append-only');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit_head;
DROP TABLE audit_record;
DROP TABLE figure_snapshot;
DROP TABLE packet_file;
DROP TABLE packet;
DROP TABLE print_item;
DROP TABLE print_run;
DROP TABLE tranche;
DROP TABLE decision_letter;
