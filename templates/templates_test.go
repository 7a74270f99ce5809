package templates

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"oshirase/letters"
)

func load(t *testing.T, overlays ...fs.FS) *Set {
	t.Helper()
	set, err := Load(Shipped(), overlays...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// changed is an overlay with one shipped file in which old became new.
func changed(t *testing.T, name, old, new string) fs.FS {
	t.Helper()
	b, err := fs.ReadFile(Shipped(), name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), old) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	return fstest.MapFS{name: {Data: []byte(strings.Replace(string(b), old, new, 1))}}
}

func TestShippedNamesEveryGap(t *testing.T) {
	t.Parallel()
	set := load(t)
	var open []string
	for _, p := range set.Incident().Open {
		open = append(open, p.Key)
		if p.What == "" {
			t.Errorf("%s does not say what is to be filled", p.Key)
		}
	}
	for _, want := range append(openKeys(), "catalogue_CC", "catalogue_NW", "sheet.confirmed") {
		if !slices.Contains(open, want) {
			t.Errorf("the shipped incident does not name %s as open: %q", want, open)
		}
	}
	if set.Incident().Demo {
		t.Error("the shipped incident is a demo")
	}
}

func TestDemoIsFilledAndVisiblyMadeUp(t *testing.T) {
	t.Parallel()
	in := load(t, DemoOverlay()).Incident()
	if len(in.Open) > 0 || !in.Demo || !in.Sheet.Confirmed {
		t.Errorf("demo: open %v, demo %v, sheet confirmed %v", in.Open, in.Demo, in.Sheet.Confirmed)
	}
	for _, key := range openKeys() {
		value := in.Texts[key]
		switch key {
		case "report_class", "knowledge_date", "secondary_harm_date":
			continue // numbers and dates cannot show it
		}
		if !strings.Contains(value, "見本") && !strings.Contains(value, "架空") &&
			!strings.Contains(value, "000") && !strings.Contains(value, "example.jp") {
			t.Errorf("%s of the demo could be taken for real: %s", key, value)
		}
	}
}

// The facts of the incident report, section 1.
func TestIncidentHoldsTheReportsFacts(t *testing.T) {
	t.Parallel()
	in := load(t).Incident()
	if in.AreaPrefix != "09" || in.LogFrom != "2022-04-01" || in.LogTo != "2023-01-09" || in.ShowDigits != 4 {
		t.Errorf("got prefix %s, logs %s to %s, %d digits", in.AreaPrefix, in.LogFrom, in.LogTo, in.ShowDigits)
	}
	cases := []struct {
		system letters.SystemCode
		supply letters.Supply
		want   []string
	}{
		{"CC", letters.Low, []string{"契約名義", "連絡先電話番号", "小売電気事業者コード", "設備容量", "接続送電サービスメニューコード"}},
		{"CC", letters.High, []string{"契約名義", "連絡先"}},
		{"CC", letters.ExtraHigh, []string{"契約名義", "連絡先"}},
		{"NW", letters.Low, []string{"契約名義", "連絡先電話番号", "設備容量", "接続送電サービスメニューコード"}},
		{"NW", letters.High, nil},
		{"NW", letters.ExtraHigh, nil},
	}
	for _, c := range cases {
		var got []string
		for _, code := range in.Catalogue(c.system, c.supply) {
			got = append(got, in.Item(code).Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %s: got %q, want %q", c.system, c.supply, got, c.want)
		}
	}
	cc, nw := in.System("CC"), in.System("NW")
	if cc.From != "2020-01-06" || cc.To != "2023-01-18" || nw.From != "2020-01-06" || nw.To != "2023-01-25" {
		t.Errorf("viewable CC %s–%s, NW %s–%s", cc.From, cc.To, nw.From, nw.To)
	}
	if n := len(in.Lists["measures"]); n != 8 {
		t.Errorf("%d measures, want the report's 8", n)
	}
	if got := in.Sheet.Always(); got != (letters.Seen{X: 18, Y: 20, W: 80, H: 37}) {
		t.Errorf("always seen %v", got)
	}
}

func TestTheReportsEtcStaysUntilTheHouseSpeaks(t *testing.T) {
	t.Parallel()
	if got := load(t).Incident().Texts["etc.CC.low"]; got != "など" {
		t.Errorf("shipped: %q, want など", got)
	}
	if got, ok := load(t, DemoOverlay()).Incident().Texts["etc.CC.low"]; ok {
		t.Errorf("filled: %q, want none", got)
	}
	if _, ok := load(t).Incident().Texts["etc.CC.high"]; ok {
		t.Error("the report says のみ of 高圧, but など is printed")
	}
}

func TestRefusedOverlays(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		overlay fs.FS
		want    string
	}{
		{"unknown key", changed(t, "incident/settings.toml", "show_digits", "show_digit"), "show_digit"},
		{"unknown key in a table", changed(t, "incident/settings.toml", "barcode_gap", "barcodegap"), "barcodegap"},
		{"placeholder deleted", changed(t, "incident/settings.toml", "[open.secondary_harm]", "[open.secondary]"), "secondary_harm"},
		{"report class", changed(t, "incident/settings.toml", "日）\"\nvalue = \"\"", "日）\"\nvalue = \"45\""), "report_class"},
		{"unknown item", changed(t, "incident/incident.toml", `high = ["contract_name", "contact"]`, `high = ["contract_name", "fax"]`), "fax"},
		{"unknown supply", changed(t, "incident/incident.toml", "extra_high =", "ultra_high ="), "ultra_high"},
		{"bad date", changed(t, "incident/incident.toml", `to = "2023-01-18"`, `to = "2023-01-32"`), "2023-01-32"},
		{"period upside down", changed(t, "incident/incident.toml", `to = "2023-01-18"`, `to = "2019-01-18"`), "ends before it begins"},
		{"dates style", changed(t, "incident/settings.toml", `dates = "western"`, `dates = "showa"`), "dates"},
		{"unknown folder", fstest.MapFS{"incidents/incident.toml": {Data: []byte("")}}, "incidents"},
		{"missing word", changed(t, "words.toml", "posted =", "post ="), "state.posted"},
		{"subject missing", changed(t, "mail/mail.toml", "corrected =", "correct ="), "corrected"},
	}
	for _, c := range cases {
		_, err := Load(Shipped(), c.overlay)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error that names %s", c.name, err, c.want)
		}
	}
}

