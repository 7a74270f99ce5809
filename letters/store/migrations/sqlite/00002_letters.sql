-- +goose Up
-- Rows, cases, letters, and every attempt to hand a letter over.

CREATE TABLE decision (
  decision_id  INTEGER PRIMARY KEY AUTOINCREMENT,
  action       TEXT NOT NULL CHECK (action <> ''),
  reason       TEXT NOT NULL CHECK (reason <> ''),
  proposed_by  TEXT NOT NULL CHECK (proposed_by <> ''),
  proposed_at  INTEGER NOT NULL CHECK (proposed_at > 0),
  confirmed_by TEXT NOT NULL DEFAULT '',
  confirmed_at INTEGER NOT NULL DEFAULT 0,
  CHECK (confirmed_by <> proposed_by),
  CHECK ((confirmed_by = '') = (confirmed_at = 0))
) STRICT;

CREATE TABLE letter (
  letter_id  TEXT PRIMARY KEY CHECK (length(letter_id) = 16 AND ltrim(letter_id,'0123456789') = ''),
  month      TEXT NOT NULL REFERENCES month_batch (month),
  kind       TEXT NOT NULL CHECK (kind IN ('first','supplementary','corrected')),
  person_key TEXT NOT NULL CHECK (person_key <> ''),
  fold_key   TEXT NOT NULL,
  facts      TEXT NOT NULL,
  generation INTEGER NOT NULL DEFAULT 1 CHECK (generation >= 1),
  planned_at INTEGER NOT NULL CHECK (planned_at > 0),
  UNIQUE (letter_id, month)
) STRICT;
CREATE INDEX letter_month ON letter (month, letter_id);

CREATE TABLE viewed_case (
  case_id       INTEGER PRIMARY KEY AUTOINCREMENT,
  month         TEXT NOT NULL REFERENCES month_batch (month),
  case_key      TEXT NOT NULL CHECK (case_key <> ''),
  version       INTEGER NOT NULL CHECK (version >= 1),
  supply_point  TEXT NOT NULL CHECK (length(supply_point) = 22 AND ltrim(supply_point,'0123456789') = ''),
  demand_place  TEXT NOT NULL,
  system        TEXT NOT NULL CHECK (system <> ''),
  retailer_code TEXT NOT NULL,
  retailer_name TEXT NOT NULL,
  supply        TEXT NOT NULL CHECK (supply IN ('low','high','extra_high')),
  last_resort   INTEGER NOT NULL CHECK (last_resort IN (0,1)),
  confirmed     TEXT NOT NULL,
  unrecorded    INTEGER NOT NULL CHECK (unrecorded IN (0,1)),
  first_on      TEXT NOT NULL CHECK (length(first_on) = 10),
  last_on       TEXT NOT NULL CHECK (length(last_on) = 10),
  UNIQUE (month, case_key, version),
  CHECK (first_on <= last_on),
  CHECK (last_resort = 1 OR retailer_code <> '')
) STRICT;

