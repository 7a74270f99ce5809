package fonts

import (
	"os"
	"runtime"
	"testing"
	"testing/fstest"
)

// hanaMinB is where Debian's fonts-hanazono keeps the face.
const hanaMinB = "/usr/share/fonts/truetype/hanazono/HanaMinB.ttf"

// TestHanaMinB adds a real face of a house: what only it has is drawn by it,
// what the faces before it have stays with them.
func TestHanaMinB(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(hanaMinB)
	if err != nil {
		t.Fatalf("HanaMinB (package fonts-hanazono): %v", err)
	}
	l, err := Open(Options{HouseDir: fstest.MapFS{"HanaMinB.ttf": {Data: data}, "EUDC.TTE": {Data: eudc().build()}}})
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"𨺓":            "H",
		"𨺓𠮷":           "HH", // it has both: one face for the whole name
		"𨺓田　太郎":        "HMMMM",
		"𠮷田":           "II",
		"\uE000田":      "HM",
		"𨺓\U000E0100田": "-M", // never the bare base
		"𨺓\uE000":      "HH",
		"𨺓\uE002":      "H-",
	} {
		if got := answer(t, l.Body(), in); got != want {
			t.Errorf("%+q: %s, want %s", in, got, want)
		}
	}
	g, _ := l.Body().Shape("𨺓\uE000")
	if len(g) != 2 || g[0].Face.Name() != "HanaMinB" || g[1].Face.Name() != "EUDC" {
		t.Errorf("𨺓 and a 外字 are drawn by %+v", g)
	}
	for _, glyph := range g {
		if path, err := glyph.Face.Outline(glyph.ID); err != nil || len(path) == 0 {
			t.Errorf("%s draws nothing: %v", glyph.Face.Name(), err)
		}
	}
}

// maxOpenHeap bounds what the program's three faces hold after opening, and
// maxDrawnHeap what they hold when every block of IPAmj Mincho has been drawn
// from: the file has 46 MB, and none of it may stay.
const (
	maxOpenHeap  = 4 << 20
	maxDrawnHeap = 16 << 20
)

func TestHeapOfTheLibrary(t *testing.T) {
	before := heap()
	l := library(t)
	opened := heap() - before
	f := l.faces[ipamjID]
	for g := 1; g < f.NumGlyphs(); g += 64 {
		if _, err := f.Outline(GlyphID(g)); err != nil {
			t.Fatal(err)
		}
	}
	drawn := heap() - before
	runtime.KeepAlive(l)
	t.Logf("heap %.1f MiB after opening, %.1f MiB after drawing from every block", float64(opened)/(1<<20), float64(drawn)/(1<<20))
	if opened > maxOpenHeap || drawn > maxDrawnHeap {
		t.Errorf("%d bytes of heap after opening, %d after drawing", opened, drawn)
	}
}

// heap is what lives after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
