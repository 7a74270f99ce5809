package store

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oshirase/letters"
)

// column is a column as far as both databases can say it alike.
type column struct {
	Tab, Col, Typ string
	Filled        bool
	Pk            int
}

const sqliteColumns = `SELECT m.name AS tab, c.name AS col, lower(c.type) AS typ, (c."notnull" = 1 OR c.pk > 0) AS filled, c.pk AS pk
	FROM sqlite_master m JOIN pragma_table_info(m.name) c
	WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'goose%'
	ORDER BY m.name, c.name`

const postgresColumns = `SELECT c.table_name AS tab, c.column_name AS col, c.data_type AS typ, c.is_nullable = 'NO' AS filled,
	COALESCE((SELECT k.ordinal_position FROM information_schema.table_constraints t
	JOIN information_schema.key_column_usage k ON k.constraint_name = t.constraint_name AND k.table_schema = t.table_schema
	AND k.table_name = t.table_name
	WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = c.table_schema AND t.table_name = c.table_name
	AND k.column_name = c.column_name), 0) AS pk
	FROM information_schema.columns c
	WHERE c.table_schema = current_schema() AND c.table_name NOT LIKE 'goose%'`

func columns(t *testing.T, s *Store, q string) []column {
	t.Helper()
	var list []column
	must(t, s.db.Select(&list, q))
	for i := range list {
		list[i].Typ = strings.Replace(list[i].Typ, "bigint", "integer", 1)
	}
	slices.SortFunc(list, func(a, b column) int { return strings.Compare(a.Tab+"."+a.Col, b.Tab+"."+b.Col) })
	return list
}

func TestBothSchemasAreAlike(t *testing.T) {
	t.Parallel()
	lite := columns(t, openAt(t, sqliteTarget(t)), sqliteColumns)
	post := columns(t, openAt(t, postgresTarget(t)), postgresColumns)
	if len(lite) < 150 {
		t.Fatalf("only %d columns", len(lite))
	}
	for _, c := range lite {
		if !slices.Contains(post, c) {
			t.Errorf("only on SQLite: %+v", c)
		}
	}
	for _, c := range post {
		if !slices.Contains(lite, c) {
			t.Errorf("only on PostgreSQL: %+v", c)
		}
	}
}

