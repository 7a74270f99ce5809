package audit

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func fresh(t *testing.T) (*File, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	return openFile(t, path), path
}

func openFile(t *testing.T, path string) *File {
	t.Helper()
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func entry(i int) Entry {
	return Entry{Actor: "hanako", Action: "show", Object: fmt.Sprintf("%016d", i), Reason: "inquiry <T-1>", Outcome: "shown", Client: "192.0.2.1"}
}

func clock() time.Time { return time.UnixMicro(1675785600000000) }

func appendN(t *testing.T, f *File, n int) {
	t.Helper()
	for i := range n {
		if _, err := Chain(f).Append(t.Context(), []Dated{{clock(), entry(i)}}); err != nil {
			t.Fatal(err)
		}
	}
}

func verifyFile(t *testing.T, f *File, anchors []Anchor, pub ed25519.PublicKey) Report {
	t.Helper()
	rep, err := Verify(f.Since(t.Context(), 0), anchors, pub)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// TestFormat pins the row others may read: its members and the hash rule.
func TestFormat(t *testing.T) {
	t.Parallel()
	f, path := fresh(t)
	appendN(t, f, 1)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// printf '%s' '{"n":1,…,"prev":""}' | sha256sum
	want := `{"n":1,"at":1675785600000000,"actor":"hanako","action":"show","object":"0000000000000000",` +
		`"reason":"inquiry <T-1>","outcome":"shown","client":"192.0.2.1","prev":"","hash":"4310476da56f4533d22379188db9a32453a991bddb0e9ae1c22dfd846ad5f2c6"}` + "\n"
	if string(raw) != want {
		t.Errorf("row\n%s want\n%s", raw, want)
	}
}

func TestHeadAndSince(t *testing.T) {
	t.Parallel()
	f, path := fresh(t)
	appendN(t, f, 3)
	h, err := openFile(t, path).Head(t.Context())
	if err != nil || h.N != 3 || h != f.head {
		t.Errorf("Head = %v, %v, want %v", h, err, f.head)
	}
	var got []int64
	for r, err := range f.Since(t.Context(), 1) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.N)
	}
	if fmt.Sprint(got) != "[2 3]" {
		t.Errorf("Since(1) gave rows %v", got)
	}
}

