package pdf

import (
	"fmt"
	"strings"
	"testing"

	"github.com/boombuler/barcode/datamatrix"
)

// sameMatrix compares a code with the one that another maker makes.
func sameMatrix(t *testing.T, m *matrixMaker, s string) bool {
	t.Helper()
	got, err := m.encode(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	want, err := datamatrix.Encode(s)
	if err != nil {
		t.Fatal(err)
	}
	if want.Bounds().Dx() != got.side {
		return false
	}
	for y := range got.side {
		for x := range got.side {
			if r, _, _, _ := want.At(x, y).RGBA(); (r == 0) != got.dark[y][x] {
				return false
			}
		}
	}
	return true
}

func TestMatrixAsAnotherMakers(t *testing.T) {
	t.Parallel()
	m := newMatrixMaker()
	var texts []string
	for n := range 70 {
		texts = append(texts, strings.Repeat("7", n+1))
		if n < 44 {
			texts = append(texts, strings.Repeat("A|", 22)[:n+1])
		}
	}
	for i := range 500 {
		texts = append(texts, machineMark(fmt.Sprintf("%016d", 1_000_000_000_000_000+i*7_919_000_003), i%3+1, i%50+1, 50))
	}
	for _, s := range texts {
		if s != "" && !sameMatrix(t, m, s) {
			t.Errorf("%q differs from another maker's code", s)
		}
	}
}

func TestMatrixRefusesWhatItCannotHold(t *testing.T) {
	t.Parallel()
	m := newMatrixMaker()
	for _, s := range []string{strings.Repeat("A", 45), strings.Repeat("7", 90), "番号"} {
		if _, err := m.encode(s); err == nil {
			t.Errorf("%q became a code", s)
		}
	}
	if c, err := m.encode("OS1|1"); err != nil || c.dark[0][0] != true || c.dark[0][1] {
		t.Errorf("no code with its border: %v", err)
	}
}

// TestMatrixComparisonNoticesOneModule plants a fault in the tables.
func TestMatrixComparisonNoticesOneModule(t *testing.T) {
	t.Parallel()
	m := newMatrixMaker()
	m.factors[14][3] ^= 1
	if sameMatrix(t, m, machineMark("1234567890123482", 1, 1, 2)) {
		t.Error("a wrong check word is not noticed")
	}
}
