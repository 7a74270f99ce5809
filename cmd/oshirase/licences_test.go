package main

import (
	"strings"
	"testing"
)

// TestLicencesGoWithTheProgram: whoever has the binary alone has the texts
// under which its faces and data may be passed on.
func TestLicencesGoWithTheProgram(t *testing.T) {
	t.Parallel()
	out := newOffice(t, "").ok("licences")
	for _, want := range []string{"SIL OPEN FONT LICENSE", "BIZUDMincho", "BIZUDGothic", "IPA Font License Agreement", "postal data", "MIT"} {
		if !strings.Contains(out, want) {
			t.Errorf("licences does not hold %s", want)
		}
	}
	if strings.Count(out, "■") != 5 || len(out) < 15_000 {
		t.Errorf("licences holds %d texts, %d bytes", strings.Count(out, "■"), len(out))
	}
}
