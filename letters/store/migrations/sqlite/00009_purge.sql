-- +goose Up
-- Months whose personal data two people have deleted, or propose to delete.

CREATE TABLE purge (
  purge_id     INTEGER PRIMARY KEY AUTOINCREMENT,
  month        TEXT NOT NULL UNIQUE REFERENCES month_batch (month),
  reason       TEXT NOT NULL CHECK (reason <> ''),
  letters      INTEGER NOT NULL CHECK (letters >= 0),
  proposed_by  TEXT NOT NULL CHECK (proposed_by <> ''),
  proposed_at  INTEGER NOT NULL CHECK (proposed_at > 0),
  confirmed_by TEXT NOT NULL DEFAULT '',
  confirmed_at INTEGER NOT NULL DEFAULT 0,
  finished_at  INTEGER NOT NULL DEFAULT 0,
  CHECK (confirmed_by <> proposed_by),
  CHECK ((confirmed_by = '') = (confirmed_at = 0)),
  CHECK (finished_at = 0 OR confirmed_at > 0)
) STRICT;

-- +goose Down
DROP TABLE purge;
