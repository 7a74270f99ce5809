package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const home = "home-1"

func fresh(t *testing.T) (*Journal, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	return reopen(t, path), path
}

func reopen(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := Open(path, home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func entry(i int) Entry {
	return Entry{At: int64(i), Kind: HandingOver, Letter: fmt.Sprintf("%016d", i), Generation: 1, Dispatch: "7", Epoch: "e1"}
}

func appendN(t *testing.T, j *Journal, n int) {
	t.Helper()
	for i := range n {
		if _, err := j.Append(t.Context(), entry(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNumberedAcrossOpenings(t *testing.T) {
	t.Parallel()
	j, path := fresh(t)
	appendN(t, j, 3)
	want := j.Head()
	j.Close()
	j = reopen(t, path)
	if got := j.Head(); got != want || got.N != 3 {
		t.Fatalf("head after opening = %v, want %v", got, want)
	}
	h, err := j.Append(t.Context(), Entry{Kind: PrintRun, Run: "R1"})
	if err != nil || h.N != 4 {
		t.Fatalf("Append = %v, %v", h, err)
	}
	var got []string
	for l, err := range j.Since(2) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d %s %s %s", l.N, l.Kind, l.Letter, l.Run))
	}
	if w := []string{"3 handing_over 0000000000000002 ", "4 print_run  R1"}; fmt.Sprint(got) != fmt.Sprint(w) {
		t.Errorf("Since(2) = %q, want %q", got, w)
	}
}

// TestFormat pins the line others may read: the members and the hash rule.
func TestFormat(t *testing.T) {
	t.Parallel()
	j, path := fresh(t)
	appendN(t, j, 1)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"n":1,"at":0,"home":"home-1","kind":"handing_over","letter":"0000000000000000","generation":1,` +
		`"dispatch":"7","run":"","epoch":"e1","prev":"","hash":"` + j.Head().Hash + "\"}\n"
	if string(raw) != want {
		t.Errorf("line\n%s want\n%s", raw, want)
	}
	// printf '%s' '{"n":1,…,"prev":""}' | sha256sum
	if got := j.Head().Hash; got != "4a4eb26b1f0228bcb757b1c32866331b6caa038de07d9cdf778cbe9da18bd165" {
		t.Errorf("hash %s", got)
	}
}

func TestAnyTamperedLineIsNamed(t *testing.T) {
	t.Parallel()
	j, path := fresh(t)
	appendN(t, j, 6)
	j.Close()
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(good, []byte("\n")), []byte("\n"))
	lines[5] = append(bytes.Clone(lines[5]), '\n')
	for i := range lines {
		for what, bad := range tamper(lines, i) {
			if err := os.WriteFile(path, bytes.Join(bad, nil), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(path, home)
			if want := fmt.Sprintf("line %d:", i+1); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s of line %d: %v, want it named", what, i+1, err)
			}
		}
	}
}

// tamper returns the file with line i changed in several ways. What only cuts
// the end off is not among them: the ledger's copy of the head finds that.
func tamper(lines [][]byte, i int) map[string][][]byte {
	edit := func(old, new string) [][]byte {
		c := append([][]byte(nil), lines...)
		c[i] = bytes.Replace(c[i], []byte(old), []byte(new), 1)
		return c
	}
	all := map[string][][]byte{
		"edit":      edit(`"generation":1`, `"generation":2`),
		"other id":  edit(`"dispatch":"7"`, `"dispatch":"8"`),
		"space":     edit(`"at":`, `"at": `),
		"member":    edit(`,"hash"`, `,"x":1,"hash"`),
		"hash":      edit(`"hash":"`, `"hash":"0`),
		"number":    edit(fmt.Sprintf(`"n":%d`, i+1), fmt.Sprintf(`"n":%d`, i+2)),
		"insertion": append(append(append([][]byte(nil), lines[:i]...), []byte("{}\n")), lines[i:]...),
	}
	if i+1 < len(lines) {
		all["deletion"] = append(append([][]byte(nil), lines[:i]...), lines[i+1:]...)
		swapped := append([][]byte(nil), lines...)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		all["swap"] = swapped
		all["garbage"] = edit(`{`, `#`)
	}
	return all
}

func TestTornTailIsCutAndKept(t *testing.T) {
	t.Parallel()
	for _, tail := range []string{`{"n":4,"at":`, "garbage\n", "\x00\x00\x00\x00", "\n"} {
		j, path := fresh(t)
		appendN(t, j, 3)
		j.Close()
		addTo(t, path, tail)
		head, torn, err := Check(path, home)
		if err != nil || head != j.Head() || torn != int64(len(tail)) {
			t.Errorf("tail %q: Check = %v, %d, %v", tail, head, torn, err)
		}
		j = reopen(t, path)
		if j.Torn() != int64(len(tail)) || j.Head().N != 3 {
			t.Errorf("tail %q: torn %d, head %d", tail, j.Torn(), j.Head().N)
		}
		if h, err := j.Append(t.Context(), entry(9)); err != nil || h.N != 4 {
			t.Errorf("tail %q: Append = %v, %v", tail, h, err)
		}
		if kept, err := os.ReadFile(path + ".torn"); err != nil || string(kept) != tail+"\n" {
			t.Errorf("kept %q, %v, want %q", kept, err, tail)
		}
		if head, torn, err := Check(path, home); err != nil || head.N != 4 || torn != 0 {
			t.Errorf("tail %q: afterwards %v, %d, %v", tail, head, torn, err)
		}
	}
}

func addTo(t *testing.T, path, tail string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(tail); err != nil {
		t.Fatal(err)
	}
}

func TestManyGoroutinesNumberWithoutGaps(t *testing.T) {
	t.Parallel()
	j, path := fresh(t)
	count := &faulty{file: j.out}
	j.out = count
	const workers, each = 8, 200
	seen := make([][]int64, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				h, err := j.Append(t.Context(), entry(w*each+i))
				if err != nil {
					t.Error(err)
					return
				}
				seen[w] = append(seen[w], h.N)
			}
		})
	}
	wg.Wait()
	letters := map[int64]string{}
	for l, err := range j.Since(0) {
		if err != nil {
			t.Fatal(err)
		}
		letters[l.N] = l.Letter
	}
	if len(letters) != workers*each || j.Head().N != workers*each {
		t.Fatalf("%d lines, head %d, want %d", len(letters), j.Head().N, workers*each)
	}
	for w, ns := range seen {
		for i, n := range ns {
			if want := fmt.Sprintf("%016d", w*each+i); letters[n] != want {
				t.Fatalf("number %d was given for letter %s, the file has %s", n, want, letters[n])
			}
		}
	}
	j.Close()
	reopen(t, path)
	t.Logf("%d entries in %d fsyncs", workers*each, count.syncs)
	if count.syncs > workers*each || count.syncs == 0 {
		t.Errorf("%d fsyncs for %d entries", count.syncs, workers*each)
	}
}

// faulty fails its write or its sync from the given call on.
type faulty struct {
	file
	writes, syncs         int
	failWrite, failSyncAt int
}

var errDisk = errors.New("disk says no")

func (f *faulty) Write(p []byte) (int, error) {
	f.writes++
	if f.writes == f.failWrite {
		n, _ := f.file.Write(p[:len(p)/2])
		return n, errDisk
	}
	return f.file.Write(p)
}

func (f *faulty) Sync() error {
	f.syncs++
	if f.syncs == f.failSyncAt {
		return errDisk
	}
	return f.file.Sync()
}

func TestAfterAFailureNothingIsAppended(t *testing.T) {
	t.Parallel()
	for what, bad := range map[string]faulty{"write": {failWrite: 2}, "sync": {failSyncAt: 2}} {
		j, path := fresh(t)
		bad.file = j.out
		j.out = &bad
		appendN(t, j, 1)
		for range 2 { // the second call finds a healthy disk and is refused all the same
			if _, err := j.Append(t.Context(), entry(1)); !errors.Is(err, ErrBroken) || !errors.Is(err, errDisk) {
				t.Errorf("failing %s: Append = %v, want ErrBroken", what, err)
			}
		}
		if bad.writes != 2 {
			t.Errorf("failing %s: %d writes, want 2", what, bad.writes)
		}
		if j.Head().N != 1 {
			t.Errorf("failing %s: head %d, want 1", what, j.Head().N)
		}
		j.Close()
		if j := reopen(t, path); what == "write" && (j.Head().N != 1 || j.Torn() == 0) {
			t.Errorf("after the failed write: head %d, torn %d", j.Head().N, j.Torn())
		}
	}
}

func TestSecondOpenerIsRefused(t *testing.T) {
	t.Parallel()
	j, path := fresh(t)
	if _, err := Open(path, home); !errors.Is(err, ErrLocked) {
		t.Errorf("second Open = %v, want ErrLocked", err)
	}
	if _, _, err := Check(path, home); err != nil {
		t.Errorf("Check beside a worker: %v", err)
	}
	j.Close()
	if _, err := j.Append(t.Context(), entry(1)); !errors.Is(err, ErrBroken) {
		t.Errorf("Append after Close = %v", err)
	}
	reopen(t, path)
}

func TestOtherHomeIsRefused(t *testing.T) {
	t.Parallel()
	j, path := fresh(t)
	appendN(t, j, 1)
	j.Close()
	if _, err := Open(path, "home-2"); !errors.Is(err, ErrHome) {
		t.Errorf("Open with another home = %v, want ErrHome", err)
	}
}

func TestOnlyIDsGoIn(t *testing.T) {
	t.Parallel()
	j, _ := fresh(t)
	bad := []Entry{
		{Kind: HandingOver},
		{Kind: PrintRun},
		{Kind: "guess", Letter: "1"},
		{Kind: Note, Letter: "電力 太郎"},
		{Kind: Note, Dispatch: "a@example.jp"},
		{Kind: Note, Run: strings.Repeat("1", 81)},
		{Kind: Note, Generation: -1},
	}
	for _, e := range bad {
		if _, err := j.Append(t.Context(), e); !errors.Is(err, ErrBadEntry) {
			t.Errorf("Append(%+v) = %v, want ErrBadEntry", e, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := j.Append(ctx, entry(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := j.Append(t.Context(), entry(1)); err != nil || j.Head().N != 1 {
		t.Errorf("afterwards: %v, head %d", err, j.Head().N)
	}
}

func TestSinceNoticesWhatIsGone(t *testing.T) {
	t.Parallel()
	j, path := fresh(t)
	appendN(t, j, 3)
	if err := os.Truncate(path, 10); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range j.Since(0) {
		last = err
	}
	if !errors.Is(last, ErrDamaged) {
		t.Errorf("Since over a cut file ended with %v", last)
	}
}

// countSyncs is a journal's file that counts.
type countSyncs struct {
	file
	n int
}

func (c *countSyncs) Sync() error { c.n++; return c.file.Sync() }

func TestAppendAllIsOneSyncAndAllOrNone(t *testing.T) {
	t.Parallel()
	j, path := fresh(t)
	counted := &countSyncs{file: j.out}
	j.out = counted
	if head, err := j.AppendAll(t.Context(), []Entry{entry(1), entry(2), entry(3)}); err != nil || head.N != 3 || counted.n != 1 {
		t.Errorf("head %v, %v after %d syncs, want line 3 after one", head, err, counted.n)
	}
	bad := entry(5)
	bad.Letter = "電力"
	if _, err := j.AppendAll(t.Context(), []Entry{entry(4), bad}); !errors.Is(err, ErrBadEntry) {
		t.Errorf("a bad entry among good ones: %v", err)
	}
	j.Close()
	if got := reopen(t, path).Head().N; got != 3 {
		t.Errorf("%d lines, want the three good ones", got)
	}
}
