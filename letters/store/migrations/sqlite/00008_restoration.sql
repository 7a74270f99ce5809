-- +goose Up
-- A ledger that was restored from a backup sends nothing until two people have
-- decided. epoch is the one that the ledger got then.

CREATE TABLE restoration (
  epoch       TEXT PRIMARY KEY CHECK (epoch <> ''),
  taken_at    INTEGER NOT NULL CHECK (taken_at > 0),
  restored_at INTEGER NOT NULL CHECK (restored_at > 0),
  decision_id INTEGER REFERENCES decision (decision_id)
) STRICT;

-- +goose Down
DROP TABLE restoration;
