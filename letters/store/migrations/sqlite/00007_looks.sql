-- +goose Up
-- Look-ups and the calls they serve, inquiries and wishes; what a retailer was
-- told and who took its packet.

-- Look-ups of a person in ten seconds; their sum over the last ten minutes
-- alerts and stops, whichever process counted them.
CREATE TABLE look_count (
  user_name TEXT NOT NULL CHECK (user_name <> ''),
  slot      INTEGER NOT NULL CHECK (slot > 0),
  looks     INTEGER NOT NULL CHECK (looks >= 1),
  PRIMARY KEY (user_name, slot)
) STRICT;

-- One call (or letter, or visit) of somebody who asks: what was found, whether
-- the caller is who they say, why the letter is shown.
CREATE TABLE caller_call (
  call_id    TEXT PRIMARY KEY CHECK (length(call_id) = 32),
  user_name  TEXT NOT NULL CHECK (user_name <> ''),
  letter_id  TEXT REFERENCES letter (letter_id),
  found_by   TEXT NOT NULL CHECK (found_by IN ('number','name_postcode','name_phone')),
  answer     TEXT NOT NULL CHECK (answer IN ('found','not_found','shelter')),
  opened_at  INTEGER NOT NULL CHECK (opened_at > 0),
  misses     INTEGER NOT NULL DEFAULT 0 CHECK (misses >= 0),
  missed_at  INTEGER NOT NULL DEFAULT 0,
  matched_by TEXT NOT NULL DEFAULT '' CHECK (matched_by IN ('','phone','name','lead')),
  matched_at INTEGER NOT NULL DEFAULT 0,
  caller     TEXT NOT NULL DEFAULT '' CHECK (caller IN ('','self','family','agent')),
  proxy      TEXT NOT NULL DEFAULT '',
  purpose    TEXT NOT NULL DEFAULT '',
  purpose_at INTEGER NOT NULL DEFAULT 0,
  ended_at   INTEGER NOT NULL DEFAULT 0,
  CHECK ((answer = 'not_found') = (letter_id IS NULL)),
  CHECK (answer = 'found' OR (matched_by = '' AND misses = 0)),
  CHECK ((matched_by = '') = (matched_at = 0)),
  CHECK ((misses = 0) = (missed_at = 0)),
  CHECK ((purpose = '') = (purpose_at = 0)),
  CHECK (purpose = '' OR matched_by <> ''),
  CHECK ((purpose = '') = (caller = '')),
  CHECK (proxy = '' OR caller IN ('family','agent'))
) STRICT;
CREATE INDEX caller_call_missed ON caller_call (letter_id, missed_at) WHERE misses > 0;
CREATE INDEX caller_call_user ON caller_call (user_name, opened_at);

-- A field that is shown unmasked, and until when.
CREATE TABLE call_reveal (
  call_id     TEXT NOT NULL REFERENCES caller_call (call_id),
  field       TEXT NOT NULL CHECK (field IN ('name','address','phone','supply_point','letter')),
  shown_until INTEGER NOT NULL CHECK (shown_until > 0),
  PRIMARY KEY (call_id, field)
) STRICT;

CREATE TABLE inquiry (
  inquiry_id INTEGER PRIMARY KEY AUTOINCREMENT,
  call_id    TEXT NOT NULL UNIQUE REFERENCES caller_call (call_id),
  letter_id  TEXT REFERENCES letter (letter_id),
  user_name  TEXT NOT NULL CHECK (user_name <> ''),
  at         INTEGER NOT NULL CHECK (at > 0),
  caller     TEXT NOT NULL CHECK (caller IN ('','self','family','agent')),
  proxy      TEXT NOT NULL,
  purpose    TEXT NOT NULL,
  outcome    TEXT NOT NULL CHECK (outcome IN ('explained','call_back','handed_on','not_confirmed','not_found')),
  harm       INTEGER NOT NULL CHECK (harm IN (0,1)),
  note       TEXT NOT NULL CHECK (length(note) <= 2000)
) STRICT;
CREATE INDEX inquiry_letter ON inquiry (letter_id);
CREATE INDEX inquiry_at ON inquiry (at);

-- What a caller wishes; 広報 decides it, and nothing changes by itself.
CREATE TABLE wish (
  wish_id     INTEGER PRIMARY KEY AUTOINCREMENT,
  inquiry_id  INTEGER NOT NULL REFERENCES inquiry (inquiry_id),
  letter_id   TEXT REFERENCES letter (letter_id),
  kind        TEXT NOT NULL CHECK (kind IN ('resend','address','no_contact','answer')),
  postal_code TEXT NOT NULL CHECK (length(postal_code) IN (0,7) AND ltrim(postal_code,'0123456789') = ''),
  address     TEXT NOT NULL,
  building    TEXT NOT NULL,
  state       TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open','accepted','declined')),
  decided_by  TEXT NOT NULL DEFAULT '',
  decided_at  INTEGER NOT NULL DEFAULT 0,
  answer      TEXT NOT NULL DEFAULT '',
  decision_id INTEGER REFERENCES decision (decision_id),
  UNIQUE (inquiry_id, kind),
  CHECK (kind = 'answer' OR letter_id IS NOT NULL),
  CHECK ((kind = 'address') = (address <> '')),
  CHECK ((state = 'open') = (decided_by = '')),
  CHECK ((state = 'open') = (decided_at = 0)),
  CHECK ((state = 'open') = (answer = ''))
) STRICT;
CREATE INDEX wish_open ON wish (state, wish_id);

