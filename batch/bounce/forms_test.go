package bounce

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestForms reads testdata/forms.txt: invented bounces in the forms of many
// servers, each under a line "=== name | kind | class | reason | status".
func TestForms(t *testing.T) {
	t.Parallel()
	r := newReasons(t)
	n := 0
	for name, f := range forms(t) {
		got := r.Parse([]byte(f.message), "example.jp")
		if s := line(got); s != f.want {
			t.Errorf("%s: got %s, want %s", name, s, f.want)
		}
		if got.Kind == Bounce && f.ours != (len(got.Refs) > 0) {
			t.Errorf("%s: names %v, ours: %v", name, got.Refs, f.ours)
		}
		n++
	}
	if n < 50 {
		t.Errorf("only %d forms", n)
	}
}

// TestFormsInEveryLineEnding: the same bounces from machines with CRLF and
// with CR alone.
func TestFormsInEveryLineEnding(t *testing.T) {
	t.Parallel()
	r := newReasons(t)
	for name, f := range forms(t) {
		for _, end := range []string{"\r\n", "\r"} {
			if got := line(r.Parse([]byte(strings.ReplaceAll(f.message, "\n", end)), "example.jp")); got != f.want {
				t.Errorf("%s with %q: got %s, want %s", name, end, got, f.want)
			}
		}
	}
}

type form struct {
	message, want string
	ours          bool // it names the letter 1000…
}

func line(r Report) string {
	if r.Kind != Bounce {
		return string(r.Kind)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Kind, r.Class, r.Reason, r.Status))
}

func forms(t *testing.T) map[string]form {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "forms.txt"))
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]form)
	for _, part := range strings.Split(string(content), "\n=== ")[1:] {
		head, message, _ := strings.Cut(part, "\n")
		fields := strings.Split(head, "|")
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		if _, twice := out[fields[0]]; twice {
			t.Fatalf("form %s stands there twice", fields[0])
		}
		out[fields[0]] = form{message: message + "\n", want: strings.TrimSpace(strings.Join(fields[1:], " ")), ours: strings.Contains(message, ".g1@example.jp")}
	}
	return out
}

func newReasons(t testing.TB) *Reasons {
	t.Helper()
	r, err := NewReasons()
	if err != nil {
		t.Fatal(err)
	}
	return r
}
