package printing

import (
	"context"
	"encoding/csv"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"oshirase/letters"
)

func TestRunFolder(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	m, o, _ := testRun(root, 10)
	run, err := m.Make(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if run.Letters != 10 || run.Sheets != 20 || run.Folder != filepath.Join(root, o.RunID) {
		t.Errorf("run of %d letters, %d sheets in %s", run.Letters, run.Sheets, run.Folder)
	}
	id := o.RunID
	want := []string{id + "/", id + "/SHA256SUMS", id + "/" + id + "-001.pdf", id + "/" + id + "-002.pdf", id + "/" + id + "-003.pdf",
		id + "/hassou-irai.pdf", id + "/manifest.csv", id + "/manifest.json"}
	files := tree(t, root)
	slices.Sort(want)
	if got := names(files); !slices.Equal(got, want) {
		t.Errorf("folder holds\n%q, want\n%q", got, want)
	}
	if out, err := command(t, run.Folder, "sha256sum", "--check", "--strict", "SHA256SUMS"); err != nil {
		t.Errorf("sha256sum: %v\n%s", err, out)
	}
	if n := strings.Count(files[id+"/SHA256SUMS"], "\n"); n != 6 {
		t.Errorf("%d checksums, want one for each of the 6 other files", n)
	}
	if got := files[id+"/hassou-irai.pdf"]; got != "order of 20 sheets\n" {
		t.Errorf("order sheet %q", got)
	}
	if report, err := Inspect(run.Folder, m.Readback); err != nil || !report.Intact() || len(report.Standing) != 10 {
		t.Errorf("inspection: %+v, %v", report.Differences, err)
	}
}

func command(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	return string(out), err
}

// TestEveryLetterStandsWhereTheManifestSays opens each letter at the place
// that the CSV, as a spreadsheet would read it, names.
func TestEveryLetterStandsWhereTheManifestSays(t *testing.T) {
	t.Parallel()
	m, o, p := testRun(t.TempDir(), 11)
	run, err := m.Make(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(run.Folder, "manifest.csv"))
	if err != nil {
		t.Fatal(err)
	}
	text, bom := strings.CutPrefix(string(raw), "\ufeff")
	if !bom || strings.Count(text, "\r\n") != 12 || strings.Count(text, "\n") != 12 {
		t.Errorf("manifest.csv: BOM %v, or not 12 lines ending in CRLF", bom)
	}
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(records[0], m.Columns) {
		t.Errorf("headings %q", records[0])
	}
	last := ""
	for i, r := range records[1:] {
		id, err := letters.ParseID(r[0])
		if err != nil || len(r[0]) != 19 {
			t.Fatalf("row %d: letter ID %q", i, r[0])
		}
		if key := r[10] + string(id); key <= last {
			t.Errorf("row %d is not sorted by postal code and letter ID", i)
		} else {
			last = key
		}
		content, _ := os.ReadFile(filepath.Join(run.Folder, r[2]))
		lines := strings.Split(string(content), "\n")
		first := int(r[3][0] - '0')
		if got := lines[first-1 : first+1]; !slices.Equal(got, p.pages[id]) {
			t.Errorf("letter %s: found %q", id, got)
		}
		if r[5] != "OS1|"+string(id)+"|1|1|2 OS1|"+string(id)+"|1|2|2" || r[8] != "naga3" || r[9] != "1" || len(r[10]) != 8 {
			t.Errorf("letter %s: row %q", id, r)
		}
	}
}

func TestSameOrderSameBytes(t *testing.T) {
	t.Parallel()
	var first map[string]string
	for range 3 {
		root := t.TempDir()
		m, o, _ := testRun(root, 9)
		if first != nil {
			slices.Reverse(o.Pieces)
		}
		if _, err := m.Make(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		files := tree(t, root)
		if first == nil {
			first = files
		} else if !maps.Equal(first, files) {
			t.Error("the same order in another sequence gave other bytes")
		}
	}
}

// TestPlantedFaults: whatever is wrong with a finished print file, nothing
// appears, and the error says where.
func TestPlantedFaults(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		plant func(*Maker, *Order, *paper)
		want  error
		says  string
	}{
		"wrong page": {func(_ *Maker, o *Order, p *paper) {
			p.pages[o.Pieces[6].LetterID] = []string{p.pages[o.Pieces[6].LetterID][0], "of somebody else"}
		}, ErrWrongPage, "sheet 2 of 2"},
		"pages of two letters crossed": {func(_ *Maker, o *Order, p *paper) {
			a, b := o.Pieces[0].LetterID, o.Pieces[1].LetterID
			p.pages[a], p.pages[b] = p.pages[b], p.pages[a]
		}, ErrWrongPage, "letter "},
		"page missing": {func(_ *Maker, o *Order, p *paper) {
			p.pages[o.Pieces[9].LetterID] = p.pages[o.Pieces[9].LetterID][:1]
		}, ErrWrongPage, ""},
		"page too many at the end": {func(m *Maker, _ *Order, p *paper) {
			m.Readback = extra{p}
		}, ErrWrongPage, "9 pages, the manifest 8"},
		"first page miscounted": {func(_ *Maker, _ *Order, p *paper) { p.shift = 1 }, ErrWrongPage, "starts at page 2, not 1"},
		"file unreadable":       {func(m *Maker, _ *Order, _ *paper) { m.Readback = broken{} }, errBroken, "read back"},
		"order sheet fails": {func(m *Maker, _ *Order, _ *paper) {
			m.Sheet = func(context.Context, Run) ([]byte, error) { return nil, errBroken }
		}, errBroken, "order sheet"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			m, o, p := testRun(root, 10)
			c.plant(&m, &o, p)
			_, err := m.Make(t.Context(), o)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want %v with %q", err, c.want, c.says)
			}
			if left := tree(t, root); len(left) != 0 {
				t.Errorf("left behind: %q", names(left))
			}
		})
	}
}

