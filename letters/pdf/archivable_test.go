package pdf

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"oshirase/letters/readback"
)

// A file as another program lists it: objects by "12 0 R", dictionaries as
// maps, names with their slash, streams unpacked.
type archived struct {
	raw     string
	objects map[string]any
	trailer map[string]any
}

func readArchived(t *testing.T, path string) *archived {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		QPDF []map[string]any `json:"qpdf"`
	}
	if err := json.Unmarshal([]byte(run(t, "qpdf", "--json=2", "--json-key=qpdf", path)), &list); err != nil {
		t.Fatal(err)
	}
	a := &archived{raw: string(raw), objects: map[string]any{}}
	for key, o := range list.QPDF[1] {
		m := o.(map[string]any)
		name, isObject := strings.CutPrefix(key, "obj:")
		switch stream, ok := m["stream"].(map[string]any); {
		case ok:
			a.objects[name] = stream["dict"]
		case isObject:
			a.objects[name] = m["value"]
		default:
			a.trailer = m["value"].(map[string]any)
		}
	}
	return a
}

// at follows keys from a dictionary; references are resolved on the way.
func (a *archived) at(from any, keys ...string) any {
	for _, k := range keys {
		d, _ := a.resolve(from).(map[string]any)
		from = d[k]
	}
	return a.resolve(from)
}

func (a *archived) resolve(o any) any {
	if s, ok := o.(string); ok {
		if target, ok := a.objects[s]; ok {
			return target
		}
	}
	return o
}

func (a *archived) list(from any, keys ...string) []any {
	l, _ := a.at(from, keys...).([]any)
	return l
}

// faults lists what the rules of PDF/A-2u (ISO 19005-2) and of tagged PDF do
// not allow, as far as it can be seen from the objects.
func (a *archived) faults() []string {
	var out []string
	must := func(ok bool, what string, args ...any) {
		if !ok {
			out = append(out, fmt.Sprintf(what, args...))
		}
	}
	root := a.trailer["/Root"]
	must(len(a.raw) > 14 && regexp.MustCompile(`^%PDF-1\.[0-7]\n%$`).MatchString(a.raw[:10]) && a.raw[10]&a.raw[11]&a.raw[12]&a.raw[13] >= 0x80, "6.1.2 header")
	id := a.list(a.trailer, "/ID")
	must(len(id) == 2 && id[0] == id[1] && id[0] != "", "6.1.3 document ID")
	must(a.trailer["/Encrypt"] == nil, "6.1.3 encrypted")
	for _, key := range []string{"/OpenAction", "/AA", "/OCProperties", "/AcroForm", "/Names"} {
		must(a.at(root, key) == nil, "6.5, 6.6, 6.9 %s", key)
	}
	intents := a.list(root, "/OutputIntents")
	must(len(intents) == 1 && a.at(intents[0], "/S") == "/GTS_PDFA1" && a.at(intents[0], "/DestOutputProfile", "/N") == 3.0, "6.2.3 output intent")
	must(a.at(root, "/Metadata", "/Subtype") == "/XML" && a.at(root, "/Metadata", "/Filter") == nil, "6.6.2 metadata")
	must(a.at(root, "/Lang") == "u:ja", "language")
	must(a.at(root, "/MarkInfo", "/Marked") == true && a.at(root, "/ViewerPreferences", "/DisplayDocTitle") == true, "marked, title shown")
	for name, o := range a.objects {
		d, _ := o.(map[string]any)
		must(!slices.Contains([]any{"/LZWDecode", "/Crypt"}, d["/Filter"]), "6.1.7 filter of %s", name)
		if d["/Type"] == "/Font" && d["/Subtype"] == "/Type0" {
			cid := a.list(d, "/DescendantFonts")[0]
			must(a.at(cid, "/FontDescriptor", "/FontFile2", "/Length1") != nil, "6.2.11.4 font %s not embedded", name)
			must(a.at(cid, "/CIDToGIDMap", "/Length") != nil, "6.2.11.3 CIDToGIDMap of %s", name)
			must(a.at(d, "/ToUnicode", "/Length") != nil, "6.2.11.7 ToUnicode of %s", name)
			must(regexp.MustCompile(`^/[A-Z]{6}\+`).MatchString(fmt.Sprint(d["/BaseFont"])) && a.at(cid, "/BaseFont") == d["/BaseFont"], "name of font %s", name)
		}
		if d["/Type"] == "/Page" {
			must(d["/Group"] == nil && d["/Annots"] == nil && d["/Tabs"] == "/S" && d["/StructParents"] != nil, "page %s", name)
		}
	}
	return append(out, a.treeFaults(root)...)
}

// mayHold says which elements stand in which (ISO 32000-1, 14.8.4).
func mayHold(kind, child string) bool {
	switch kind {
	case "/Table":
		return child == "/TR" || child == "/Caption"
	case "/TR":
		return child == "/TH" || child == "/TD"
	case "/L":
		return child == "/LI"
	case "/LI":
		return child == "/Lbl" || child == "/LBody"
	case "/Document":
		return slices.Contains([]string{"/H1", "/H2", "/H3", "/P", "/Table", "/L"}, child)
	}
	return false
}

