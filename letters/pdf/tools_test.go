package pdf

import (
	"bytes"
	"image"
	"image/draw"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
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

// single makes a letter's file and returns its pages and path. With
// OSHIRASE_LOOK the files stay in that folder, to be looked at.
func single(t testing.TB, r *Renderer, in Input) (*Pages, string) {
	t.Helper()
	p, err := r.Pages(in)
	if err != nil {
		t.Fatal(err)
	}
	dir := os.Getenv("OSHIRASE_LOOK")
	if dir == "" {
		dir = t.TempDir()
	}
	path := filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+"-"+p.ContentHash[:8]+".pdf")
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

// raster draws a part of a page, in mm, in gray at a resolution.
func raster(t testing.TB, path string, page, dpi int, x, y, w, h int) (img *image.Gray, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "part")
	num := strconv.Itoa
	px := func(mm int) string { return num(mm * dpi * 10 / 254) }
	run(t, "pdftoppm", "-r", num(dpi), "-gray", "-png", "-singlefile", "-f", num(page), "-l", num(page),
		"-x", px(x), "-y", px(y), "-W", px(w), "-H", px(h), path, file)
	file += ".png"
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decoded, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	img = image.NewGray(decoded.Bounds())
	draw.Draw(img, img.Rect, decoded, img.Rect.Min, draw.Src)
	return img, file
}

// dark reports ink; outside the picture there is none.
func dark(img *image.Gray, x, y int) bool {
	return image.Pt(x, y).In(img.Rect) && img.GrayAt(x, y).Y < 128
}
