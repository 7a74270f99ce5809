package text

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/BurntSushi/toml"

	"oshirase/letters"
	"oshirase/templates"
)

// statement says what one sentence of the wording rests on.
type statement struct {
	Text    string   `toml:"text"`
	Report  []string `toml:"report"`  // passages that say so
	Follows []string `toml:"follows"` // passages from which it plainly follows
	Setting string   `toml:"setting"` // the incident's setting that it prints
	Kind    string   `toml:"kind"`    // courtesy, form, definition, letter
}

func readStatements(t *testing.T) []statement {
	t.Helper()
	var file struct {
		Statement []statement `toml:"statement"`
	}
	meta, err := toml.DecodeFile("../../templates/testdata/statements.toml", &file)
	if err != nil {
		t.Fatal(err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		t.Fatalf("unknown keys %v", extra)
	}
	return file.Statement
}

// report is the incident report without spaces and list marks.
func report(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../templates/testdata/incident-report.txt")
	if err != nil {
		t.Fatal(err)
	}
	return squeeze(string(b))
}

func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// faultsOf holds sentences against statements and statements against the
// report and the settings.
func faultsOf(sentences []string, list []statement, report string, set *templates.Set) []string {
	var out []string
	known := map[string]bool{}
	for _, s := range list {
		known[s.Text] = true
		if !slices.Contains(sentences, s.Text) {
			out = append(out, "no wording says: "+s.Text)
		}
		rests := 0
		for _, passage := range append(slices.Clone(s.Report), s.Follows...) {
			rests++
			if len(squeeze(passage)) == 0 || !strings.Contains(report, squeeze(passage)) {
				out = append(out, "the report does not say: "+passage)
			}
		}
		if s.Setting != "" {
			rests++
			if _, ok := set.Incident().Texts[s.Setting]; !ok {
				out = append(out, "no setting "+s.Setting)
			}
		}
		if s.Kind != "" {
			rests++
			if !slices.Contains([]string{"courtesy", "form", "definition", "letter"}, s.Kind) {
				out = append(out, "no kind "+s.Kind)
			}
		}
		if rests == 0 {
			out = append(out, "rests on nothing: "+s.Text)
		}
	}
	for _, s := range sentences {
		if !known[s] {
			out = append(out, "no entry for: "+s)
		}
	}
	return out
}

// sentencesOf are all sentences that any variant of the letter, any briefing
// and the mail can print, placeholders as {{key}}.
func sentencesOf(t *testing.T, set *templates.Set) []string {
	t.Helper()
	c := NewComposer(set)
	var out []string
	add := func(s string) {
		for _, part := range strings.SplitAfter(s, "。") {
			part = strings.TrimSpace(part)
			if strings.TrimFunc(part, func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSpace(r) }) != "" && !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	for _, v := range templates.Variants() {
		wording, err := c.compiled("letter", v.Conditions)
		if err != nil {
			t.Fatal(err)
		}
		addWording(add, wording)
	}
	for _, name := range []string{"cover", "faq", "order"} {
		for _, cond := range []map[string]bool{{}, {"changed": true, "last_resort": true}} {
			wording, err := c.compiled(name, cond)
			if err != nil {
				t.Fatal(err)
			}
			addWording(add, wording)
		}
	}
	addIncident(t, add, c)
	return out
}

func addWording(add func(string), w *compiled) {
	add(w.title)
	f := filler{compiled: w}
	for _, b := range w.body {
		switch b := b.(type) {
		case List:
			for _, it := range b.Items {
				add(marked(&f, it.Text))
			}
		case Heading:
			add(marked(&f, b.Text))
		case Paragraph:
			add(marked(&f, b.Text))
		case Table:
			for _, c := range b.Columns {
				add(c.Head)
			}
			for _, row := range b.Rows {
				for _, cell := range row {
					add(marked(&f, cell.Text))
				}
			}
		}
	}
}

func marked(f *filler, text []Inline) string {
	var b strings.Builder
	for _, in := range text {
		if key, ok := f.mark(in); ok {
			b.WriteString("{{" + key + "}}")
			continue
		}
		b.WriteString(in.Text)
	}
	return b.String()
}

// addIncident adds what comes from the incident's own files.
func addIncident(t *testing.T, add func(string), c *Composer) {
	t.Helper()
	in := c.set.Incident()
	for _, s := range in.Systems {
		add(s.Name + "：" + s.Purpose)
		add(s.Name + "：" + string(s.From) + "～" + string(s.To))
		for _, f := range in.Lists["cause."+string(s.Code)] {
			add(f.Text)
		}
	}
	for _, it := range in.Items {
		add(it.Name)
		add(it.Name + "：" + it.Explanation)
	}
	for _, f := range in.Lists["measures"] {
		add(f.Group)
		add(f.Text + "：" + f.When)
	}
	add(in.Texts["not_held"])
	add(in.Texts["company"])
	add(in.Texts["affiliate"])
	add(string(in.LogFrom) + "～" + string(in.LogTo))
	for _, key := range []string{"place", "system", "viewed_on", "viewed_first_last", "confirmed", "rest", "rest_etc",
		"possible", "contact_name", "contact_phone", "contact_hours", "contact_address", "measure", "measure_when",
		"measure_group",
		"supply_point", "supply_point_full", "items", "viewed_first", "viewed_last", "period_told", "closing", "opening", "farewell"} {
		add(c.word(key))
	}
	add(c.set.MailText("attachment"))
	for _, kind := range []letters.LetterKind{letters.First, letters.Supplementary, letters.Corrected} {
		add(c.set.Subject(kind))
	}
}

func shippedSet(t testing.TB) *templates.Set {
	t.Helper()
	set, err := templates.Load(templates.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Nothing is told that the incident report or the incident's settings do not
// hold.
func TestEveryStatementRestsOnTheReport(t *testing.T) {
	t.Parallel()
	set := shippedSet(t)
	for _, f := range faultsOf(sentencesOf(t, set), readStatements(t), report(t), set) {
		t.Error(f)
	}
}

// A statement that nobody vouched for is found wherever somebody writes it:
// in one variant only, in a table, in the incident's own texts, in a label, in
// the mail's subject.
func TestPlantedStatementsAreFound(t *testing.T) {
	t.Parallel()
	const planted = "情報は不正に利用されておりません。"
	for file, change := range map[string][2]string{
		"letters/outline.md":     {"{{end}}\n", "\n{{if .訂正のお知らせ}}{{if .法人}}{{if .メール}}" + planted + "{{end}}{{end}}{{end}}\n{{end}}\n"},
		"letters/other.md":       {"{{お問合せ窓口}}", "| 状況 |\n|---|\n| " + planted + " |\n\n{{お問合せ窓口}}"},
		"letters/items.md":       {"{{項目の説明}}", "- " + planted + "\n\n{{項目の説明}}"},
		"letters/letter.md":      {"## 3　原因 ", "## " + planted + " "},
		"incident/incident.toml": {"ご契約の名義となっているお名前または名称です。", planted},
		"words.toml":             {`possible = "閲覧された可能性のある項目"`, `possible = "` + planted + `"`},
		"mail/mail.toml":         {"お客さま情報の閲覧に関するお詫びと訂正のお知らせ", planted},
		"briefing/faq.md":        {"{{保有しない情報}}。", planted},
	} {
		b, err := fs.ReadFile(templates.Shipped(), file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), change[0]) {
			t.Fatalf("%s does not hold %q", file, change[0])
		}
		set, err := templates.Load(templates.Shipped(), fstest.MapFS{file: {Data: []byte(strings.ReplaceAll(string(b), change[0], change[1]))}})
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		found := slices.ContainsFunc(faultsOf(sentencesOf(t, set), readStatements(t), report(t), set), func(f string) bool {
			return strings.HasPrefix(f, "no entry for: ") && strings.Contains(f, planted)
		})
		if !found {
			t.Errorf("a statement planted in %s is not found", file)
		}
	}
}

func TestStatementFaultsAreFound(t *testing.T) {
	t.Parallel()
	set := shippedSet(t)
	base := readStatements(t)
	sentences := sentencesOf(t, set)
	cases := []struct {
		name      string
		sentences []string
		list      []statement
		want      string
	}{
		{"a sentence nobody vouched for", append(slices.Clone(sentences), "情報は不正に利用されておりません。"), base, "no entry for: 情報は不正に利用されておりません。"},
		{"a passage the report lacks", sentences, append(slices.Clone(base), statement{Text: sentences[0], Report: []string{"二次被害はありません"}}), "the report does not say: 二次被害はありません"},
		{"an entry without ground", sentences, append(slices.Clone(base), statement{Text: sentences[0]}), "rests on nothing: " + sentences[0]},
		{"a setting that is none", sentences, append(slices.Clone(base), statement{Text: sentences[0], Setting: "nothing"}), "no setting nothing"},
		{"an entry that no wording uses", sentences, append(slices.Clone(base), statement{Text: "以前の文", Kind: "courtesy"}), "no wording says: 以前の文"},
	}
	for _, k := range cases {
		if got := faultsOf(k.sentences, k.list, report(t), set); !slices.Contains(got, k.want) {
			t.Errorf("%s: got %q, want %q", k.name, got, k.want)
		}
	}
}
