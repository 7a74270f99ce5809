package bounce

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func split(t *testing.T, content string) []string {
	t.Helper()
	var got []string
	if err := Each(strings.NewReader(content), func(raw []byte) error { got = append(got, string(raw)); return nil }); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestMailboxIsSplit(t *testing.T) {
	t.Parallel()
	const mbox = "From MAILER-DAEMON Tue Feb 28 09:00:00 2023\nSubject: a\n\nFrom here on text\n\nFrom there too\n>From quoted\n\n" +
		"From x@example.jp Tue Feb 28 09:01:00 2023\r\nSubject: b\r\n\r\nlast"
	got := split(t, mbox)
	want := []string{"Subject: a\n\nFrom here on text\n\nFrom there too\nFrom quoted\n\n", "Subject: b\r\n\r\nlast"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	for _, one := range []string{"", "Subject: c\n\nFrom a Tue Feb 28 09:00:00 2023\n", "no header at all"} {
		if got := split(t, one); len(got) != 1 || got[0] != one {
			t.Errorf("single message %q became %q", one, got)
		}
	}
}

// endless is a mailbox of n messages with one huge part each, made as it is read.
type endless struct {
	n, in int
	chunk []byte
	rest  []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		switch {
		case e.in == 0 && e.n == 0:
			return 0, io.EOF
		case e.in == 0:
			e.n, e.in = e.n-1, 50
			e.rest = []byte("\nFrom MAILER-DAEMON Tue Feb 28 09:00:00 2023\nFrom: MAILER-DAEMON@example.jp\nSubject: failure notice\n\n550 user unknown\n\n")
			if e.n%2 == 0 {
				e.rest = append(e.rest, bytes.Repeat([]byte("x"), 200_000)...) // a line longer than every buffer
			}
		default:
			e.in, e.rest = e.in-1, e.chunk
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// TestLargeMailboxInLittleMemory reads 200 MB and watches the heap.
func TestLargeMailboxInLittleMemory(t *testing.T) {
	messages, most := 0, uint64(0)
	in := &endless{n: 48, chunk: bytes.Repeat([]byte("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n"), 1400)}
	err := Each(io.MultiReader(strings.NewReader("From a Tue Feb 28 09:00:00 2023\n"), in), func(raw []byte) error {
		messages++
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
		return nil
	})
	if err != nil || messages != 49 {
		t.Errorf("%d messages, %v, want 49", messages, err)
	}
	if most > 64<<20 {
		t.Errorf("heap grew to %d MB", most>>20)
	}
}

func TestFilesOfAMaildir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"cur/2:2,S", "new/1", "tmp/3", ".hidden", "a.eml"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(dir, "a.eml"), filepath.Join(dir, "cur/2:2,S"), filepath.Join(dir, "new/1")}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := Files(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
}

// TestBrokenMailIsRead: whatever comes, something is said of it.
func TestBrokenMailIsRead(t *testing.T) {
	t.Parallel()
	r := newReasons(t)
	nested := "From: MAILER-DAEMON@example.jp\nSubject: failure notice\n"
	for i := range 40 {
		nested += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	nested += "Content-Type: text/plain\n\n550 5.1.1 user unknown\n"
	for name, c := range map[string]struct {
		raw  string
		want Kind
	}{
		"nothing":           {"", Empty},
		"blanks":            {" \n\n\t\n", Empty},
		"boundary missing":  {"From: MAILER-DAEMON@example.jp\nContent-Type: multipart/report\n\n550 5.1.1 user unknown\n", Bounce},
		"boundary not used": {"From: MAILER-DAEMON@example.jp\nContent-Type: multipart/report; boundary=x\n\n550 5.1.1 user unknown\n", Bounce},
		"unknown charset":   {"From: MAILER-DAEMON@example.jp\nContent-Type: text/plain; charset=x-klingon\n\n550 5.1.1 user unknown \xff\xfe\n", Bounce},
		"broken base64":     {"From: MAILER-DAEMON@example.jp\nContent-Transfer-Encoding: base64\nSubject: failure notice\n\n!!!! 550 5.1.1 user unknown\n", Bounce},
		"8-bit header":      {"From: MAILER-DAEMON@example.jp\nSubject: \x94z\x90M\x83G\x83\x89\x81[\n\n550 5.1.1 user unknown\n", Bounce},
		"one huge line":     {"From: MAILER-DAEMON@example.jp\nSubject: failure notice\n\n550 5.1.1 user unknown " + strings.Repeat("a", 1<<20), Bounce},
		"nested too deep":   {nested, Bounce},
		"ISO-2022-JP body":  {"From: MAILER-DAEMON@example.jp\nSubject: error\nContent-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B08@h%a!<%k%\"%I%l%9$,8+$D$+$j$^$;$s\x1b(B\n", Bounce},
	} {
		if got := r.Parse([]byte(c.raw), "example.jp"); got.Kind != c.want {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	content, err := os.ReadFile(filepath.Join("testdata", "forms.txt"))
	if err != nil {
		f.Fatal(err)
	}
	for _, part := range strings.Split(string(content), "\n=== ") {
		f.Add([]byte(part))
	}
	r := newReasons(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := r.Parse(raw, "example.jp")
		if got.Kind == "" || got.Kind == Bounce && (got.Reason == "" || got.Class == "") {
			t.Errorf("%+v", got)
		}
		messages := 0
		if err := Each(bytes.NewReader(raw), func([]byte) error { messages++; return nil }); err != nil || messages == 0 && len(raw) == 0 {
			t.Errorf("%d messages, %v", messages, err)
		}
	})
}