func TestWordingIsAClosedList(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, wording, want string }{
		{"unknown placeholder", "{{宛名前}}", "宛名前"},
		{"another scope's placeholder", "{{契約数}}", "契約数"},
		{"field instead of placeholder", "{{.宛名}}", ".宛名"},
		{"unknown condition", "{{if .個人事業主}}文{{end}}", ".個人事業主"},
		{"unknown condition in or", "{{if or .法人 .団体}}文{{end}}", ".団体"},
		{"range", "{{range .法人}}文{{end}}", "range"},
		{"with", "{{with .法人}}文{{end}}", "with"},
		{"printf", `{{printf "%s" "文"}}`, "printf"},
		{"pipe", "{{当社名 | html}}", "html"},
		{"variable", "{{$x := 当社名}}", "$x"},
		{"comparison", `{{if eq .法人 true}}文{{end}}`, "eq"},
		{"date that is none", `{{日付 "昨日"}}`, "昨日"},
		{"unclosed", "{{if .法人}}文", "wording_syntax"},
		{"empty", "{{}}", "wording_syntax"},
		{"private use", "文\U000F0001", "wording_private_use"},
	}
	for _, c := range cases {
		b, err := fs.ReadFile(Shipped(), "letters/letter.md")
		if err != nil {
			t.Fatal(err)
		}
		overlay := fstest.MapFS{"letters/letter.md": {Data: append(slices.Clone(b), "\n"+c.wording+"\n"...)}}
		_, err = Load(Shipped(), overlay)
		if _, ok := errors.AsType[Faults](err); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want a fault that names %s", c.name, err, c.want)
		}
	}
}

func TestLintFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	has := func(set *Set, code string, args ...string) bool {
		return slices.ContainsFunc(set.Lint(), func(p letters.Problem) bool {
			return p.Code == code && (len(args) == 0 || slices.Contains(p.Args, args[0]))
		})
	}
	if got := load(t, DemoOverlay()).Lint(); len(got) > 0 {
		t.Errorf("the demo's wording has faults: %+v", got[0])
	}
	if got := load(t).Unfilled(); !slices.ContainsFunc(got, func(p letters.Problem) bool {
		return p.Code == "wording_empty_placeholder" && p.Args[0] == "secondary_harm"
	}) {
		t.Errorf("an empty placeholder is not named: %+v", got)
	}
	if got := load(t, DemoOverlay()).Unfilled(); len(got) > 0 {
		t.Errorf("the demo has gaps: %+v", got)
	}
	for _, block := range LegalBlocks() {
		gone := load(t, DemoOverlay(), changed(t, "letters/letter.md", " {#"+block+"}\n", "\n"))
		if !has(gone, "wording_missing_block", block) {
			t.Errorf("a letter without %s passes", block)
		}
	}
	if !has(load(t, DemoOverlay(), changed(t, "letters/letter.md", "{{原因}}", "")), "wording_missing_block", "cause") {
		t.Error("a heading with nothing under it passes")
	}
	one := changed(t, "letters/letter.md", "## 4　二次被害またはそのおそれ {#harm}", "{{if not .メール}}## 二次被害 {#harm}{{end}}")
	if set := load(t, DemoOverlay(), one); !has(set, "wording_missing_block", "harm") {
		t.Error("a mail without harm passes")
	}
	if !has(load(t, DemoOverlay(), changed(t, "letters/letter.md", "{#harm}\n", "{#harms}\n")), "wording_unknown_block", "harms") {
		t.Error("an unknown block passes")
	}
	if !has(load(t, DemoOverlay(), changed(t, "letters/letter.md", "{{else}}# お客さま", "{{else}}お客さま")), "wording_no_title") {
		t.Error("a letter without a title passes")
	}
}