func TestWrongPageNamesTheLetter(t *testing.T) {
	t.Parallel()
	m, o, p := testRun(t.TempDir(), 10)
	id := o.Pieces[3].LetterID
	p.pages[id] = []string{"torn", "torn"}
	if _, err := m.Make(t.Context(), o); err == nil || !strings.Contains(err.Error(), "letter "+string(id)) {
		t.Errorf("error %v does not name letter %s", err, id)
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Pages(string) ([]ReadPage, error) { return nil, errBroken }

type extra struct{ *paper }

func (e extra) Pages(path string) ([]ReadPage, error) {
	h, err := e.paper.Pages(path)
	return append(h, ReadPage{Hash: hash("blank")}), err
}

func TestOrdersThatAreRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*Order){
		"no letters":       func(o *Order) { o.Pieces = nil },
		"path as run ID":   func(o *Order) { o.RunID = "../evil" },
		"hidden run ID":    func(o *Order) { o.RunID = ".making-x" },
		"letter twice":     func(o *Order) { o.Pieces[1] = o.Pieces[0] },
		"another class":    func(o *Order) { o.Pieces[1].Barcode = false },
		"mark missing":     func(o *Order) { o.Pieces[1].Marks = o.Pieces[1].Marks[:1] },
		"no approved hash": func(o *Order) { o.Pieces[1].PageHashes = []string{"", ""} },
		"no content hash":  func(o *Order) { o.Pieces[1].ContentHash = "" },
		"bad letter ID":    func(o *Order) { o.Pieces[1].LetterID = "1234567890123456" },
		"generation 0":     func(o *Order) { o.Pieces[1].Generation = 0 },
	}
	for name, spoil := range cases {
		root := t.TempDir()
		m, o, _ := testRun(root, 3)
		spoil(&o)
		if _, err := m.Make(t.Context(), o); !errors.Is(err, ErrOrder) {
			t.Errorf("%s: %v, want ErrOrder", name, err)
		}
		if left := tree(t, root); len(left) != 0 {
			t.Errorf("%s: left behind %q", name, names(left))
		}
	}
}

