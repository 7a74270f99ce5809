package text

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := sameAs(path, got); err != nil {
		t.Errorf("%v (go test -update rewrites it); got:\n%s", err, got)
	}
}

func sameAs(path string, got []byte) error {
	want, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if len(want) == 0 || !bytes.Equal(got, want) {
		return fmt.Errorf("%s differs", path)
	}
	return nil
}

func TestGoldenFindsDifferences(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "golden")
	if sameAs(path, nil) == nil {
		t.Error("a missing golden file passes")
	}
	for _, held := range []string{"", "手紙の文", "手紙の文\n文"} {
		if err := os.WriteFile(path, []byte(held), 0o600); err != nil {
			t.Fatal(err)
		}
		if sameAs(path, []byte("手紙の文\n")) == nil {
			t.Errorf("%q passes for another text", held)
		}
	}
	if sameAs(path, []byte("手紙の文\n文")) != nil {
		t.Error("the same text fails")
	}
}

// dump writes a document as text that a person can review.
func dump(d Document) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "title: %s\nsubject: %s\nno: %s\ndate: %s\nvariant: %s\n", d.Title, d.Subject, d.DocumentNo, d.Date, d.Variant)
	fmt.Fprintf(&b, "sender: %s\n", strings.Join(d.Sender, " / "))
	a := d.Address
	fmt.Fprintf(&b, "address: %s | %s | %s | %s | %s\n", a.LetterID, a.PostalCode,
		strings.Join(a.Lines, " / "), strings.Join(a.Name, " / "), a.Honorific)
	fmt.Fprintf(&b, "labels: %+v\n\n", d.Labels)
	for _, block := range d.Body {
		dumpBlock(&b, block)
	}
	return []byte(b.String())
}

func dumpBlock(b *strings.Builder, block Block) {
	switch v := block.(type) {
	case Heading:
		fmt.Fprintf(b, "%s %s {%s}\n", strings.Repeat("#", v.Level), dumpInline(v.Text), v.Legal)
	case Paragraph:
		fmt.Fprintf(b, "p(align %d, indent %g) %s\n", v.Align, v.Indent, dumpInline(v.Text))
	case List:
		for _, it := range v.Items {
			fmt.Fprintf(b, "  %s %s\n", it.Marker, dumpInline(it.Text))
		}
	case Table:
		for _, c := range v.Columns {
			fmt.Fprintf(b, "| %s (%g) ", c.Head, c.Width)
		}
		b.WriteString("|\n")
		for _, row := range v.Rows {
			for _, c := range row {
				fmt.Fprintf(b, "| %s ", dumpInline(c.Text))
			}
			b.WriteString("|\n")
		}
	default:
		fmt.Fprintf(b, "%T %+v\n", v, v)
	}
}

func dumpInline(text []Inline) string {
	var b strings.Builder
	for _, in := range text {
		s := in.Text
		if in.Keep {
			s = "[" + s + "]"
		}
		if in.Bold {
			s = "**" + s + "**"
		}
		b.WriteString(s)
	}
	return b.String()
}

func TestGoldenBlocks(t *testing.T) {
	t.Parallel()
	c := NewComposer(demoSet(t))
	for name, l := range samples() {
		doc, err := c.Compose(l)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden(t, name+".blocks.txt", dump(doc))
	}
}
