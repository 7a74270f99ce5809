//go:build long

package pdf

import "testing"

// TestAThousandReleasedLetters: qpdf finds each clean, and pdftotext gives
// every character back.
func TestAThousandReleasedLetters(t *testing.T) {
	t.Parallel()
	checkReleased(t, 1000)
}

// TestTwoHundredSVGs draws 200 letters both ways.
func TestTwoHundredSVGs(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	r := s.shared.NewRenderer()
	letters, pages := s.released(t, 200), 0
	for i := range letters {
		n, differ := compareRasters(t, r, s.input(t, &letters[i]))
		if pages += n; differ > 0 {
			t.Errorf("letter %s: %d pixels differ", letters[i].ID, differ)
		}
	}
	t.Logf("%d letters, %d pages", len(letters), pages)
}