func TestSecondHandOver(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	m, o, _ := testRun(root, 6)
	first, err := m.Make(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	before := tree(t, root)
	again, err := m.Make(t.Context(), o)
	if !errors.Is(err, ErrAlreadyHandedOver) || again.Manifest != first.Manifest || again.Letters != 6 {
		t.Errorf("same order again: %v, manifest equal: %v", err, again.Manifest == first.Manifest)
	}
	fewer := o
	fewer.Pieces = o.Pieces[1:]
	if _, err := m.Make(t.Context(), fewer); !errors.Is(err, ErrRunDiffers) {
		t.Errorf("other letters under the same run ID: %v, want ErrRunDiffers", err)
	}
	if !maps.Equal(before, tree(t, root)) {
		t.Error("the folder was touched")
	}
	if err := os.WriteFile(filepath.Join(first.Folder, first.Files[0].Name), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Make(t.Context(), o); !errors.Is(err, ErrRunDiffers) {
		t.Errorf("same order over a damaged folder: %v, want ErrRunDiffers", err)
	}
}

// TestConcurrentMake: of many makers of one run exactly one makes it.
func TestConcurrentMake(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	var wg sync.WaitGroup
	results := make(chan error, 8)
	for range 8 {
		wg.Go(func() {
			m, o, _ := testRun(root, 10)
			_, err := m.Make(t.Context(), o)
			results <- err
		})
	}
	wg.Wait()
	close(results)
	made := 0
	for err := range results {
		switch {
		case err == nil:
			made++
		case !errors.Is(err, ErrInHand) && !errors.Is(err, ErrAlreadyHandedOver):
			t.Errorf("a second maker got %v", err)
		}
	}
	if made != 1 {
		t.Errorf("%d makers made the run, want 1", made)
	}
	m, o, _ := testRun(root, 10)
	if _, err := m.Make(t.Context(), o); !errors.Is(err, ErrAlreadyHandedOver) {
		t.Errorf("afterwards: %v", err)
	}
	if got := len(tree(t, root)); got != 8 {
		t.Errorf("%d entries below the root, want the folder and its 7 files", got)
	}
}

// TestConcurrentRuns: makers of different runs do not sweep each other away.
func TestConcurrentRuns(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			m, o, _ := testRun(root, 10)
			o.RunID += string(rune('a' + i))
			if _, err := m.Make(t.Context(), o); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestStopBetweenLetters(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	m, o, _ := testRun(root, 10)
	ctx, cancel := context.WithCancel(t.Context())
	m.at = func(stage string) error {
		if strings.HasSuffix(stage, "002.pdf") {
			cancel()
		}
		return nil
	}
	if _, err := m.Make(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left := tree(t, root); len(left) != 0 {
		t.Errorf("left behind: %q", names(left))
	}
}

// TestAPageThatNamesAnotherLetterStopsTheRun: its hash is as approved, because
// the leak was there when it was approved. A letter that is meant to be named
// may be.
func TestAPageThatNamesAnotherLetterStopsTheRun(t *testing.T) {
	t.Parallel()
	for _, meant := range []bool{false, true} {
		root := t.TempDir()
		m, o, p := testRun(root, 9)
		leaked := &o.Pieces[4]
		pages := p.pages[leaked.LetterID]
		pages[1] += " " + string(testID(77))
		leaked.PageHashes[1] = hash(pages[1])
		if meant {
			leaked.Refers = []letters.ID{testID(77)}
		}
		_, err := m.Make(t.Context(), o)
		if meant && err != nil || !meant && (!errors.Is(err, ErrLeak) || len(tree(t, root)) != 0) {
			t.Errorf("meant %v: error %v, %d files", meant, err, len(tree(t, root)))
		}
	}
}