// TestJumpAgreesWithReading opens chains of several lengths anew: whether the
// last row is found from behind or by reading all, the head is the same.
func TestJumpAgreesWithReading(t *testing.T) {
	t.Parallel()
	f, path := fresh(t)
	for n := range 5 {
		g := openFile(t, path)
		if h, err := g.Head(t.Context()); err != nil || h != f.head || int(h.N) != n {
			t.Errorf("of %d rows: %v, %v, want %v", n, h, err, f.head)
		}
		long := entry(n)
		long.Reason = strings.Repeat("\u2028", maxMember/3) // six bytes each in JSON
		if _, err := Chain(g).Append(t.Context(), []Dated{{clock(), long}}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Head(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if rep := verifyFile(t, f, nil, nil); rep.Bad != nil || rep.Records != 5 {
		t.Errorf("report %+v", rep)
	}
}

func TestFiftyGoroutinesLook(t *testing.T) {
	t.Parallel()
	f, _ := fresh(t)
	w := NewWriter(Chain(f), clock)
	const people, each = 50, 10
	var wg sync.WaitGroup
	for p := range people {
		wg.Go(func() {
			for i := range each {
				if err := w.Look(t.Context(), entry(p*each+i)); err != nil {
					t.Error(err)
					return
				}
				// Durable when Look returns: the file holds it now.
				if i == 0 && !holds(t, f, entry(p*each).Object) {
					t.Errorf("look %d returned before its record stood", p*each)
				}
			}
		})
	}
	wg.Wait()
	seen := map[string]int{}
	for r, err := range f.Since(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		seen[r.Object]++
	}
	if rep := verifyFile(t, f, nil, nil); rep.Bad != nil || rep.Records != people*each || len(seen) != people*each {
		t.Errorf("report %+v, %d objects", rep, len(seen))
	}
}

func holds(t *testing.T, f *File, object string) bool {
	for r, err := range f.Since(t.Context(), 0) {
		if err != nil {
			t.Error(err)
		}
		if r.Object == object {
			return true
		}
	}
	return false
}

func TestNoRecordNoAnswer(t *testing.T) {
	t.Parallel()
	f, _ := fresh(t)
	bad := &broken{file: f.out}
	f.out = bad
	w := NewWriter(Chain(f), clock)
	if err := w.Look(t.Context(), entry(1)); err != nil {
		t.Fatal(err)
	}
	bad.failWrite = true
	if err := w.Look(t.Context(), entry(2)); !errors.Is(err, errDisk) {
		t.Errorf("full disk: Look = %v", err)
	}
	bad.failWrite = false
	if err := w.Look(t.Context(), entry(3)); err != nil {
		t.Errorf("room again: Look = %v", err)
	}
	if rep := verifyFile(t, f, nil, nil); rep.Bad != nil || rep.Records != 2 {
		t.Errorf("after the full disk: %+v", rep)
	}
	bad.failSync = true
	if err := w.Look(t.Context(), entry(4)); !errors.Is(err, ErrBroken) {
		t.Errorf("failed fsync: Look = %v", err)
	}
	bad.failSync = false
	if err := w.Look(t.Context(), entry(5)); !errors.Is(err, ErrBroken) {
		t.Errorf("after a failed fsync: Look = %v, want ErrBroken", err)
	}
	next := openFile(t, f.path)
	if err := NewWriter(Chain(next), clock).Look(t.Context(), entry(6)); err != nil {
		t.Errorf("the next process: Look = %v", err)
	}
	if rep := verifyFile(t, next, nil, nil); rep.Bad != nil || rep.Records != 3 {
		t.Errorf("after the failed fsync and another look there are %+v, want 3 records: none that was not acknowledged", rep)
	}
}

func TestBadEntriesFailAlone(t *testing.T) {
	t.Parallel()
	f, _ := fresh(t)
	w := NewWriter(Chain(f), clock)
	for _, e := range []Entry{{}, {Actor: "a", Action: "b"}, {Actor: "a", Action: "b", Object: "c\n"},
		{Actor: "a", Action: "b", Object: "\xff"}, {Actor: "a", Action: "b", Object: strings.Repeat("c", 401)}} {
		if err := w.Look(t.Context(), e); !errors.Is(err, ErrBadEntry) {
			t.Errorf("Look(%q) = %v, want ErrBadEntry", e, err)
		}
		if _, err := Chain(f).Append(t.Context(), []Dated{{clock(), e}}); !errors.Is(err, ErrBadEntry) {
			t.Errorf("Append(%q) = %v, want ErrBadEntry", e, err)
		}
	}
	if h, err := f.Head(t.Context()); err != nil || h.N != 0 {
		t.Errorf("head %v, %v", h, err)
	}
}

func TestCallerWhoLeavesDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	f, _ := fresh(t)
	s := stuck{Chain(f), make(chan struct{}), make(chan struct{})}
	w := NewWriter(s, clock)
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { gone <- w.Look(ctx, entry(1)) }()
	<-s.entered
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	other := make(chan error)
	go func() { other <- w.Look(t.Context(), entry(2)) }()
	s.release <- struct{}{}
	<-s.entered
	s.release <- struct{}{}
	if err := <-other; err != nil {
		t.Errorf("the other got %v", err)
	}
	if rep := verifyFile(t, f, nil, nil); rep.Records != 2 || rep.Bad != nil {
		t.Errorf("report %+v", rep)
	}
}

// TestChild is not a test: it is the process that the next tests start.
func TestChild(t *testing.T) {
	path := os.Getenv("AUDIT_CHILD_FILE")
	if path == "" {
		return
	}
	if os.Getenv("AUDIT_CHILD_LIMIT") != "" {
		limit := syscall.Rlimit{Cur: 300, Max: 300}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		w := NewWriter(Chain(openFile(t, path)), clock)
		first, second := w.Look(t.Context(), entry(1)), w.Look(t.Context(), entry(2))
		fmt.Println("looked:", first == nil, errors.Is(second, syscall.EFBIG))
		return
	}
	appendN(t, openFile(t, path), 100)
}

func TestSeveralProcessesShareOneChain(t *testing.T) {
	t.Parallel()
	f, path := fresh(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
			cmd.Env = append(os.Environ(), "AUDIT_CHILD_FILE="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	appendN(t, f, 100)
	wg.Wait()
	if rep := verifyFile(t, f, nil, nil); rep.Bad != nil || rep.Records != 400 {
		t.Errorf("report %+v, want 400 good rows", rep)
	}
}

func TestFullDiskShowsNothing(t *testing.T) {
	t.Parallel()
	f, path := fresh(t)
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), "AUDIT_CHILD_FILE="+path, "AUDIT_CHILD_LIMIT=1")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "looked: true true") {
		t.Fatalf("child: %v\n%s", err, out)
	}
	if rep := verifyFile(t, f, nil, nil); rep.Bad != nil || rep.Records != 1 {
		t.Errorf("report %+v", rep)
	}
}

func TestTornRowIsSetAside(t *testing.T) {
	t.Parallel()
	f, path := fresh(t)
	appendN(t, f, 2)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(whole, `{"n":3,"at"`...), 0o600); err != nil {
		t.Fatal(err)
	}
	if rep := verifyFile(t, f, nil, nil); rep.Bad == nil || *rep.Bad != (BadRow{3, Torn}) {
		t.Errorf("Verify = %+v, want row 3 torn", rep)
	}
	if h, err := f.Head(t.Context()); err != nil || h.N != 2 {
		t.Errorf("Head = %v, %v", h, err)
	}
	appendN(t, openFile(t, path), 1)
	if rep := verifyFile(t, f, nil, nil); rep.Bad != nil || rep.Records != 3 {
		t.Errorf("after the next look: %+v", rep)
	}
	if kept, err := os.ReadFile(path + ".torn"); err != nil || string(kept) != `{"n":3,"at"`+"\n" {
		t.Errorf("kept %q, %v", kept, err)
	}
}

func TestRunningProcessNoticesACut(t *testing.T) {
	t.Parallel()
	f, path := fresh(t)
	appendN(t, f, 3)
	if err := os.Truncate(path, f.size-10); err != nil {
		t.Fatal(err)
	}
	err := NewWriter(Chain(f), clock).Look(t.Context(), entry(3))
	if bad, ok := errors.AsType[*BadRow](err); !ok || bad.Fault != Missing {
		t.Errorf("Look over a cut file = %v, want the missing row named", err)
	}
}