func TestVersionFollowsTheLettersAlone(t *testing.T) {
	t.Parallel()
	base := load(t).Version()
	if got := load(t, nil).Version(); got != base || len(base) != 64 {
		t.Errorf("version %s, then %s", base, got)
	}
	if load(t, changed(t, "letters/letter.md", "深くお詫び", "心よりお詫び")).Version() == base {
		t.Error("another wording has the same version")
	}
	if load(t, DemoOverlay()).Version() == base {
		t.Error("other settings have the same version")
	}
	if load(t, changed(t, "problems/outcome.toml", "今回は送らない", "送らない")).Version() != base {
		t.Error("a problem's sentence changes the letters' version")
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	western := load(t)
	era := load(t, changed(t, "incident/settings.toml", `dates = "western"`, `dates = "era"`))
	full := load(t, changed(t, "incident/settings.toml", `digits = "half"`, `digits = "full"`))
	cases := []struct {
		set  *Set
		date letters.Date
		want string
	}{
		{western, "2023-02-08", "2023年2月8日"},
		{western, "2022-10-31", "2022年10月31日"},
		{full, "2023-02-08", "２０２３年２月８日"},
		{era, "2023-02-08", "令和5年2月8日"},
		{era, "2019-05-01", "令和元年5月1日"},
		{era, "2019-12-31", "令和元年12月31日"},
		{era, "2019-04-30", "平成31年4月30日"},
		{era, "1989-01-08", "平成元年1月8日"},
		{era, "1989-01-07", "1989年1月7日"},
		{era, "", ""},
	}
	for _, c := range cases {
		if got := c.set.Date(c.date); got != c.want {
			t.Errorf("%s: got %s, want %s", c.date, got, c.want)
		}
	}
	if got := era.Incident().Lists["cause.CC"][0].Text; !strings.HasPrefix(got, "令和2年1月、") {
		t.Errorf("the incident's own dates keep another style: %s", got)
	}
}

func TestReading(t *testing.T) {
	t.Parallel()
	if got, want := load(t).Reading("1234-5678-90"), "イチ・ニ・サン・ヨン　ゴ・ロク・ナナ・ハチ　キュウ・ゼロ"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEveryReasonHasASentence(t *testing.T) {
	t.Parallel()
	set := load(t)
	for _, r := range []letters.Reason{letters.ReasonDisaster, letters.ReasonTold, letters.ReasonWithdrawn,
		letters.ReasonHandling, letters.ReasonAddress, letters.ReasonGlyph, letters.ReasonContradiction,
		letters.ReasonSheets, letters.ReasonGeometry, letters.ReasonCompanion, letters.ReasonProblem,
		letters.NoteKindGuessed, letters.NoteChannelChanged, letters.NoteMixedChannel, letters.NoteHonorific} {
		if reason, _ := set.Reason(r); !set.HasProblem(string(r)) || reason == "" {
			t.Errorf("%s has no sentence", r)
		}
	}
	for _, code := range []string{"placeholder", "window_unconfirmed", "render_failed", "supplementary",
		"held_handling", "held_address", "held_glyph", "held_contradiction", "held_sheets", "held_geometry",
		"held_companion", "near_split", "near_phone", "near_supply", "wording_missing_block",
		"wording_unknown_block", "wording_no_title", "wording_syntax"} {
		if !set.HasProblem(code) {
			t.Errorf("%s has no sentence", code)
		}
	}
	reason, advice := set.Problem(letters.Problem{Code: "wording_empty_placeholder", Args: []string{"website", "当社ホームページ"}})
	if reason != "未記入の項目：当社ホームページ" || !strings.Contains(advice, "website") {
		t.Errorf("arguments are not filled: %s / %s", reason, advice)
	}
	if reason, _ := set.Problem(letters.Problem{Code: "nothing", Args: []string{"x"}}); reason != "nothing x" {
		t.Errorf("an unknown code reads %q", reason)
	}
}

func TestWordsCoverTheNouns(t *testing.T) {
	t.Parallel()
	w := load(t).Words()
	groups := map[string][]string{
		"outcome":     {"letter", "merged", "excluded", "held", "rejected"},
		"role":        {"prepare", "approve", "retail", "callcenter", "audit", "admin"},
		"channel":     {"print", "email"},
		"kind":        {"individual", "corporate"},
		"supply":      {"low", "high", "extra_high"},
		"letter_kind": {"first", "supplementary", "corrected"},
		"handling":    {"", "stop", "shelter", "deceased", "guardian", "moved"},
	}
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		for _, key := range groups[group] {
			if w[group][key] == "" {
				t.Errorf("no word for %s.%s", group, key)
			}
		}
	}
	if got := w.Get("state", "unheard"); got != "【state.unheard】" {
		t.Errorf("a missing word reads %q", got)
	}
}
