-- +goose Up
-- What a ledger is, who works with it, and a month's batch with its lists.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- The journal of hand-overs lies outside the database, one for every home.
CREATE TABLE home (
  home_id      TEXT PRIMARY KEY CHECK (home_id <> ''),
  journal_n    INTEGER NOT NULL CHECK (journal_n >= 0),
  journal_hash TEXT NOT NULL,
  epoch        TEXT NOT NULL
) STRICT;

CREATE TABLE staff (
  user_name     TEXT PRIMARY KEY CHECK (user_name <> ''),
  role          TEXT NOT NULL CHECK (role IN ('prepare','approve','retail','callcenter','audit','admin')),
  password_hash TEXT NOT NULL,
  disabled      INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0,1)),
  created_at    INTEGER NOT NULL CHECK (created_at > 0)
) STRICT;

CREATE TABLE month_batch (
  month            TEXT PRIMARY KEY CHECK (length(month) = 7 AND substr(month,5,1) = '-'),
  state            TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open','approved')),
  printed_on       TEXT NOT NULL DEFAULT '' CHECK (length(printed_on) IN (0,10)),
  document_no      TEXT NOT NULL DEFAULT '',
  renderer         TEXT NOT NULL DEFAULT '',
  template_version TEXT NOT NULL DEFAULT '',
  batch_hash       TEXT NOT NULL DEFAULT '' CHECK (length(batch_hash) IN (0,64)),
  approved_by      TEXT NOT NULL DEFAULT '',
  approved_at      INTEGER NOT NULL DEFAULT 0,
  packets_hash     TEXT NOT NULL DEFAULT '' CHECK (length(packets_hash) IN (0,64)),
  packets_by       TEXT NOT NULL DEFAULT '',
  packets_at       INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'approved') = (approved_by <> '')),
  CHECK ((state = 'approved') = (approved_at > 0)),
  CHECK ((state = 'approved') = (batch_hash <> '')),
  CHECK ((packets_hash = '') = (packets_by = '')),
  CHECK ((packets_hash = '') = (packets_at = 0))
) STRICT;

CREATE TABLE month_preparer (
  month     TEXT NOT NULL REFERENCES month_batch (month),
  user_name TEXT NOT NULL CHECK (user_name <> ''),
  PRIMARY KEY (month, user_name)
) STRICT;

CREATE TABLE approval (
  approval_id INTEGER PRIMARY KEY AUTOINCREMENT,
  month       TEXT NOT NULL REFERENCES month_batch (month),
  subject     TEXT NOT NULL CHECK (subject IN ('letters','packets')),
  hash        TEXT NOT NULL CHECK (length(hash) = 64),
  approved_by TEXT NOT NULL CHECK (approved_by <> ''),
  approved_at INTEGER NOT NULL CHECK (approved_at > 0),
  UNIQUE (approval_id, approved_by)
) STRICT;

-- One line for every preparer of what was approved: nobody approves his own.
CREATE TABLE approval_preparer (
  approval_id INTEGER NOT NULL,
  approved_by TEXT NOT NULL,
  prepared_by TEXT NOT NULL CHECK (prepared_by <> ''),
  PRIMARY KEY (approval_id, prepared_by),
  FOREIGN KEY (approval_id, approved_by) REFERENCES approval (approval_id, approved_by),
  CHECK (prepared_by <> approved_by)
) STRICT;

CREATE TABLE retailer (
  month       TEXT NOT NULL REFERENCES month_batch (month),
  code        TEXT NOT NULL CHECK (code <> ''),
  name        TEXT NOT NULL,
  department  TEXT NOT NULL,
  postal_code TEXT NOT NULL,
  address     TEXT NOT NULL,
  contact     TEXT NOT NULL,
  mail        TEXT NOT NULL,
  PRIMARY KEY (month, code)
) STRICT;

CREATE TABLE source_file (
  file_id      INTEGER PRIMARY KEY AUTOINCREMENT,
  month        TEXT NOT NULL REFERENCES month_batch (month),
  sha256       TEXT NOT NULL CHECK (length(sha256) = 64),
  bytes        INTEGER NOT NULL CHECK (bytes >= 0),
  name         TEXT NOT NULL,
  format       TEXT NOT NULL,
  encoding     TEXT NOT NULL,
  rows_read    INTEGER NOT NULL DEFAULT 0 CHECK (rows_read >= 0),
  state        TEXT NOT NULL DEFAULT 'staging' CHECK (state IN ('staging','active','withdrawn')),
  imported_by  TEXT NOT NULL CHECK (imported_by <> ''),
  staged_at    INTEGER NOT NULL CHECK (staged_at > 0),
  finished_at  INTEGER NOT NULL DEFAULT 0,
  activated_at INTEGER NOT NULL DEFAULT 0,
  withdrawn_at INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'staging') = (activated_at = 0)),
  CHECK ((state = 'withdrawn') = (withdrawn_at > 0)),
  CHECK (state = 'staging' OR finished_at > 0)
) STRICT;

-- The same content counts once, in whatever month and under whatever name.
CREATE UNIQUE INDEX source_file_content ON source_file (sha256) WHERE state <> 'withdrawn';
CREATE INDEX source_file_month ON source_file (month);

-- +goose Down
DROP TABLE source_file;
DROP TABLE retailer;
DROP TABLE approval_preparer;
DROP TABLE approval;
DROP TABLE month_preparer;
DROP TABLE month_batch;
DROP TABLE staff;
DROP TABLE home;
DROP TABLE meta;