// treeFaults walks the structure tree.
func (a *archived) treeFaults(root any) []string {
	var out []string
	last, titles := 0, 0
	marked := map[string]string{} // page and MCID, by element
	var walk func(ref any, parent string)
	walk = func(ref any, parent string) {
		e, _ := a.resolve(ref).(map[string]any)
		kind := fmt.Sprint(e["/S"])
		if parent != "" && !mayHold(parent, kind) {
			out = append(out, kind+" in "+parent)
		}
		if kind == "/TH" && a.at(e, "/A", "/Scope") == nil {
			out = append(out, "TH without scope")
		}
		if n, ok := strings.CutPrefix(kind, "/H"); ok && len(n) == 1 {
			level := int(n[0] - '0')
			if level > last+1 {
				out = append(out, fmt.Sprintf("heading %d after %d", level, last))
			}
			if last = level; level == 1 {
				titles++
			}
		}
		kids := a.list(e, "/K")
		if len(kids) == 0 && kind != "/TD" && kind != "/TH" {
			out = append(out, "empty "+kind)
		}
		for _, k := range kids {
			if mcid := a.at(k, "/MCID"); mcid != nil {
				d, _ := a.resolve(k).(map[string]any)
				marked[fmt.Sprint(a.at(d["/Pg"], "/StructParents"), " ", mcid)] = fmt.Sprint(ref)
				continue
			}
			walk(k, kind)
		}
	}
	walk(a.at(root, "/StructTreeRoot").(map[string]any)["/K"], "")
	if titles != 1 {
		out = append(out, fmt.Sprintf("%d titles", titles))
	}
	nums := a.list(root, "/StructTreeRoot", "/ParentTree", "/Nums")
	found := 0
	for i := 0; i+1 < len(nums); i += 2 {
		for mcid, ref := range a.resolve(nums[i+1]).([]any) {
			found++
			if marked[fmt.Sprint(nums[i], " ", mcid)] != ref {
				out = append(out, fmt.Sprintf("parent of content %d on page %v", mcid, nums[i]))
			}
		}
	}
	if found != len(marked) {
		out = append(out, fmt.Sprintf("parent tree of %d, tree of %d", found, len(marked)))
	}
	return out
}

