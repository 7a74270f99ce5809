package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"oshirase/letters"
	"oshirase/letters/text"
)

// goldenInputs are the letters whose layout and bytes are held.
func goldenInputs() map[string]Input {
	mail := sampleInput(2)
	mail.Channel, mail.Barcode, mail.Doc.Address = letters.Email, nil, text.Address{}
	hard := sampleInput(1)
	hard.Doc.Address.Name = []string{"𠮷田 葛\U000E0100"}
	return map[string]Input{"one": sampleInput(1), "nine": sampleInput(9), "mail": mail, "hard": hard}
}

// TestGoldenLayout compares layouts, as text, with those that were looked at
// and found good. OSHIRASE_UPDATE writes them anew.
func TestGoldenLayout(t *testing.T) {
	t.Parallel()
	r := newShared(t).NewRenderer()
	for name, in := range goldenInputs() {
		got, err := r.Layout(in)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".layout.txt", got)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if os.Getenv("OSHIRASE_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, b := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			t.Fatalf("%s differs from line %d on:\n got %s\nwant %s", name, i+1, at(a, i), at(b, i))
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end)"
}

// outputs are the hashes of everything the engine makes of the golden letters.
func outputs(t testing.TB, s *Shared, order []string) map[string]string {
	t.Helper()
	r := s.NewRenderer()
	out, drawn := map[string]string{}, map[string]*Pages{}
	for _, name := range order {
		p, err := r.Pages(goldenInputs()[name])
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		hash, n, err := r.Single(p, &b)
		if err != nil || n != int64(b.Len()) || hash != fmt.Sprintf("%x", sha256.Sum256(b.Bytes())) {
			t.Fatalf("%s: hash or size differ from the file; %v", name, err)
		}
		out[name+" content"], out[name+" file"] = p.ContentHash, hash
		drawn[name] = p
	}
	if len(drawn) == len(goldenOrder) {
		out["print file"] = joined(t, s, drawn)
	}
	return out
}

// joined is the hash of a print file of letters that were drawn in whatever
// order; each stands in it three times, so that parts are shared.
func joined(t testing.TB, s *Shared, drawn map[string]*Pages) string {
	t.Helper()
	sum := sha256.New()
	pf := s.NewPrintFile(sum)
	for range 3 {
		for _, name := range goldenOrder {
			if _, err := pf.Add(drawn[name]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := pf.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

var goldenOrder = []string{"one", "nine", "mail", "hard"}

// TestGoldenBytes fails when a byte of any output changes while
// RendererVersion stays: raise it, look at the pages, and update.
func TestGoldenBytes(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	out := outputs(t, s, goldenOrder)
	var b strings.Builder
	fmt.Fprintf(&b, "renderer %s\n", RendererVersion)
	for _, name := range goldenOrder {
		fmt.Fprintf(&b, "%s content %s\n%s file %s\n", name, out[name+" content"], name, out[name+" file"])
	}
	fmt.Fprintf(&b, "print file %x\n", sha256.Sum256(printFile(t, s, goldenOrder)))
	var briefing bytes.Buffer
	if err := s.NewRenderer().Briefing(sampleBriefing(), &briefing); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "briefing %x\n", sha256.Sum256(briefing.Bytes()))
	golden(t, "bytes.txt", b.String())
}

func sampleBriefing() text.Document {
	return text.Document{Title: "ご説明資料（見本）", Date: "2023年3月1日", Labels: text.Labels{Page: "%d頁/全%d頁"},
		Body: []text.Block{text.Heading{Level: 1, Text: plain("件数")},
			text.Chart{Caption: "閲覧されたご契約（架空の件数）", Unit: "件", Bars: []text.Bar{{Label: "コールセンターシステム", Value: 12345}, {Label: "両方", Value: 678}, {Label: "なし", Value: 0}}},
			text.Gap{Lines: 1}, sampleTable(3), text.Break{}, text.List{Small: true, Items: []text.ListItem{{Marker: "※1", Text: plain("架空の説明です。")}, {Marker: "・", Text: plain("二つめの説明です。")}}}}}
}

func printFile(t testing.TB, s *Shared, order []string) []byte {
	t.Helper()
	var b bytes.Buffer
	pf := s.NewPrintFile(&b)
	r := s.NewRenderer()
	for _, name := range order {
		p, err := r.Pages(goldenInputs()[name])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pf.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := pf.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