// nonsense is what no caller may ever be able to store.
var nonsense = map[string]string{
	"letter ID of 15 digits": `INSERT INTO letter (letter_id, month, kind, person_key, fold_key, facts, planned_at) VALUES ('123456789012345','2023-02','first','p','f','x',1)`,
	"letter ID with letter":  `INSERT INTO letter (letter_id, month, kind, person_key, fold_key, facts, planned_at) VALUES ('123456789012345x','2023-02','first','p','f','x',1)`,
	"letter of no month":     `INSERT INTO letter (letter_id, month, kind, person_key, fold_key, facts, planned_at) VALUES ('1234567890123456','2024-02','first','p','f','x',1)`,
	"unknown state":          `UPDATE dispatch SET state = 'lost'`,
	"rendered without hash":  `UPDATE dispatch SET content_hash = '', pages = 0`,
	"hash without pages":     `UPDATE dispatch SET pages = 0`,
	"lease without claim":    `UPDATE dispatch SET lease_owner = 'w'`,
	"claim without lease":    `UPDATE dispatch SET state = 'claimed'`,
	"held for no reason":     `UPDATE dispatch SET state = 'held_review'`,
	"two in hand":            `INSERT INTO dispatch (letter_id, generation, month, recipient_id, channel, state, token, decision_id, content_hash, pages) SELECT letter_id, 2, month, recipient_id, channel, 'uncertain', 9, 1, content_hash, pages FROM dispatch WHERE state = 'uncertain'`,
	"re-sending undecided":   `INSERT INTO dispatch (letter_id, generation, month, recipient_id, channel, state, token) SELECT letter_id, 2, month, recipient_id, channel, 'planned', 9 FROM dispatch`,
	"other's recipient":      `UPDATE dispatch SET recipient_id = (SELECT MAX(recipient_id) FROM recipient WHERE letter_id <> dispatch.letter_id)`,
	"event changed":          `UPDATE letter_event SET actor = 'x'`,
	"event removed":          `DELETE FROM letter_event`,
	"audit line changed":     `UPDATE audit_record SET line = 'x'`,
	"audit line removed":     `DELETE FROM audit_record`,
	"approved by nobody":     `UPDATE month_batch SET approved_by = ''`,
	"approver in open month": `UPDATE month_batch SET state = 'open'`,
	"own approval":           `INSERT INTO approval_preparer (approval_id, approved_by, prepared_by) VALUES (1, 'kei', 'kei')`,
	"own decision":           `UPDATE decision SET confirmed_by = proposed_by, confirmed_at = 1`,
	"confirmed at no time":   `UPDATE decision SET confirmed_by = 'kei'`,
	"withdrawn by nobody":    `UPDATE decision SET withdrawn_at = 1`,
	"both at once":           `UPDATE decision SET confirmed_by = 'kei', confirmed_at = 1, withdrawn_by = 'hiro', withdrawn_at = 1`,
	"receipt line of none":   `INSERT INTO receipt_line (receipt_id, row_no, letter_id, generation, state, reported, reason, pages, result) VALUES (9, 1, '1234567890123456', 1, 'posted', '', '', 0, 'applied')`,
	"row of no outcome":      `UPDATE source_row SET outcome = 'lost'`,
	"held row, no reason":    `UPDATE source_row SET outcome = 'held', reason = ''`,
	"letter row, no letter":  `UPDATE source_row SET letter_id = NULL`,
	"rejected with facts":    `UPDATE source_row SET outcome = 'rejected', rejected = 1, reason = 'problem'`,
	"short supply point":     `UPDATE source_row SET supply_point = '0912'`,
	"dates reversed":         `UPDATE source_row SET last_on = '2000-01-01'`,
	"same content twice":     `INSERT INTO source_file (month, sha256, bytes, name, format, encoding, imported_by, staged_at) SELECT month, sha256, bytes, name, format, encoding, imported_by, staged_at FROM source_file`,
	"active since never":     `UPDATE source_file SET activated_at = 0`,
	"withdrawn at no time":   `UPDATE source_file SET state = 'withdrawn'`,
	"case told twice":        `INSERT INTO letter_case (letter_id, case_id, case_key, version, link) SELECT l.letter_id, lc.case_id, lc.case_key, lc.version, 'told' FROM letter_case lc, letter l WHERE l.letter_id <> lc.letter_id`,
	"unknown role":           `INSERT INTO staff (user_name, role, password_hash, created_at) VALUES ('a','boss','',1)`,
	"lead of no one":         `INSERT INTO staff (user_name, role, password_hash, created_at, lead) VALUES ('a','audit','',1,1)`,
	"session of nobody":      `INSERT INTO desk_session (token_hash, user_name, way, client, began_at, seen_at, proved_at) VALUES ('` + strings.Repeat("a", 64) + `','ghost','local','',1,1,1)`,
	"door of another kind":   `INSERT INTO sign_in_door (kind, key_hash, wrong, last_at) VALUES ('house','0123456789abcdef',1,1)`,
	"door by its name":       `INSERT INTO sign_in_door (kind, key_hash, wrong, last_at) VALUES ('account','kana',1,1)`,
	"session by its token":   `INSERT INTO desk_session (token_hash, user_name, way, client, began_at, seen_at, proved_at) SELECT 'token', user_name, 'local', '', 1, 1, 1 FROM staff`,
	"retailer of nobody":     `INSERT INTO staff_retailer (user_name, retailer) VALUES ('ghost','A0001')`,
	"text for a number":      `UPDATE dispatch SET token = 'many'`,
	"run whole and empty":    `INSERT INTO print_run (run_id, month, class, post_on, state, letters, sheets, manifest, made_at, finished_at) VALUES ('r','2023-02','c','','handed_over',0,0,'',1,1)`,
}