// contentFaults looks at what the pages show: everything is read aloud or an
// artifact; widths are those of the embedded face; text is there.
func contentFaults(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := readback.Open(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := range doc.Pages() {
		page, err := doc.Page(i)
		if err != nil {
			t.Fatal(err)
		}
		fonts, err := doc.Fonts(i)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Spans {
			if s.Tag != "Artifact" && s.Tag != "Span" && s.MCID < 0 {
				out = append(out, fmt.Sprintf("page %d: text outside the tree", i+1))
			}
			for _, code := range s.Codes {
				out = append(out, codeFaults(fonts[s.Font], code)...)
			}
		}
	}
	meta, err := doc.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	return append(out, metaFaults(meta, doc.Info())...)
}

func codeFaults(font *readback.Font, code uint16) []string {
	face, err := font.TrueType()
	if err != nil {
		return []string{"face " + font.BaseFont}
	}
	var out []string
	advance, err := face.Advance(font.Glyph(code))
	if d := font.Width(code) - float64(advance)*1000/float64(face.UnitsPerEm()); err != nil || d > 1 || d < -1 {
		out = append(out, fmt.Sprintf("6.2.11.5 width of %d in %s", code, font.BaseFont))
	}
	if font.Glyph(code) == 0 {
		out = append(out, fmt.Sprintf("6.2.11.8 .notdef for %d in %s", code, font.BaseFont))
	}
	if said, ok := font.Text(code); !ok || said == "" || strings.ContainsAny(said, "\x00\ufeff\ufffe\ufffd") {
		out = append(out, fmt.Sprintf("6.2.11.7 text of %d in %s", code, font.BaseFont))
	}
	return out
}

// metaFaults compares XMP with the Info dictionary (6.6.2.3).
func metaFaults(meta string, info map[string]string) []string {
	var out []string
	value := func(pattern string) string {
		m := regexp.MustCompile(pattern).FindStringSubmatch(meta)
		if m == nil {
			return ""
		}
		return m[1]
	}
	date := regexp.MustCompile(`^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\+(\d\d)'(\d\d)'$`).ReplaceAllString(info["CreationDate"], "${1}-${2}-${3}T${4}:${5}:${6}+${7}:${8}")
	for what, pair := range map[string][2]string{
		"part": {value(`<pdfaid:part>(\d)`), "2"}, "conformance": {value(`<pdfaid:conformance>(\w)`), "U"},
		"title": {value(`<rdf:li xml:lang="x-default">([^<]*)`), info["Title"]}, "created": {value(`<xmp:CreateDate>([^<]*)`), date},
		"modified": {value(`<xmp:ModifyDate>([^<]*)`), date}, "producer": {value(`<pdf:Producer>([^<]*)`), info["Producer"]},
		"creator": {value(`<xmp:CreatorTool>([^<]*)`), info["Creator"]},
	} {
		if pair[0] == "" || pair[0] != pair[1] {
			out = append(out, fmt.Sprintf("6.6.2 %s: %q, want %q", what, pair[0], pair[1]))
		}
	}
	if info["ModDate"] != info["CreationDate"] || info["Author"] != "" {
		out = append(out, "Info")
	}
	return out
}

// TestArchivable holds single and mailed letters, plain, long and hard ones.
func TestArchivable(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	r := s.shared.NewRenderer()
	inputs := goldenInputs()
	for i, l := range s.released(t, 40) {
		if i%4 == 3 {
			l.Channel = "email"
		}
		inputs[string(l.ID)] = s.input(t, &l)
	}
	for name, in := range inputs {
		_, path := single(t, r, in)
		if faults := append(readArchived(t, path).faults(), contentFaults(t, path)...); len(faults) > 0 {
			t.Errorf("%s: %q", name, faults[:min(5, len(faults))])
		}
	}
}

// TestArchivableFindsPlantedFaults breaks one rule at a time.
func TestArchivableFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	_, path := single(t, newShared(t).NewRenderer(), sampleInput(2))
	dict := func(o any) map[string]any { return o.(map[string]any) }
	first := func(a *archived, key, value string) map[string]any {
		for _, o := range a.objects {
			if d, ok := o.(map[string]any); ok && d[key] == value {
				return d
			}
		}
		t.Fatalf("no object with %s %s", key, value)
		return nil
	}
	for want, plant := range map[string]func(a *archived){
		"6.1.3 document ID":   func(a *archived) { delete(a.trailer, "/ID") },
		"6.2.3 output intent": func(a *archived) { delete(dict(a.at(a.trailer, "/Root")), "/OutputIntents") },
		"language":            func(a *archived) { dict(a.at(a.trailer, "/Root"))["/Lang"] = "u:en" },
		"6.2.11.7 ToUnicode":  func(a *archived) { delete(first(a, "/Subtype", "/Type0"), "/ToUnicode") },
		"6.2.11.4 font":       func(a *archived) { delete(first(a, "/Type", "/FontDescriptor"), "/FontFile2") },
		"TH without scope":    func(a *archived) { delete(first(a, "/S", "/TH"), "/A") },
		"/P in /TR":           func(a *archived) { first(a, "/S", "/TD")["/S"] = "/P" },
		"heading 3 after 1": func(a *archived) {
			first(a, "/S", "/H1")["/K"] = []any{}
			for _, o := range a.objects {
				if d, ok := o.(map[string]any); ok && d["/S"] == "/H2" {
					d["/S"] = "/H3"
				}
			}
		},
		"parent of content": func(a *archived) {
			nums := a.list(a.trailer, "/Root", "/StructTreeRoot", "/ParentTree", "/Nums")
			l := nums[1].([]any)
			l[0] = l[1]
		},
		"page": func(a *archived) { first(a, "/Type", "/Page")["/Annots"] = []any{} },
	} {
		a := readArchived(t, path)
		plant(a)
		if got := a.faults(); !slices.ContainsFunc(got, func(f string) bool { return strings.HasPrefix(f, want) }) {
			t.Errorf("%q is not among %q", want, got)
		}
	}
	for _, change := range []struct{ old, now string }{{"<pdfaid:part>2", "<pdfaid:part>1"}, {"2023-03-01", "2023-03-02"}, {"oshirase</pdf:Producer>", "x</pdf:Producer>"}} {
		packet, err := xmp("題", "ja", frameDate)
		if err != nil {
			t.Fatal(err)
		}
		info := map[string]string{"Title": "題", "Producer": "oshirase", "Creator": "oshirase", "CreationDate": "D:20230301000000+00'00'", "ModDate": "D:20230301000000+00'00'"}
		if got := metaFaults(string(packet), info); len(got) > 0 {
			t.Errorf("sound metadata: %q", got)
		}
		if got := metaFaults(strings.Replace(string(packet), change.old, change.now, 1), info); len(got) == 0 {
			t.Errorf("%s is not noticed", change.now)
		}
	}
}

// TestStructureReadAloud reads the tree of a released letter as a screen
// reader's library does: title, sections, table with headings, list.
func TestStructureReadAloud(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	l := s.released(t, 1)[0]
	in := s.input(t, &l)
	_, path := single(t, s.shared.NewRenderer(), in)
	tree := run(t, "pdfinfo", "-struct-text", path)
	for _, want := range []string{"Document", "H1", in.Doc.Title, "H2", "P (block)", "Table", "TR", "TH", "TD", "L ", "LI", "Lbl", "LBody"} {
		if !strings.Contains(tree, want) {
			t.Errorf("the tree lacks %q", want)
		}
	}
	aloud := count(flat(strings.Join(regexp.MustCompile(`"([^"]*)"`).FindAllString(tree, -1), "")))
	for c, n := range count(flat(strings.Join(documentTexts(&in.Doc), ""))) {
		if aloud[c] < n && c != '"' && c != '\n' {
			t.Errorf("U+%04X is read aloud %d times, want %d", c, aloud[c], n)
		}
	}
	if strings.Contains(tree, "枚目") {
		t.Error("the page number is read aloud")
	}
}
