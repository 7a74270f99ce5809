package desk

import (
	"strings"
	"testing"
)

func TestHashesAreKnownByTheirForm(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("0a", 32)
	for object, want := range map[string]bool{sum: true, sum[2:]: false, sum + "00": false, "g" + sum[1:]: false, "1234567890123456": false, "2023-02": false, "": false} {
		if got := isHash(object); got != want {
			t.Errorf("%q: %t, want %t", object, got, want)
		}
	}
}
