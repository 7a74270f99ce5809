package printing

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInspectNamesWhatDiffers damages a finished folder in one way after the
// other.
func TestInspectNamesWhatDiffers(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		damage   func(t *testing.T, dir string)
		file     string // of the difference, "" = ErrManifest
		what     string
		standing int
	}{
		"print file cut off": {func(t *testing.T, dir string) { truncate(t, dir, "-002.pdf", 10) }, "-002.pdf", "changed", 6},
		"one bit flipped":    {func(t *testing.T, dir string) { flip(t, dir, "-001.pdf") }, "-001.pdf", "changed", 6},
		"print file gone":    {func(t *testing.T, dir string) { remove(t, dir, "-003.pdf") }, "-003.pdf", "missing", 8},
		"order sheet gone":   {func(t *testing.T, dir string) { remove(t, dir, sheetName) }, sheetName, "missing", 10},
		"list changed":       {func(t *testing.T, dir string) { flip(t, dir, csvName) }, csvName, "changed", 10},
		"a stranger":         {func(t *testing.T, dir string) { write(t, dir, "readme.txt", "x") }, "readme.txt", "not listed", 10},
		"manifest cut off":   {func(t *testing.T, dir string) { truncate(t, dir, jsonName, 40) }, "", "", 0},
		"manifest gone":      {func(t *testing.T, dir string) { remove(t, dir, jsonName) }, "", "", 0},
		"manifest changed":   {func(t *testing.T, dir string) { flip(t, dir, jsonName) }, "", "", 0},
		"checksums gone":     {func(t *testing.T, dir string) { remove(t, dir, sumsName) }, "", "", 0},
		"checksums cut off":  {func(t *testing.T, dir string) { truncate(t, dir, sumsName, 30) }, "", "", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, o, p := testRun(t.TempDir(), 10)
			run, err := m.Make(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			c.damage(t, run.Folder)
			report, err := Inspect(run.Folder, p)
			if (c.file == "") != errors.Is(err, ErrManifest) {
				t.Errorf("error %v", err)
			}
			if len(report.Standing) != c.standing {
				t.Errorf("%d letters standing, want %d", len(report.Standing), c.standing)
			}
			if c.what == "" {
				return
			}
			if len(report.Differences) != 1 || !strings.HasSuffix(report.Differences[0].File, c.file) || report.Differences[0].What != c.what {
				t.Errorf("differences %+v, want %s %s", report.Differences, c.file, c.what)
			}
		})
	}
}

// TestInspectReadsPages: a file whose checksum was made to fit is still found
// out by its pages.
func TestInspectReadsPages(t *testing.T) {
	t.Parallel()
	m, o, p := testRun(t.TempDir(), 4)
	run, err := m.Make(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if report, _ := Inspect(run.Folder, extra{p}); len(report.Standing) != 0 || report.Intact() || report.Differences[0].What != "pages differ" {
		t.Errorf("report %+v", report.Differences)
	}
	if report, _ := Inspect(run.Folder, broken{}); len(report.Standing) != 0 || report.Intact() || report.Differences[0].What != "unreadable" {
		t.Errorf("report %+v", report.Differences)
	}
}

func TestInspectWithoutFolder(t *testing.T) {
	t.Parallel()
	if _, err := Inspect(filepath.Join(t.TempDir(), "none"), &paper{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want os.ErrNotExist", err)
	}
}

// TestInspectUnderAnotherName: a folder that was copied or renamed speaks for
// no other run.
func TestInspectUnderAnotherName(t *testing.T) {
	t.Parallel()
	m, o, p := testRun(t.TempDir(), 4)
	run, err := m.Make(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(run.Folder, run.Folder+"x"); err != nil {
		t.Fatal(err)
	}
	if _, err := Inspect(run.Folder+"x", p); !errors.Is(err, ErrManifest) {
		t.Errorf("got %v, want ErrManifest", err)
	}
}

// only returns the one file of dir whose name ends so.
func only(t *testing.T, dir, suffix string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %q, %v", suffix, found, err)
	}
	return found[0]
}

func truncate(t *testing.T, dir, suffix string, size int64) {
	t.Helper()
	if err := os.Truncate(only(t, dir, suffix), size); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, dir, suffix string) {
	t.Helper()
	if err := os.Remove(only(t, dir, suffix)); err != nil {
		t.Fatal(err)
	}
}

func flip(t *testing.T, dir, suffix string) {
	t.Helper()
	path := only(t, dir, suffix)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	write(t, dir, filepath.Base(path), string(b))
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
