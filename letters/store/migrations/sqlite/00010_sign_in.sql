-- +goose Up
-- Wrong passwords of the last hour, by account and by the address they came
-- from: further ones wait, whichever process takes them. A door is known by a
-- part of a hash alone.

CREATE TABLE sign_in_door (
  kind     TEXT NOT NULL CHECK (kind IN ('account','client')),
  key_hash TEXT NOT NULL CHECK (length(key_hash) = 16),
  wrong    INTEGER NOT NULL CHECK (wrong >= 0),
  last_at  INTEGER NOT NULL CHECK (last_at >= 0),
  PRIMARY KEY (kind, key_hash)
) STRICT;
CREATE INDEX sign_in_door_last ON sign_in_door (last_at);

-- +goose Down
DROP TABLE sign_in_door;
