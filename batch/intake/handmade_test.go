package intake

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"testing"
)

// part is one file of a workbook made by hand.
type part struct{ name, text string }

func zipped(t testing.TB, parts ...part) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.name)
		must(t, err)
		_, err = w.Write([]byte(p.text))
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

const rels = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>`

// handBook is a workbook as other programs write it: absolute targets, the
// book elsewhere, prefixed elements, no shared strings, days from 1904.
func handBook(t testing.TB, sheet string) []byte {
	t.Helper()
	const office = "http://purl.oclc.org/ooxml/officeDocument/relationships/"
	return zipped(t,
		part{"_rels/.rels", fmt.Sprintf(rels, `<Relationship Id="a" Type="`+office+`officeDocument" Target="/book/main.xml"/>`)},
		part{"book/main.xml", `<x:workbook xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main" xmlns:q="` + strings.TrimSuffix(office, "/") +
			`"><x:workbookPr date1904="true"/><x:sheets><x:sheet name="一覧" sheetId="1" q:id="s1"/></x:sheets></x:workbook>`},
		part{"book/_rels/main.xml.rels", fmt.Sprintf(rels, `<Relationship Id="s1" Type="`+office+`worksheet" Target="sheets/one.xml"/>`+
			`<Relationship Id="st" Type="`+office+`styles" Target="/book/look.xml"/>`)},
		part{"book/look.xml", `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="[$-411]ggge&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/></numFmts>` +
			`<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="14"/></cellXfs></styleSheet>`},
		part{"book/sheets/one.xml", sheet})
}

// handSheet writes inline strings without any reference; raw replaces single
// cells by "row column" from 1.
func handSheet(rows [][]string, raw map[string]string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><x:worksheet xmlns:x="m"><x:sheetData>`)
	for i, row := range rows {
		b.WriteString("<x:row>")
		for j, c := range row {
			if own, ok := raw[fmt.Sprintf("%d %d", i+1, j+1)]; ok {
				b.WriteString(own)
				continue
			}
			fmt.Fprintf(&b, `<x:c t="inlineStr"><x:is><x:t xml:space="preserve">%s</x:t></x:is></x:c>`, html.EscapeString(c))
		}
		b.WriteString("</x:row>\n")
	}
	b.WriteString(`</x:sheetData></x:worksheet>`)
	return b.String()
}

func TestHandmadeBook(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	rows := [][]string{sampleHeadings(), sampleRow(1), sampleRow(2), sampleRow(3)}
	first, name, items := slices.Index(sampleHeadings(), "初回閲覧日")+1, 2, slices.Index(sampleHeadings(), "閲覧項目")+1
	for _, c := range []struct {
		name string
		row  int
		col  int
		raw  string
		want []string
		say  string // name, first day and items of row 3
	}{
		{"all inline", 9, 9, "", nil, "電力 太郎 2022-10-03 [name phone]"},
		{"day from 1904", 3, first, `<x:c s="1"><x:v>43376</x:v></x:c>`, nil, "電力 太郎 2022-10-04 [name phone]"},
		{"day from 1904 with a time", 3, first, `<x:c s="2"><x:v>43376.75</x:v></x:c>`, nil, "電力 太郎 2022-10-04 [name phone]"},
		{"ISO day", 3, first, `<x:c t="d"><x:v>2022-10-04T00:00:00</x:v></x:c>`, nil, "電力 太郎 2022-10-04 [name phone]"},
		{"formula with its result", 3, name, `<x:c t="str"><x:f>A1</x:f><x:v>電力 花子</x:v></x:c>`, nil, "電力 花子 2022-10-03 [name phone]"},
		{"runs and a reading aid", 3, name, `<x:c t="inlineStr"><x:is><x:r><x:t>電力</x:t></x:r><x:rPh><x:t>デンリョク</x:t></x:rPh><x:r><x:t> 次郎</x:t></x:r></x:is></x:c>`,
			nil, "電力 次郎 2022-10-03 [name phone]"},
		{"an escaped line break", 3, items, `<x:c t="inlineStr"><x:is><x:t>契約名義_x000D_設備容量</x:t></x:is></x:c>`, nil, "電力 太郎 2022-10-03 [name capacity]"},
		{"error cell", 3, items, `<x:c t="e"><x:v>#REF!</x:v></x:c>`, []string{"3 閲覧項目 cell_error"}, ""},
		{"formula without a result", 3, name, `<x:c><x:f>B2</x:f></x:c>`, []string{"3 契約名義 formula_empty"}, ""},
		{"an escaped NUL", 3, name, `<x:c t="inlineStr"><x:is><x:t>電力_x0000_</x:t></x:is></x:c>`, []string{"3 契約名義 control_character"}, ""},
		{"half a surrogate", 3, name, `<x:c t="inlineStr"><x:is><x:t>電力_xD842_</x:t></x:is></x:c>`, []string{"3 契約名義 character_lost"}, ""},
		{"shared string that is not there", 3, name, `<x:c t="s"><x:v>5</x:v></x:c>`, []string{"0  workbook_damaged"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			sheet := handSheet(rows, map[string]string{fmt.Sprintf("%d %d", c.row, c.col): c.raw})
			good, r := readList(t, handBook(t, sheet), opt)
			sameStrings(t, "problems", told(r), c.want)
			if c.want == nil {
				if len(good) != 3 {
					t.Fatalf("%d good rows, want 3", len(good))
				}
				if got := fmt.Sprint(good[1].Name, " ", good[1].First, " ", good[1].Items); got != c.say {
					t.Errorf("row 3 says %s, want %s", got, c.say)
				}
			}
		})
	}
}

func TestDateCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"yyyy/m/d": true, `[$-411]ge.m.d;@`: true, `ggge"年"m"月"d"日"`: true, "d-mmm-yy": true, "General": false, "0": false,
		`0"day"`: false, "0.00E+00": false, "h:mm:ss": false, "[Red]0": false, `\d0`: false, "@": false, "#,##0;[Red]-#,##0": false,
		"m/d": true, "[h]:mm": false, "yyyy": true,
	} {
		if got := dateCode(code); got != want {
			t.Errorf("dateCode(%q) = %v, want %v", code, got, want)
		}
	}
}

// TestDangerousBooks: each is refused as a whole, with its own code.
func TestDangerousBooks(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	good := handSheet([][]string{sampleHeadings(), sampleRow(1)}, nil)
	many := make([]part, 66_000)
	for i := range many {
		many[i].name = fmt.Sprintf("p%d", i)
	}
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"300 MB of spaces in one sheet", bomb(t, 300), codeWorkbookLimits},
		{"50 MB that shrink to nothing", bomb(t, 50), codeWorkbookLimits},
		{"66,000 parts", zipped(t, many...), codeWorkbookLimits},
		{"a name that climbs out", zipped(t, part{"../../etc/x", "x"}), codeWorkbookUnsafe},
		{"a name with a backslash", zipped(t, part{`..\x`, "x"}), codeWorkbookUnsafe},
		{"an absolute name", zipped(t, part{"/etc/x", "x"}), codeWorkbookUnsafe},
		{"a part twice", zipped(t, part{"a", "x"}, part{"A", "y"}), codeWorkbookUnsafe},
		{"a symbolic link", linked(t), codeWorkbookUnsafe},
		{"a document type with entities", handBook(t, strings.Replace(good, "<x:worksheet", `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x:worksheet`, 1)), codeWorkbookUnsafe},
		{"an unknown entity", handBook(t, strings.Replace(good, "電力 太郎", "&b;", 1)), codeWorkbookDamaged},
		{"a row number of 2^31", handBook(t, strings.Replace(good, "<x:row>", `<x:row r="2147483648">`, 1)), codeWorkbookLimits},
		{"rows in the wrong order", handBook(t, strings.Replace(good, "<x:row>", `<x:row r="9"></x:row><x:row r="3">`, 1)), codeWorkbookDamaged},
		{"a sheet that is cut", handBook(t, strings.TrimSuffix(good, "</x:sheetData></x:worksheet>")), codeWorkbookDamaged},
		{"a file that is cut", cutLast(handBook(t, good)), codeWorkbookDamaged},
		{"another kind of zip", zipped(t, part{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}), codeFormatUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, r := readList(t, c.data, opt)
			if len(r.Problems) != 1 || r.Problems[0].Code != c.want || len(rows) != 0 {
				t.Errorf("problems %v, %d rows; want only %s", told(r), len(rows), c.want)
			}
		})
	}
}

// bomb is a workbook with one part of so many megabytes.
func bomb(t testing.TB, megabytes int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	w, err := z.Create("xl/worksheets/sheet1.xml")
	must(t, err)
	spaces := bytes.Repeat([]byte(" "), 1<<20)
	for range megabytes {
		_, err := w.Write(spaces)
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

func linked(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "xl/workbook.xml"}
	h.SetMode(0o777 | 1<<27) // fs.ModeSymlink
	w, err := z.CreateHeader(h)
	must(t, err)
	_, err = w.Write([]byte("/etc/passwd"))
	must(t, err, z.Close())
	return b.Bytes()
}