-- A row ends in exactly one of five outcomes. While its file is staged it is
-- held as unplanned. A rejected row carries no facts.
CREATE TABLE source_row (
  file_id       INTEGER NOT NULL REFERENCES source_file (file_id),
  row_no        INTEGER NOT NULL CHECK (row_no >= 1),
  rejected      INTEGER NOT NULL CHECK (rejected IN (0,1)),
  supply_point  TEXT NOT NULL,
  name          TEXT NOT NULL,
  kana          TEXT NOT NULL,
  kind          TEXT NOT NULL CHECK (kind IN ('','individual','corporate')),
  kind_given    INTEGER NOT NULL CHECK (kind_given IN (0,1)),
  postal_code   TEXT NOT NULL CHECK (length(postal_code) IN (0,7) AND ltrim(postal_code,'0123456789') = ''),
  address       TEXT NOT NULL,
  building      TEXT NOT NULL,
  demand_place  TEXT NOT NULL,
  phone         TEXT NOT NULL CHECK (ltrim(phone,'0123456789') = ''),
  mail          TEXT NOT NULL,
  channel       TEXT NOT NULL CHECK (channel IN ('','print','email')),
  retailer_code TEXT NOT NULL,
  retailer_name TEXT NOT NULL,
  supply        TEXT NOT NULL CHECK (supply IN ('','low','high','extra_high')),
  system        TEXT NOT NULL,
  items         TEXT NOT NULL,
  first_on      TEXT NOT NULL CHECK (length(first_on) IN (0,10)),
  last_on       TEXT NOT NULL CHECK (length(last_on) IN (0,10)),
  views         INTEGER NOT NULL CHECK (views >= 0),
  viewers       TEXT NOT NULL,
  disaster      INTEGER NOT NULL CHECK (disaster IN (0,1)),
  last_resort   INTEGER NOT NULL CHECK (last_resort IN (0,1)),
  handling      TEXT NOT NULL CHECK (handling IN ('','stop','shelter','deceased','guardian','moved')),
  held          TEXT NOT NULL,
  notes         TEXT NOT NULL,
  case_key      TEXT NOT NULL,
  person_key    TEXT NOT NULL,
  fold_key      TEXT NOT NULL,
  mail_key      TEXT NOT NULL,
  kana_key      TEXT NOT NULL,
  phone_key     TEXT NOT NULL,
  place_key     TEXT NOT NULL,
  outcome       TEXT NOT NULL CHECK (outcome IN ('letter','merged','excluded','held','rejected')),
  reason        TEXT NOT NULL,
  case_id       INTEGER REFERENCES viewed_case (case_id),
  letter_id     TEXT REFERENCES letter (letter_id),
  PRIMARY KEY (file_id, row_no),
  CHECK (outcome IN ('letter','merged') OR reason <> ''),
  CHECK (outcome <> 'letter' OR letter_id IS NOT NULL),
  CHECK (outcome <> 'rejected' OR rejected = 1),
  CHECK (rejected = 0 OR outcome IN ('rejected','excluded')),
  CHECK (rejected = 0 OR (supply_point = '' AND name = '' AND address = '' AND phone = '' AND mail = '')),
  CHECK (rejected = 1 OR (length(supply_point) = 22 AND ltrim(supply_point,'0123456789') = '')),
  CHECK (rejected = 1 OR (name <> '' AND kind <> '' AND channel <> '' AND supply <> '' AND system <> '')),
  CHECK (rejected = 1 OR (case_key <> '' AND person_key <> '' AND fold_key <> '')),
  CHECK (rejected = 1 OR (first_on <> '' AND last_on >= first_on)),
  CHECK (rejected = 1 OR last_resort = 1 OR disaster = 1 OR retailer_code <> '')
) STRICT;
CREATE INDEX source_row_case ON source_row (case_id);
CREATE INDEX source_row_letter ON source_row (letter_id);

CREATE TABLE recipient (
  recipient_id INTEGER PRIMARY KEY AUTOINCREMENT,
  letter_id    TEXT NOT NULL REFERENCES letter (letter_id),
  name         TEXT NOT NULL CHECK (name <> ''),
  kana         TEXT NOT NULL,
  kind         TEXT NOT NULL CHECK (kind IN ('individual','corporate')),
  postal_code  TEXT NOT NULL CHECK (length(postal_code) IN (0,7) AND ltrim(postal_code,'0123456789') = ''),
  address      TEXT NOT NULL,
  building     TEXT NOT NULL,
  mail         TEXT NOT NULL,
  phone        TEXT NOT NULL CHECK (ltrim(phone,'0123456789') = ''),
  UNIQUE (recipient_id, letter_id)
) STRICT;
CREATE INDEX recipient_letter ON recipient (letter_id);

CREATE TABLE letter_ref (
  letter_id TEXT NOT NULL REFERENCES letter (letter_id),
  refers_to TEXT NOT NULL REFERENCES letter (letter_id),
  PRIMARY KEY (letter_id, refers_to),
  CHECK (letter_id <> refers_to)
) STRICT;

-- link follows the newest dispatch: a case is in one letter that is not
-- cancelled, and its facts are told once in all months.
CREATE TABLE letter_case (
  letter_id TEXT NOT NULL REFERENCES letter (letter_id),
  case_id   INTEGER NOT NULL REFERENCES viewed_case (case_id),
  case_key  TEXT NOT NULL,
  version   INTEGER NOT NULL,
  link      TEXT NOT NULL CHECK (link IN ('told','held','cancelled')),
  PRIMARY KEY (letter_id, case_id)
) STRICT;
CREATE UNIQUE INDEX letter_case_once ON letter_case (case_id) WHERE link <> 'cancelled';
CREATE UNIQUE INDEX letter_case_told ON letter_case (case_key, version) WHERE link = 'told';
CREATE INDEX letter_case_case ON letter_case (case_id);

CREATE TABLE letter_note (
  letter_id TEXT NOT NULL REFERENCES letter (letter_id),
  kind      TEXT NOT NULL CHECK (kind IN ('held','note')),
  note      TEXT NOT NULL CHECK (note <> ''),
  PRIMARY KEY (letter_id, kind, note)
) STRICT;

CREATE TABLE near_match (
  month    TEXT NOT NULL REFERENCES month_batch (month),
  letter_a TEXT NOT NULL REFERENCES letter (letter_id),
  letter_b TEXT NOT NULL REFERENCES letter (letter_id),
  why      TEXT NOT NULL CHECK (why <> ''),
  PRIMARY KEY (month, letter_a, letter_b, why)
) STRICT;

