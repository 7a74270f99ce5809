package postal

import (
	"errors"
	"math"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// The total lengths of the manual's nominal sizes (66 pitches and one bar).
func TestNominalSizes(t *testing.T) {
	t.Parallel()
	for point, width := range map[float64]float64{0: 63.84, 8: 63.84, 9: 71.82, 10: 79.80, 11.5: 91.77} {
		g, err := Geometry{Point: point}.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		if w, h := g.Size(); !near(w, width) || !near(h, 0.36*g.Point) {
			t.Errorf("%g pt: %g × %g, want width %g", point, w, h, width)
		}
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	b, err := Encode("8100001", "1-8-1")
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := b.Draw(Geometry{Point: 10})
	if err != nil || len(drawn) != 67 {
		t.Fatalf("%d bars, %v", len(drawn), err)
	}
	want := map[byte]Bar{
		Long: {0, 0, 0.6, 3.6}, Upper: {0, 0, 0.6, 2.4}, Lower: {0, 1.2, 0.6, 2.4}, Timing: {0, 1.2, 0.6, 1.2},
	}
	for i, got := range drawn {
		w := want[b.Bars[i]]
		if !near(got.X, float64(i)*1.2) || !near(got.Y, w.Y) || !near(got.W, w.W) || !near(got.H, w.H) {
			t.Errorf("bar %d, state %d: %+v, want %+v", i, b.Bars[i], got, w)
		}
	}
}

func TestGeometryTolerances(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		g  Geometry
		ok bool
	}{
		{Geometry{}, true},
		{Geometry{Point: 8, Pitch: 0.84, BarWidth: 0.44}, true},
		{Geometry{Point: 10, Pitch: 0.95, BarWidth: 0.50}, true},
		{Geometry{Point: 10, Pitch: 1.30, BarWidth: 0.70}, true},
		{Geometry{Point: 7.9}, false},
		{Geometry{Point: 11.6}, false},
		{Geometry{Point: 10, Pitch: 0.94, BarWidth: 0.49}, false},
		{Geometry{Point: 10, Pitch: 1.31, BarWidth: 0.71}, false},
		{Geometry{Point: 10, Pitch: 1.0, BarWidth: 0.6}, false},
		{Geometry{Point: math.NaN()}, false},
		{Geometry{Point: 10, Pitch: math.Inf(1)}, false},
	} {
		if _, err := c.g.Resolve(); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrGeometry) {
			t.Errorf("%+v: %v", c.g, err)
		}
	}
}
