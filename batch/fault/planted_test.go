package fault

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bug is a fault that is planted into the program's source for one build, by
// `go build -overlay`: the tree and the normal build never hold it.
type bug struct {
	name, file, old, new string
}

func bugs() []bug {
	return []bug{
		{"queued again at start", "letters/store/mailwork.go",
			"c.expire(ctx, letters.HandingOver, letters.Uncertain, letters.NoGuard, at, now)",
			"c.expire(ctx, letters.HandingOver, letters.QueuedEmail, letters.ByToken, at, now)"},
		{"marked before sent", "batch/email/queue.go",
			"\t\tif errs[i] = c.err; c.stepped {\n",
			"\t\tif errs[i] = c.err; c.stepped {\n\t\t\tmarked := c.step\n" +
				"\t\t\tmarked.From, marked.To, marked.Guard, marked.Token = letters.HandingOver, letters.Accepted, letters.ByAnswer, c.step.Token+1\n" +
				"\t\t\tq.Ledger.StepEach(ctx, []letters.Step{marked})\n"},
		{"no fsync before rename", "batch/printing/stage.go",
			`err = disk.Sync("file of print run", f)`, "err = nil"},
		{"shared PDF buffer", "cmd/oshirase/mailer.go",
			"\tvar b bytes.Buffer\n\tr, err := p.Make(&l, &b)", "\tb := &planted\n\tb.Reset()\n\tr, err := p.Make(&l, b)"},
		{"claim without MATERIALIZED", "letters/store/mailwork.go",
			"", ""}, // see planted
	}
}

// dropBugs are planted on the way to the printer's server. Each is caught under
// the endings by which it shows.
func dropBugs() []dropBug {
	return []dropBug{
		{"fetch=50,ok=20,torn=30", bug{"renamed before read back", "batch/printing/remote.go",
			"\treturn verify(c, temp, run)\n", "\treturn nil\n"}},
		{"fetch=80,slow=20", bug{"no marker before rename", "batch/printing/drop.go",
			"d.note(run, asked)", "d.note(run, begun)"}},
		{"fetch=80,slow=20", bug{"dropped again at start", "batch/printing/drop.go",
			"string(mark) != begun, stay)", "false, stay)"}},
		{"late=50,ok=50", bug{"written again though asked for", "batch/printing/drop.go",
			"!errors.Is(err, errContent) {\n\t\treturn err", "err != nil && !errors.Is(err, errContent) {\n\t\treturn err"}},
	}
}

type dropBug struct {
	endings string
	bug
}

// planted is the source with the bug. The text it changes must be there once.
func (b bug) planted(t *testing.T) map[string]string {
	t.Helper()
	path := filepath.Join(module(t), b.file)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	source := string(raw)
	if b.old == "" {
		return map[string]string{path: unmaterialized(t, source)}
	}
	if n := strings.Count(source, b.old); n != 1 {
		t.Fatalf("%s: %q stands %d times in %s: plant the bug anew", b.name, b.old, n, b.file)
	}
	source = strings.Replace(source, b.old, b.new, 1)
	if strings.Contains(b.new, "&planted") {
		source += "\nvar planted bytes.Buffer\n"
	}
	return map[string]string{path: source}
}

// unmaterialized makes the claim a plain subquery, as it stands in many
// handbooks.
func unmaterialized(t *testing.T, source string) string {
	t.Helper()
	const begin, end = "sqlClaimEmailPostgres = `", "RETURNING ` + dispatchColumns"
	before, rest, found := strings.Cut(source, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatal("the claim of e-mails does not stand where it stood: plant the bug anew")
	}
	return before + begin + `UPDATE dispatch d SET state = 'claimed', token = d.token + 1, lease_owner = $3, leased_until = $4,
		attempts = d.attempts + 1
		WHERE (d.letter_id, d.generation) IN (SELECT letter_id, generation FROM dispatch
		WHERE state = 'queued_email' AND post_on <= $1
		ORDER BY month, letter_id LIMIT $2 FOR UPDATE SKIP LOCKED)
		` + end + after
}

// TestPlantedBugsApply: every planted bug still finds its place.
func TestPlantedBugsApply(t *testing.T) {
	t.Parallel()
	for _, b := range bugs() {
		b.planted(t)
	}
	for _, b := range dropBugs() {
		b.planted(t)
	}
}
