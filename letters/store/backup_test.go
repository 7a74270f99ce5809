package store

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"oshirase/letters"
)

// dumped keeps a snapshot as text, one line a row, and can give it back.
type dumped struct {
	tables []string
	rows   map[string][][]any
	cols   map[string][]string
}

func (d *dumped) Table(name string, columns []string) error {
	if d.rows == nil {
		d.rows, d.cols = map[string][][]any{}, map[string][]string{}
	}
	d.tables = append(d.tables, name)
	d.rows[name], d.cols[name] = nil, columns
	return nil
}

func (d *dumped) Row(values []any) error {
	row := slices.Clone(values)
	for i, v := range row {
		if b, ok := v.([]byte); ok {
			row[i] = string(b)
		}
	}
	name := d.tables[len(d.tables)-1]
	d.rows[name] = append(d.rows[name], row)
	return nil
}

func (d *dumped) fill(l *Load) error {
	for _, name := range d.tables {
		if err := l.Table(name, d.cols[name]); err != nil {
			return err
		}
		for _, row := range d.rows[name] {
			if err := l.Row(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// text writes the tables so that two ledgers can be compared: columns by name,
// rows in order, without what a restoration changes.
func (d *dumped) text(t *testing.T) string {
	t.Helper()
	var lines []string
	for _, name := range d.tables {
		for _, row := range d.rows[name] {
			all := map[string]any{}
			for i, c := range d.cols[name] {
				all[c] = row[i]
			}
			raw, err := json.Marshal(all)
			must(t, err)
			if line := name + " " + string(raw); name != "restoration" && !strings.Contains(line, `"key":"epoch"`) {
				lines = append(lines, line)
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func snapshot(t *testing.T, s *Store) (*dumped, int64) {
	t.Helper()
	d := &dumped{}
	must(t, s.Snapshot(t.Context(), d))
	schema, err := s.Schema(t.Context())
	must(t, err)
	return d, schema
}

// busyLedger has letters in many states, decisions and a print run.
func busyLedger(t *testing.T, s *Store) {
	t.Helper()
	released(t, s, 1, 6)
	uncertainPrint(t, s, "run-1")
	_, err := s.Propose(t.Context(), proposal(letters.ActResendPrint, sampleID(1)), start())
	must(t, err)
	must(t, s.AddUser(t.Context(), letters.User{Name: "kei", Role: letters.RoleApprove, PasswordHash: "x"}))
	must(t, s.SetHome(t.Context(), "home-1", 3, "hash", s.Epoch()))
}

// A ledger of either kind is restored into either kind, row for row, under a
// new epoch that two people must decide, and can be worked with.
func TestRestoreIntoEither(t *testing.T) {
	t.Parallel()
	for _, from := range backends() {
		for _, to := range backends() {
			t.Run(from.name+" into "+to.name, func(t *testing.T) {
				t.Parallel()
				s := openAt(t, from.target(t))
				busyLedger(t, s)
				want, schema := snapshot(t, s)
				target := to.target(t)
				must(t, Restore(t.Context(), target, testOptions(), schema, start().UnixMicro(), want.fill))
				back := openAt(t, target)
				got, _ := snapshot(t, back)
				if got.text(t) != want.text(t) {
					t.Errorf("restored:\n%.2000s\nwas:\n%.2000s", got.text(t), want.text(t))
				}
				if back.Epoch() == s.Epoch() || back.LedgerID() != s.LedgerID() {
					t.Errorf("epoch %s, was %s", back.Epoch(), s.Epoch())
				}
				r, waits, err := back.Restored(t.Context())
				if err != nil || !waits || r.Epoch != back.Epoch() || r.TakenAt != start().UnixMicro() {
					t.Errorf("restoration %+v, %v, %v", r, waits, err)
				}
				whole(t, back)
				// Numbers go on behind the highest.
				id, err := back.Propose(t.Context(), proposal(letters.ActUnreachable, sampleID(6)), start())
				if err != nil || id != 2 {
					t.Errorf("next decision is %d, %v", id, err)
				}
			})
		}
	}
}

// Nothing half is left: a fill that fails, a ledger that is not empty, a
// backup of a newer program.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, sqliteTarget(t))
			busyLedger(t, s)
			d, schema := snapshot(t, s)
			target := b.target(t)
			stop := errors.New("stop")
			err := Restore(t.Context(), target, testOptions(), schema, 1, func(l *Load) error {
				return firstError(d.fill(l), stop)
			})
			if !errors.Is(err, stop) {
				t.Errorf("failing fill: %v", err)
			}
			must(t, Restore(t.Context(), target, testOptions(), schema, 1, d.fill)) // run again
			if err := Restore(t.Context(), target, testOptions(), schema, 1, d.fill); !errors.Is(err, ErrNotEmpty) {
				t.Errorf("into a ledger: %v", err)
			}
			if err := Restore(t.Context(), b.target(t), testOptions(), schema+1, 1, d.fill); !errors.Is(err, ErrSchemaNewer) {
				t.Errorf("of a newer program: %v", err)
			}
		})
	}
}

// Every table of the schema is in a backup, or left out by name.
func TestSnapshotHasEveryTable(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		d, _ := snapshot(t, s)
		all, err := s.reader().tables(t.Context())
		must(t, err)
		for _, name := range all {
			if slices.Contains(d.tables, name) == slices.Contains(notKept(), name) {
				t.Errorf("table %s", name)
			}
		}
		if len(d.tables) < 25 || slices.Index(d.tables, "letter") > slices.Index(d.tables, "dispatch") {
			t.Errorf("tables %v", d.tables)
		}
	})
}

// meddling writes into the ledger while its snapshot is being read.
type meddling struct {
	dumped
	write func() error
}

func (m *meddling) Table(name string, columns []string) error {
	if m.write != nil {
		if err := m.write(); err != nil {
			return err
		}
		m.write = nil
	}
	return m.dumped.Table(name, columns)
}

// A snapshot is of one moment: it neither holds up who writes meanwhile nor
// has anything of it.
func TestSnapshotIsOfOneMoment(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		busyLedger(t, s)
		before, _ := snapshot(t, s)
		m := &meddling{write: func() error {
			return s.AddUser(t.Context(), letters.User{Name: "late", Role: letters.RoleAudit, PasswordHash: "x"})
		}}
		must(t, s.Snapshot(t.Context(), m))
		if m.text(t) != before.text(t) {
			t.Error("what was written meanwhile is in the snapshot")
		}
		after, _ := snapshot(t, s)
		if after.text(t) == before.text(t) {
			t.Error("what was written is not there afterwards")
		}
	})
}
