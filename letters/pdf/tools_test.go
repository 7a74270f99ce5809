package pdf

import (
	"bytes"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// run runs a tool of the machine and returns what it prints; a missing tool
// fails the test.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	var errOut bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, out, errOut.Bytes())
	}
	return string(out)
}

// single makes a letter's file and returns its pages and path.
func single(t testing.TB, r *Renderer, in Input) (*Pages, string) {
	t.Helper()
	p, err := r.Pages(in)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "letter.pdf")
	w, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, _, err := r.Single(p, w); err != nil {
		t.Fatal(err)
	}
	return p, path
}

// raster draws a page in gray at a resolution.
func raster(t testing.TB, path string, page, dpi int) image.Image {
	t.Helper()
	base := filepath.Join(t.TempDir(), "page")
	n := strconv.Itoa(page)
	run(t, "pdftoppm", "-r", strconv.Itoa(dpi), "-gray", "-png", "-singlefile", "-f", n, "-l", n, path, base)
	f, err := os.Open(base + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}
