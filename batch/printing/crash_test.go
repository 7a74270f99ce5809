package printing

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const (
	crashRoot  = "OSHIRASE_TEST_CRASH_ROOT"
	crashStage = "OSHIRASE_TEST_CRASH_STAGE"
	sizeLimit  = "OSHIRASE_TEST_SIZE_LIMIT"
)

// TestMain lets the test binary play a process that dies in the middle of a
// run, or whose disk is full.
func TestMain(m *testing.M) {
	if root := os.Getenv(crashRoot); root != "" {
		os.Exit(child(root))
	}
	os.Exit(m.Run())
}

func child(root string) int {
	m, o, _ := testRun(root, 10)
	m.at = func(stage string) error {
		if stage == os.Getenv(crashStage) {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}
	if os.Getenv(sizeLimit) != "" {
		limit := syscall.Rlimit{Cur: 100, Max: 100}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			return 9
		}
	}
	_, err := m.Make(context.Background(), o)
	switch {
	case errors.Is(err, syscall.EFBIG):
		return 4
	case err != nil:
		return 5
	}
	return 0
}

func stages(t *testing.T) []string {
	t.Helper()
	m, o, _ := testRun(t.TempDir(), 10)
	var all []string
	m.at = func(stage string) error { all = append(all, stage); return nil }
	if _, err := m.Make(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestCrashAtEveryStage kills a real process at every stage. Before the rename
// nothing may stand under the run ID, after it everything; and the next Make
// must come to the same folder with no leftovers.
func TestCrashAtEveryStage(t *testing.T) {
	t.Parallel()
	clean := t.TempDir()
	m, o, _ := testRun(clean, 10)
	if _, err := m.Make(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	want := tree(t, clean)
	all := stages(t)
	if len(all) != 11 {
		t.Errorf("%d stages %q, want 11: 3 files twice, order sheet, manifest, checksums, before and after the rename", len(all), all)
	}
	for _, stage := range all {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			crash(t, root, stage)
			m, o, p := testRun(root, 10)
			report, err := Inspect(root+"/"+o.RunID, p)
			stands := stage == "after rename"
			if stands && (err != nil || !report.Intact() || len(report.Standing) != 10) {
				t.Errorf("killed after the rename: %v, %d letters standing", err, len(report.Standing))
			}
			if !stands && !errors.Is(err, os.ErrNotExist) {
				t.Errorf("killed before the rename, but a folder stands (%v)", err)
			}
			_, err = m.Make(t.Context(), o)
			if stands && !errors.Is(err, ErrAlreadyHandedOver) || !stands && err != nil {
				t.Errorf("made again: %v", err)
			}
			if got := tree(t, root); !maps.Equal(got, want) {
				t.Errorf("after the second try there is %q, want %q", names(got), names(want))
			}
		})
	}
}

func crash(t *testing.T, root, stage string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), crashRoot+"="+root, crashStage+"="+stage)
	err := c.Run()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || !exit.Sys().(syscall.WaitStatus).Signaled() {
		t.Fatalf("child was not killed at %q: %v", stage, err)
	}
}

// TestLeftoverOfAnotherRun: a run that is never made again leaves nothing.
func TestLeftoverOfAnotherRun(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	crash(t, root, "manifest")
	if left := names(tree(t, root)); !slices.ContainsFunc(left, func(s string) bool { return strings.HasPrefix(s, making) }) {
		t.Fatalf("the crash left %q", left)
	}
	m, o, _ := testRun(root, 2)
	left := making + o.RunID
	o.RunID = "other"
	m.Mine = func(id string) bool { return id == "other" } // another home's leftover tells that home of its run
	if _, err := m.Make(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(root + "/" + left); err != nil {
		t.Errorf("another home's staged folder is gone: %v", err)
	}
	o.RunID, m.Mine = "other-2", nil
	if _, err := m.Make(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, name := range names(tree(t, root)) {
		if !strings.HasPrefix(name, "other/") && !strings.HasPrefix(name, "other-2/") {
			t.Errorf("left over: %s", name)
		}
	}
}

// TestDiskFull makes the kernel refuse writes beyond 100 bytes a file.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), crashRoot+"="+root, sizeLimit+"=1")
	out, err := c.CombinedOutput()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 4 {
		t.Errorf("child: %v, want exit 4 (file too large)\n%s", err, out)
	}
	if left := tree(t, root); len(left) != 0 {
		t.Errorf("left behind: %q", names(left))
	}
}