-- 連絡不要: rows of this person at this address are held by later plans.
CREATE TABLE no_contact (
  fold_key   TEXT PRIMARY KEY CHECK (fold_key <> ''),
  letter_id  TEXT NOT NULL REFERENCES letter (letter_id),
  wish_id    INTEGER NOT NULL REFERENCES wish (wish_id),
  decided_by TEXT NOT NULL CHECK (decided_by <> ''),
  decided_at INTEGER NOT NULL CHECK (decided_at > 0)
) STRICT;

-- What the supervisor of the call center must look at.
CREATE TABLE supervision (
  supervision_id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind      TEXT NOT NULL CHECK (kind IN ('misses','shelter','many','stopped')),
  user_name TEXT NOT NULL CHECK (user_name <> ''),
  letter_id TEXT REFERENCES letter (letter_id),
  call_id   TEXT REFERENCES caller_call (call_id),
  looks     INTEGER NOT NULL DEFAULT 0,
  at        INTEGER NOT NULL CHECK (at > 0),
  seen_by   TEXT NOT NULL DEFAULT '',
  seen_at   INTEGER NOT NULL DEFAULT 0,
  answer    TEXT NOT NULL DEFAULT '',
  CHECK ((kind IN ('misses','shelter')) = (letter_id IS NOT NULL)),
  CHECK ((seen_by = '') = (seen_at = 0)),
  CHECK ((seen_by = '') = (answer = '')),
  CHECK (seen_by <> user_name)
) STRICT;
CREATE INDEX supervision_open ON supervision (seen_at, supervision_id);
CREATE INDEX supervision_letter ON supervision (letter_id) WHERE kind = 'misses';

-- The briefing record (説明の記録): every line stays, the newest counts.
CREATE TABLE briefing (
  briefing_id INTEGER PRIMARY KEY AUTOINCREMENT,
  month       TEXT NOT NULL,
  retailer    TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('planned','done')),
  held_on     TEXT NOT NULL CHECK (length(held_on) = 10),
  method      TEXT NOT NULL CHECK (method IN ('visit','online','phone','received')),
  briefer     TEXT NOT NULL CHECK (briefer <> ''),
  receiver    TEXT NOT NULL,
  packet_hash TEXT NOT NULL CHECK (length(packet_hash) = 64),
  note        TEXT NOT NULL CHECK (length(note) <= 2000),
  recorded_by TEXT NOT NULL CHECK (recorded_by <> ''),
  recorded_at INTEGER NOT NULL CHECK (recorded_at > 0),
  FOREIGN KEY (month, retailer) REFERENCES packet (month, retailer),
  CHECK (state = 'planned' OR receiver <> '')
) STRICT;
CREATE INDEX briefing_retailer ON briefing (retailer, month);

CREATE TABLE packet_download (
  download_id INTEGER PRIMARY KEY AUTOINCREMENT,
  month       TEXT NOT NULL,
  retailer    TEXT NOT NULL,
  name        TEXT NOT NULL CHECK (name <> ''),
  sha256      TEXT NOT NULL CHECK (length(sha256) = 64),
  size        INTEGER NOT NULL CHECK (size >= 0),
  packet_hash TEXT NOT NULL CHECK (length(packet_hash) = 64),
  user_name   TEXT NOT NULL CHECK (user_name <> ''),
  at          INTEGER NOT NULL CHECK (at > 0),
  FOREIGN KEY (month, retailer) REFERENCES packet (month, retailer)
) STRICT;
CREATE INDEX packet_download_retailer ON packet_download (retailer, month);

-- The ways a letter is searched without its number, and 支援措置 by person.
CREATE INDEX recipient_postal ON recipient (postal_code);
CREATE INDEX recipient_last_four ON recipient (substr(phone, length(phone) - 3)) WHERE length(phone) >= 4;
CREATE INDEX source_row_shelter ON source_row (fold_key) WHERE handling = 'shelter';

-- +goose Down
DROP INDEX source_row_shelter;
DROP INDEX recipient_last_four;
DROP INDEX recipient_postal;
DROP TABLE packet_download;
DROP TABLE briefing;
DROP TABLE supervision;
DROP TABLE no_contact;
DROP TABLE wish;
DROP TABLE inquiry;
DROP TABLE call_reveal;
DROP TABLE caller_call;
DROP TABLE look_count;
