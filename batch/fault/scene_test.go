package fault

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"oshirase/batch/fault/reader"
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

// shown are the letters that stand in one of the folders.
func shown(folders []reader.Folder) map[string]bool {
	has := make(map[string]bool)
	for _, f := range folders {
		for _, l := range f.Letters {
			has[l.ID] = true
		}
	}
	return has
}

// settle books what the printer reports of uncertain letters, and has two
// people decide of those that it does not have. It returns how many letters
// were uncertain, and how many of them the printer has.
func (h *house) settle(has map[string]bool) (uncertain, received int) {
	h.t.Helper()
	lines, absent := []string{"お問合せ番号,状態,投函日"}, []string(nil)
	for _, l := range h.ledger() {
		switch {
		case l.state == "uncertain" && has[l.id]:
			lines = append(lines, l.id+",投函済,2023/2/8")
		case l.state == "uncertain":
			absent = append(absent, l.id)
		}
	}
	if received = len(lines) - 1; received > 0 {
		h.write("receipt.csv", strings.Join(lines, "\r\n")+"\r\n")
		h.ok("print", "receipt", h.path("receipt.csv"))
	}
	if len(absent) > 0 {
		h.ok(slices.Concat([]string{"decide"}, absent, []string{"--propose", "not_received", "--reason", "the printer has none of it", "--as", "hana"})...)
		h.ok(slices.Concat([]string{"decide"}, absent, []string{"--confirm", "--as", "jiro"})...)
	}
	return received + len(absent), received
}
