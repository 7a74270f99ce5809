package pdf

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"oshirase/fonts"
	"oshirase/letters"
)

// TestHardNames gives every name of the list to the engine. Each is printed,
// and then the raster of its address block shows no box and the text comes
// back character for character; or it is held and says which characters.
func TestHardNames(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	lib := s.config.Library
	printed, held := map[string]int{}, map[string]int{}
	var letters []hardName
	var pages []*Pages
	r := s.NewRenderer()
	for _, n := range madeUpNames(lib, hardNameCount) {
		p, err := r.Pages(namedInput(n.text))
		if checkHardName(t, lib, n, err); err != nil {
			held[n.kind]++
			continue
		}
		printed[n.kind]++
		letters, pages = append(letters, n), append(pages, p)
	}
	boxes := 0
	shapes := boxShapes(t, lib.Faces())
	for from := 0; from < len(pages); from += 500 {
		to := min(from+500, len(pages))
		file := printed500(t, s, pages[from:to])
		checkNamesReadBack(t, file, letters[from:to], pages[from:to])
		blocks(t, file, func(page int, img *image.Gray) {
			boxes += countBoxes(img, shapes)
		})
	}
	if boxes != 0 {
		t.Errorf("%d boxes printed", boxes)
	}
	t.Logf("%d names: %d printed, %d boxes, %d held; printed %v, held %v",
		hardNameCount, len(pages), boxes, hardNameCount-len(pages), printed, held)
}

func namedInput(name string) Input {
	in := sampleInput(1)
	in.Barcode = nil
	in.Doc.Body = in.Doc.Body[:1]
	in.Doc.Address.Name = []string{name}
	return in
}

// checkHardName compares what became of a name with what its kind demands and
// with what the faces say.
func checkHardName(t *testing.T, lib *fonts.Library, n hardName, err error) {
	t.Helper()
	var want missing
	for _, m := range lib.Body().Missing(n.text) {
		want.add(m.Text)
	}
	hold, isHold := errors.AsType[*HoldError](err)
	switch {
	case err != nil && !isHold:
		t.Errorf("%s %+q: %v", n.kind, n.text, err)
	case n.must == "print" && err != nil, n.must == "hold" && err == nil:
		t.Errorf("%s %+q: %v, must %s", n.kind, n.text, err, n.must)
	case len(want) == 0 && isHold && hold.Reason != letters.ReasonGeometry:
		t.Errorf("%s %+q is held without need: %v", n.kind, n.text, err)
	case len(want) > 0 && !isHold:
		t.Errorf("%s %+q is printed, no face has %v", n.kind, n.text, want)
	case len(want) > 0:
		slices.Sort(want)
		if got := slices.Compact([]string(want)); hold.Reason != letters.ReasonGlyph || !slices.Equal(hold.Points, got) {
			t.Errorf("%s %+q: held for %v, want %v", n.kind, n.text, hold.Points, got)
		}
	}
}

// printed500 joins letters in a print file, as they go to the printer.
func printed500(t *testing.T, s *Shared, pages []*Pages) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "names.pdf")
	w, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	pf := s.NewPrintFile(w)
	for _, p := range pages {
		if _, err := pf.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := pf.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkNamesReadBack finds every name in the text of its page. pdftotext parts
// lines, so blanks do not count.
func checkNamesReadBack(t *testing.T, file string, names []hardName, pages []*Pages) {
	t.Helper()
	texts := strings.Split(run(t, "pdftotext", "-raw", "-enc", "UTF-8", file, "-"), "\f")
	at := 0
	for i, n := range names {
		got, want := solid(texts[at]), solid(n.text)
		if !strings.Contains(got, want) {
			t.Errorf("%s %+q does not come back from page %d", n.kind, n.text, at+1)
		}
		at += pages[i].Sheets
	}
}

func solid(s string) string { return strings.Join(strings.Fields(s), "") }

// blocks draws the part of every page in which the address block stands.
func blocks(t *testing.T, file string, each func(page int, img *image.Gray)) {
	t.Helper()
	px := func(mm int) string { return strconv.Itoa(mm * boxDPI * 10 / 254) }
	cmd := exec.Command("pdftoppm", "-r", strconv.Itoa(boxDPI), "-gray", "-x", px(18), "-y", px(20), "-W", px(80), "-H", px(37), file)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("pdftoppm (package poppler-utils): %v", err)
	}
	in := bufio.NewReaderSize(out, 1<<20)
	for page := 1; ; page++ {
		img, err := readPGM(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("raster of page %d: %v", page, err)
		}
		each(page, img)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("pdftoppm: %v", err)
	}
}

// readPGM reads one picture of a stream of them.
func readPGM(r *bufio.Reader) (*image.Gray, error) {
	var w, h, top int
	if _, err := r.Peek(1); err != nil {
		return nil, err
	}
	if _, err := fmt.Fscanf(r, "P5\n%d %d\n%d\n", &w, &h, &top); err != nil || top != 255 {
		return nil, fmt.Errorf("not a gray picture of 8 bits: %v", err)
	}
	img := image.NewGray(image.Rect(0, 0, w, h))
	_, err := io.ReadFull(r, img.Pix)
	return img, err
}

// TestPlantedBoxIsFound prints, through a house face whose 外字 are drawn as
// the program's faces draw what they have not, one box of each kind, and the
// look at the raster finds each.
func TestPlantedBoxIsFound(t *testing.T) {
	t.Parallel()
	plain, err := library()
	if err != nil {
		t.Fatal(err)
	}
	faces := []*fonts.Face{plain.Faces()[0], plain.Faces()[2]}
	face := eudcFace(t, faces)
	lib, err := fonts.Open(fonts.Options{HouseDir: fstest.MapFS{"EUDC.TTE": {Data: face}}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewShared(Config{Library: lib, Sheet: sampleSheet(), TemplateText: templateText(), Lang: "ja"})
	if err != nil {
		t.Fatal(err)
	}
	r := s.NewRenderer()
	var pages []*Pages
	names := []string{"口田　国子", "\uE000力　太郎", "囚電　図", "電力\uE001　太郎", "区線　□一"}
	for _, name := range names {
		p, err := r.Pages(namedInput(name))
		if err != nil {
			t.Fatalf("%+q: %v", name, err)
		}
		pages = append(pages, p)
	}
	var got []int
	blocks(t, printed500(t, s, pages), func(_ int, img *image.Gray) { got = append(got, countBoxes(img, boxShapes(t, faces))) })
	if want := []int{0, 1, 0, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("boxes found a page: %v, want %v", got, want)
	}
}

// eudcFace makes a house font with the shapes of other faces' .notdef at
// U+E000 and after.
func eudcFace(t *testing.T, faces []*fonts.Face) []byte {
	t.Helper()
	var shapes strings.Builder
	for _, f := range faces {
		path, err := f.Outline(0)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range path {
			fmt.Fprintf(&shapes, "%d %g %g\n", s.Op, s.X, s.Y)
		}
		shapes.WriteString("end\n")
	}
	file := filepath.Join(t.TempDir(), "eudc.ttf")
	cmd := exec.Command(pythonWithFontTools(t), "testdata/eudc.py", file)
	cmd.Stdin = strings.NewReader(shapes.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("fontTools: %v\n%s", err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pythonWithFontTools finds a Python that has fontTools (Debian: python3-fonttools).
func pythonWithFontTools(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import fontTools").Run() == nil {
			return python
		}
	}
	t.Fatal("python3 with fontTools is missing (package python3-fonttools)")
	return ""
}
