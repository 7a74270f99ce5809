package backup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
)

// kept is a Sink that keeps everything as text.
type kept struct {
	head  Head
	lines []string
	files map[string]*bytes.Buffer
}

func (k *kept) Head(h Head) error { k.head = h; return nil }
func (k *kept) Table(name string, columns []string) error {
	k.lines = append(k.lines, fmt.Sprintf("%s %q", name, columns))
	return nil
}
func (k *kept) Row(values []any) error {
	k.lines = append(k.lines, fmt.Sprintf("%#v", values))
	return nil
}
func (k *kept) File(name string) (io.WriteCloser, error) {
	if k.files == nil {
		k.files = map[string]*bytes.Buffer{}
	}
	k.files[name] = &bytes.Buffer{}
	return buffer{k.files[name]}, nil
}

type buffer struct{ *bytes.Buffer }

func (buffer) Close() error { return nil }

func newKey(t *testing.T) *age.X25519Identity {
	t.Helper()
	k, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// sample writes a backup with a table and a file of several pieces each.
func sample(t *testing.T, key *age.X25519Identity, rows int) ([]byte, []Sum) {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, []age.Recipient{key.Recipient()}, Head{Ledger: "l1", Home: "h1", TakenAt: 1675814400000000})
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.File("incident/letters/letter.md", strings.NewReader("お詫び")))
	must(w.File("empty", strings.NewReader("")))
	must(w.Table("letter", []string{"letter_id", "n", "note"}))
	for i := range rows {
		must(w.Row([]any{fmt.Sprintf("%016d", i), int64(1<<62) + int64(i), nil}))
	}
	must(w.Table("nothing", []string{"a"}))
	must(w.Table("text", []string{"a"}))
	must(w.Row([]any{[]byte("𠮷\n\"<&\u2028")}))
	must(w.File("big", bytes.NewReader(bytes.Repeat([]byte("0123456789"), 1_000_000))))
	sums, err := w.Close()
	must(err)
	return out.Bytes(), sums
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	raw, sums := sample(t, key, 200_000)
	var k kept
	got, err := Read(bytes.NewReader(raw), []age.Identity{key}, &k)
	if err != nil || !slices.Equal(got, sums) {
		t.Fatalf("%v\n%+v\n%+v", err, got, sums)
	}
	if k.head.Ledger != "l1" || k.head.Format != Format || len(k.lines) != 200_004 {
		t.Errorf("%+v, %d lines", k.head, len(k.lines))
	}
	for i, want := range map[int]string{0: `letter ["letter_id" "n" "note"]`, 1: `[]interface {}{"0000000000000000", 4611686018427387904, interface {}(nil)}`,
		200_001: `nothing ["a"]`, 200_003: fmt.Sprintf("%#v", []any{"𠮷\n\"<&\u2028"})} {
		if k.lines[i] != want {
			t.Errorf("line %d: %s, want %s", i, k.lines[i], want)
		}
	}
	if k.files["big"].Len() != 10_000_000 || k.files["incident/letters/letter.md"].String() != "お詫び" || k.files["empty"].Len() != 0 {
		t.Errorf("files %v", len(k.files))
	}
	if sums[2].Count != 200_000 || sums[len(sums)-1].Count != 10_000_000 {
		t.Errorf("sums %+v", sums)
	}
	if bytes.Contains(raw, []byte("letter")) {
		t.Error("something stands in the open")
	}
}

// A backup cut anywhere, or with a changed byte, is torn and never whole.
func TestTornAnywhere(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	raw, _ := sample(t, key, 20)
	read := func(b []byte) error {
		_, err := Read(bytes.NewReader(b), []age.Identity{key}, &kept{})
		return err
	}
	if err := read(raw); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(raw); at += 97 {
		if err := read(raw[:at]); !errors.Is(err, ErrTorn) {
			t.Fatalf("cut at %d of %d: %v", at, len(raw), err)
		}
		changed := bytes.Clone(raw)
		changed[at] ^= 4
		if err := read(changed); !errors.Is(err, ErrTorn) && !errors.Is(err, ErrKey) {
			t.Fatalf("byte %d changed: %v", at, err)
		}
	}
	if err := read(append(bytes.Clone(raw), 0)); !errors.Is(err, ErrTorn) {
		t.Errorf("a byte behind the end: %v", err)
	}
}

func TestOtherKeyAndValues(t *testing.T) {
	t.Parallel()
	raw, _ := sample(t, newKey(t), 1)
	if _, err := Read(bytes.NewReader(raw), []age.Identity{newKey(t)}, &kept{}); !errors.Is(err, ErrKey) {
		t.Errorf("another's key: %v", err)
	}
	w, err := NewWriter(io.Discard, []age.Recipient{newKey(t).Recipient()}, Head{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Table("t", []string{"a"}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []any{1.5, true, "\xff", []byte{0xFF}} {
		if err := w.Row([]any{bad}); !errors.Is(err, ErrValue) {
			t.Errorf("%v was taken: %v", bad, err)
		}
	}
}

// A file that was sealed without its sums is torn.
func TestWithoutSums(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	var out bytes.Buffer
	w, err := NewWriter(&out, []age.Recipient{key.Recipient()}, Head{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Table("t", []string{"a"}), w.end(), w.tar.Close(), w.zip.Close(), w.age.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(&out, []age.Identity{key}, &kept{}); !errors.Is(err, ErrTorn) {
		t.Errorf("%v", err)
	}
	var second bytes.Buffer
	if w, err = NewWriter(&second, []age.Recipient{key.Recipient()}, Head{}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Table("t", []string{"a"}), w.Row([]any{int64(1)})); err != nil {
		t.Fatal(err)
	}
	w.open.Count++ // one row more is said to be there
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(&second, []age.Identity{key}, &kept{}); !errors.Is(err, ErrTorn) {
		t.Errorf("wrong sum: %v", err)
	}
}
