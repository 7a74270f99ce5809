package sample

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func write(t *testing.T, o Options) (Truth, string) {
	t.Helper()
	dir := t.TempDir()
	truth, err := Write(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return truth, dir
}

func TestTheRealMonth(t *testing.T) {
	t.Parallel()
	w, err := readWords(true)
	if err != nil {
		t.Fatal(err)
	}
	list, err := draw(t.Context(), w, Options{Contracts: 44_855, Seed: 1, Encoding: CP932})
	if err != nil {
		t.Fatal(err)
	}
	c := list.tally.Counts
	got := fmt.Sprint(c.ViewedContracts, c.LastResortContracts, c.DisasterContracts, c.RetailersCC, c.RetailersNW, c.Retailers)
	if want := "44855 136 2165 190 65 198"; got != want {
		t.Errorf("the report's figures: %s, want %s", got, want)
	}
	if !c.Balanced() || c.Rows != len(list.rows) || len(list.retailers) != 198 {
		t.Errorf("%d rows, %d retailers, counts %+v", len(list.rows), len(list.retailers), c)
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {Contracts: -1}, {Contracts: 1_000_001}, {Contracts: 5, Encoding: "latin1"}} {
		if _, err := Write(t.Context(), t.TempDir(), o); !errors.Is(err, ErrBadOptions) {
			t.Errorf("%+v: %v, want ErrBadOptions", o, err)
		}
	}
}

// TestChild is not a test: it is the second process of the next one.
func TestChild(t *testing.T) {
	dir := os.Getenv("SAMPLE_CHILD_DIR")
	if dir == "" {
		return
	}
	for _, e := range encodings() {
		if _, err := Write(t.Context(), filepath.Join(dir, e), Options{Contracts: 300, Seed: 9, Encoding: e}); err != nil {
			t.Fatal(err)
		}
	}
}

func encodings() []string { return []string{CP932, UTF8, UTF16, XLSX} }

func TestSameSeedSameBytesInAnotherProcess(t *testing.T) {
	t.Parallel()
	there := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), "SAMPLE_CHILD_DIR="+there)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, e := range encodings() {
		_, here := write(t, Options{Contracts: 300, Seed: 9, Encoding: e})
		_, other := write(t, Options{Contracts: 300, Seed: 10, Encoding: e})
		files, err := os.ReadDir(here)
		if err != nil || len(files) != 3 {
			t.Fatalf("%s: %v, %v", e, files, err)
		}
		for _, f := range files {
			a, b, c := read(t, here, f.Name()), read(t, filepath.Join(there, e), f.Name()), read(t, other, f.Name())
			if !bytes.Equal(a, b) {
				t.Errorf("%s: %s differs between two processes", e, f.Name())
			}
			if bytes.Equal(a, c) {
				t.Errorf("%s: %s is the same for another seed", e, f.Name())
			}
		}
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCountsDoNotDependOnTheEncoding(t *testing.T) {
	t.Parallel()
	want, _ := write(t, Options{Contracts: 500, Seed: 3})
	for _, e := range encodings() {
		got, _ := write(t, Options{Contracts: 500, Seed: 3, Encoding: e})
		if got.Counts != want.Counts {
			t.Errorf("%s: %+v, want %+v", e, got.Counts, want.Counts)
		}
	}
}

func TestCP932IsWhatWindowsWrites(t *testing.T) {
	t.Parallel()
	table, err := newCP932()
	if err != nil {
		t.Fatal(err)
	}
	got, err := table.append(nil, []byte("髙﨑㈱ｱ\ue000\ue03f\ue0bc\ue757～A"))
	if want := "fbfcfab1878ab1f040f080f140f9fc816041"; err != nil || fmt.Sprintf("%x", got) != want {
		t.Errorf("encoded %x, %v, want %s", got, err, want)
	}
	if _, err := table.append(nil, []byte("𠮷")); err == nil {
		t.Error("𠮷 was encoded")
	}
}
