package fault

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// stage is what some failpoints need before a life can reach them.
type stage struct {
	refuser string // port of a mail server that refuses everybody
	damaged map[string]bool
}

// set brings about what the life's failpoint needs. It may cost lives of its
// own, which are returned.
func (s *stage) set(h *house, r *rand.Rand, l *life) (spent []life, deaths []death) {
	h.t.Helper()
	live := func(l life) death {
		d := h.live(l)
		spent, deaths = append(spent, l), append(deaths, d)
		return d
	}
	switch _, what, _ := strings.Cut(bare(l.point), ": "); what {
	case "torn end of journal":
		h.tearJournal()
	case "record brake":
		l.vars, l.after = s.refusals(), lifetime
	case "release brake":
		l.after = 3 * time.Second // the first mail may be refused, and the brake stays on
		live(life{vars: s.refusals(), after: lifetime})
	case "doubt print run":
		if live(life{point: "before commit: finish print run@1", after: lifetime}).killed {
			s.damageRun(h, r)
		}
	}
	return spent, deaths
}

// refusals has work meet nothing but refusals, and stop after a few.
func (s *stage) refusals() map[string]string {
	return map[string]string{"OSHIRASE_MAIL_PORT": s.refuser, "OSHIRASE_MAIL_BRAKE_AFTER": "3"}
}

// tearJournal leaves half a line at the journal's end, as a crash does of a
// write that nobody waited for.
func (h *house) tearJournal() {
	h.t.Helper()
	raw, err := os.ReadFile(h.path("journal.jsonl"))
	if os.IsNotExist(err) || err == nil && !bytes.HasSuffix(raw, []byte("\n")) {
		return // there is none, or it is torn already
	}
	h.must(err)
	half := raw[bytes.LastIndexByte(raw[:len(raw)-1], '\n')+1:]
	h.must(os.WriteFile(h.path("journal.jsonl"), append(raw, half[:len(half)/2]...), 0o600))
}

// damageRun tears a file of the run that stands before the printer and that
// the ledger has not recorded.
func (s *stage) damageRun(h *house, r *rand.Rand) {
	h.t.Helper()
	for _, run := range h.openRuns() {
		found, err := filepath.Glob(filepath.Join(h.path("print"), run, "*.pdf"))
		h.must(err)
		if len(found) == 0 {
			continue // the power took it
		}
		damage(h.t, r, found[r.IntN(len(found))])
		s.damaged[run] = true
	}
}

// openRuns names the print runs that are being made by the ledger's account.
func (h *house) openRuns() []string {
	h.t.Helper()
	db := h.openDB()
	defer db.Close()
	rows, err := db.Query(`SELECT run_id FROM print_run WHERE state = 'making'`)
	h.must(err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var run string
		h.must(rows.Scan(&run))
		out = append(out, run)
	}
	h.must(rows.Err())
	return out
}

// receipt books what the printer reports: of each uncertain letter that it was
// posted. It returns how many there were.
func (h *house) receipt() int {
	h.t.Helper()
	lines := []string{"お問合せ番号,状態,投函日"}
	for _, l := range h.ledger() {
		if l.state == "uncertain" {
			lines = append(lines, fmt.Sprintf("%s,投函済,2023/2/8", l.id))
		}
	}
	if len(lines) > 1 {
		h.write("receipt.csv", strings.Join(lines, "\r\n")+"\r\n")
		h.ok("print", "receipt", h.path("receipt.csv"))
	}
	return len(lines) - 1
}
