-- +goose Up
-- A ledger that was restored from a backup sends nothing until two people have
-- decided. epoch is the one that the ledger got then.

CREATE TABLE restoration (
  epoch       TEXT COLLATE "C" PRIMARY KEY CHECK (epoch <> ''),
  taken_at    BIGINT NOT NULL CHECK (taken_at > 0),
  restored_at BIGINT NOT NULL CHECK (restored_at > 0),
  decision_id BIGINT REFERENCES decision (decision_id)
);

-- +goose Down
DROP TABLE restoration;