CREATE TABLE dispatch (
  letter_id        TEXT NOT NULL,
  generation       INTEGER NOT NULL CHECK (generation >= 1),
  month            TEXT NOT NULL,
  recipient_id     INTEGER NOT NULL,
  channel          TEXT NOT NULL CHECK (channel IN ('print','email')),
  state            TEXT NOT NULL CHECK (state IN ('planned','held_review','rendered','render_failed','approved',
                     'queued_print','in_print_run','handed_over','posted','returned','withdrawn',
                     'queued_email','claimed','handing_over','accepted','deferred','failed_5xx',
                     'uncertain','bounced','closed','closed_unreachable','cancelled','superseded')),
  token            INTEGER NOT NULL CHECK (token >= 1),
  lease_owner      TEXT NOT NULL DEFAULT '',
  leased_until     INTEGER NOT NULL DEFAULT 0,
  attempts         INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  retry_at         INTEGER NOT NULL DEFAULT 0,
  hold_reason      TEXT NOT NULL DEFAULT '',
  decision_id      INTEGER REFERENCES decision (decision_id),
  renderer         TEXT NOT NULL DEFAULT '',
  template_version TEXT NOT NULL DEFAULT '',
  content_hash     TEXT NOT NULL DEFAULT '' CHECK (length(content_hash) IN (0,64)),
  file_hash        TEXT NOT NULL DEFAULT '',
  file_size        INTEGER NOT NULL DEFAULT 0 CHECK (file_size >= 0),
  page_hashes      TEXT NOT NULL DEFAULT '',
  pages            INTEGER NOT NULL DEFAULT 0 CHECK (pages >= 0),
  envelope         TEXT NOT NULL DEFAULT '',
  barcode          INTEGER NOT NULL DEFAULT 0 CHECK (barcode IN (0,1)),
  class            TEXT NOT NULL DEFAULT '',
  printed_on       TEXT NOT NULL DEFAULT '' CHECK (length(printed_on) IN (0,10)),
  document_no      TEXT NOT NULL DEFAULT '',
  post_on          TEXT NOT NULL DEFAULT '' CHECK (length(post_on) IN (0,10)),
  run_id           TEXT NOT NULL DEFAULT '',
  message_id       TEXT NOT NULL DEFAULT '',
  reply            TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (letter_id, generation),
  FOREIGN KEY (letter_id, month) REFERENCES letter (letter_id, month),
  FOREIGN KEY (recipient_id, letter_id) REFERENCES recipient (recipient_id, letter_id),
  CHECK (generation = 1 OR decision_id IS NOT NULL),
  CHECK (state <> 'held_review' OR hold_reason <> ''),
  CHECK ((state IN ('claimed','handing_over','in_print_run')) = (lease_owner <> '')),
  CHECK (state <> 'in_print_run' OR run_id <> ''),
  CHECK (state <> 'deferred' OR retry_at > 0),
  CHECK ((content_hash = '') = (pages = 0)),
  CHECK (content_hash <> '' OR state IN ('planned','held_review','render_failed','cancelled','closed_unreachable'))
) STRICT;
CREATE UNIQUE INDEX dispatch_in_hand ON dispatch (letter_id)
  WHERE state IN ('claimed','handing_over','uncertain','in_print_run');
CREATE UNIQUE INDEX dispatch_message ON dispatch (message_id) WHERE message_id <> '';
CREATE INDEX dispatch_month ON dispatch (month, state);
CREATE INDEX dispatch_recipient ON dispatch (recipient_id);
CREATE INDEX dispatch_queue ON dispatch (state, month, letter_id)
  WHERE state IN ('queued_print','queued_email','deferred','claimed','handing_over','in_print_run');
CREATE INDEX dispatch_run ON dispatch (run_id) WHERE run_id <> '';

-- Append-only. seq is the token of the dispatch after the change, so that an
-- event that was appended to twice is refused by the key.
CREATE TABLE letter_event (
  letter_id  TEXT NOT NULL,
  seq        INTEGER NOT NULL CHECK (seq >= 1),
  generation INTEGER NOT NULL,
  at         INTEGER NOT NULL CHECK (at > 0),
  actor      TEXT NOT NULL CHECK (actor <> ''),
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL CHECK (to_state <> ''),
  guard      TEXT NOT NULL,
  ref        TEXT NOT NULL,
  PRIMARY KEY (letter_id, seq),
  FOREIGN KEY (letter_id, generation) REFERENCES dispatch (letter_id, generation)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER letter_event_no_update BEFORE UPDATE ON letter_event
BEGIN
  SELECT RAISE(ABORT, 'letter_event is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER letter_event_no_delete BEFORE DELETE ON letter_event
BEGIN
  SELECT RAISE(ABORT, 'letter_event is append-only');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE letter_event;
DROP TABLE dispatch;
DROP TABLE near_match;
DROP TABLE letter_note;
DROP TABLE letter_case;
DROP TABLE letter_ref;
DROP TABLE recipient;
DROP TABLE source_row;
DROP TABLE viewed_case;
DROP TABLE letter;
DROP TABLE decision;