func TestNonsenseIsRefused(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		released(t, s, 1, 4)
		must(t, s.AddUser(t.Context(), letters.User{Name: "rin", Role: letters.RoleAudit}))
		uncertainPrint(t, s, "run-1")
		_, err := s.Propose(t.Context(), proposal(letters.ActResendPrint, sampleID(1)), start())
		must(t, err)
		if _, err := s.db.Exec(`INSERT INTO audit_record (n, line) VALUES (1, 'x')`); err != nil {
			t.Fatal(err)
		}
		for name, q := range nonsense {
			if _, err := s.db.ExecContext(t.Context(), q); err == nil {
				t.Errorf("%s was stored", name)
			}
		}
		for _, q := range []string{`UPDATE dispatch SET reply = reply`, `UPDATE source_row SET name = name`} {
			if _, err := s.db.ExecContext(t.Context(), q); err != nil {
				t.Errorf("a harmless change is refused: %v", err)
			}
		}
	})
}

// uncertainPrint leaves the queued letters of the month uncertain.
func uncertainPrint(t testing.TB, s *Store, runID string) []letters.Dispatch {
	t.Helper()
	classes, err := s.QueuedClasses(t.Context())
	must(t, err)
	run := letters.PrintRun{ID: runID, Month: feb, Class: classes[0].Class, PostOn: classes[0].PostOn}
	got, err := s.ClaimPrint(t.Context(), "w1", run, 1000, 1)
	must(t, err)
	must(t, s.DoubtRun(t.Context(), run, nil))
	return got
}

func TestOlderAndNewerSchemas(t *testing.T) {
	t.Parallel()
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			target := b.target(t)
			if _, err := Open(t.Context(), target, testOptions()); !errors.Is(err, ErrSchemaOlder) {
				t.Fatalf("empty database: %v, want ErrSchemaOlder", err)
			}
			s := openAt(t, target)
			if len(s.LedgerID()) != 32 || len(s.Epoch()) != 32 || s.LedgerID() == s.Epoch() {
				t.Errorf("ledger id %q, epoch %q", s.LedgerID(), s.Epoch())
			}
			must(t, Migrate(t.Context(), target, testOptions()))
			again, err := Open(t.Context(), target, testOptions())
			must(t, err)
			if again.LedgerID() != s.LedgerID() || again.Epoch() != s.Epoch() {
				t.Error("a second migrate gave the ledger another id")
			}
			must(t, again.Close())
			if _, err := s.db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, ` + yes(s) + `)`); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(t.Context(), target, testOptions()); !errors.Is(err, ErrSchemaNewer) {
				t.Errorf("newer schema: %v, want ErrSchemaNewer", err)
			}
			if err := Migrate(t.Context(), target, testOptions()); !errors.Is(err, ErrSchemaNewer) {
				t.Errorf("migrate on a newer schema: %v, want ErrSchemaNewer", err)
			}
		})
	}
}

func yes(s *Store) string {
	if s.postgres {
		return "true"
	}
	return "1"
}

func TestBackupIsAWholeLedger(t *testing.T) {
	t.Parallel()
	s := openAt(t, sqliteTarget(t))
	planned(t, s, feb, 1, 3)
	path := filepath.Join(t.TempDir(), "copy.db")
	must(t, s.Backup(t.Context(), path))
	again, err := Open(t.Context(), path, testOptions())
	must(t, err)
	defer func() { must(t, again.Close()) }()
	all, _, err := again.StateCounts(t.Context(), feb)
	must(t, err)
	if all[letters.Planned] != 3 || again.LedgerID() != s.LedgerID() {
		t.Errorf("copy holds %v of ledger %s", all, again.LedgerID())
	}
}

func TestRemoteServersNeedVerifiedTLS(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"postgres://u@db.example.jp/x":                 "sslmode=verify-full",
		"postgres://u@10.0.0.7/x":                      "sslmode=verify-full",
		"postgres://u@localhost/x":                     "sslmode=disable",
		"postgres://u@127.0.0.1:5432/x":                "sslmode=disable",
		"postgres:///x?host=/run/postgresql":           "sslmode=disable",
		"postgres://u@db.example.jp/x?sslmode=require": "sslmode=require",
	} {
		got, err := secured(target)
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%s becomes %s, %v; want %s", target, got, err, want)
		}
	}
}
