package readback

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// zipped packs name and contents in turn.
func zipped(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		f, err := w.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(parts[i+1]))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// stored packs without compressing.
func stored(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: parts[i]})
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(parts[i+1]))
	}
	w.Close()
	return b.Bytes()
}

// workbook packs one sheet of hand-written XML.
func workbook(t testing.TB, sheet string, more ...string) []byte {
	t.Helper()
	parts := append([]string{
		"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="契約一覧" sheetId="1" state="hidden" r:id="rId7"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId7" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml", `<worksheet><sheetData>` + sheet + `</sheetData></worksheet>`,
	}, more...)
	return zipped(t, parts...)
}

func openXLSX(raw []byte) (*Workbook, error) {
	return OpenXLSX(bytes.NewReader(raw), int64(len(raw)))
}

func TestXLSXOfExcelize(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	for _, err := range []error{
		f.SetSheetName("Sheet1", "契約一覧"),
		f.SetCellStr("契約一覧", "A1", "供給地点特定番号"),
		f.SetCellStr("契約一覧", "B1", "通知状況"),
		f.SetCellStr("契約一覧", "A3", "0912345678901234567890"),
		f.SetCellStr("契約一覧", "C3", "髙﨑𠮷 <&> =1+1"),
		f.SetCellInt("契約一覧", "D3", 44855),
		f.SetCellFormula("契約一覧", "E3", "D3*2"),
		f.SetDocProps(&excelize.DocProperties{Creator: "送配電", LastModifiedBy: "送配電", Created: "2023-02-08T00:00:00Z"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.NewSheet("説明"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	w, err := openXLSX(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Sheets) != 2 || w.Sheets[0].Name != "契約一覧" || w.Sheets[1].Name != "説明" || w.Sheets[0].Hidden {
		t.Fatalf("sheets %+v", w.Sheets)
	}
	want := [][]string{{"供給地点特定番号", "通知状況"}, nil, {"0912345678901234567890", "", "髙﨑𠮷 <&> =1+1", "44855", ""}}
	got := w.Sheets[0]
	if !slices.EqualFunc(got.Rows, want, slices.Equal[[]string]) || got.Formulas != 1 || got.Numbers != 1 {
		t.Errorf("sheet %+v", got)
	}
	if w.Properties["creator"] != "送配電" || w.Properties["created"] != "2023-02-08T00:00:00Z" {
		t.Errorf("properties %v", w.Properties)
	}
	if !slices.Contains(w.Parts, "xl/workbook.xml") || slices.Contains(w.Parts, "xl/vbaProject.bin") {
		t.Errorf("parts %v", w.Parts)
	}
}

func TestXLSXForms(t *testing.T) {
	t.Parallel()
	shared := `<sst><si><t>一</t></si><si><r><t>二</t></r><r><t xml:space="preserve"> 三</t></r><rPh><t>サン</t></rPh></si></sst>`
	sheet := `<row r="2"><c r="B2" t="s"><v>1</v></c><c t="inlineStr"><is><t>中</t></is></c><c r="E2" t="b"><v>1</v></c></row><row><c t="s"><v>0</v></c><c t="str"><f>A1</f><v>x</v></c></row>`
	w, err := openXLSX(workbook(t, sheet, "xl/sharedStrings.xml", shared))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{nil, {"", "二 三", "中", "", "1"}, {"一", "x"}}
	if s := w.Sheets[0]; !slices.EqualFunc(s.Rows, want, slices.Equal[[]string]) || s.Formulas != 1 || s.Numbers != 0 || !s.Hidden {
		t.Errorf("sheet %+v", s)
	}
}

func TestXLSXRefuses(t *testing.T) {
	t.Parallel()
	sound := `<row r="1"><c r="A1"><v>1</v></c></row>`
	if _, err := openXLSX(workbook(t, sound)); err != nil {
		t.Fatalf("sound file: %v", err)
	}
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"no ZIP":              {[]byte("PK"), ErrMalformed},
		"no workbook":         {zipped(t, "a", "b"), ErrMalformed},
		"no sheet file":       {zipped(t, "xl/workbook.xml", `<workbook><sheets><sheet name="a"/></sheets></workbook>`), ErrMalformed},
		"broken XML":          {workbook(t, `<row r="1"><c>`), ErrMalformed},
		"row backward":        {workbook(t, `<row r="2"/><row r="1"/>`), ErrMalformed},
		"row too far":         {workbook(t, `<row r="2147483647"/>`), ErrMalformed},
		"row no number":       {workbook(t, `<row r="x"/>`), ErrMalformed},
		"cell backward":       {workbook(t, `<row r="1"><c r="B1"/><c r="A1"/></row>`), ErrMalformed},
		"column too far":      {workbook(t, `<row r="1"><c r="ZZZZ1"/></row>`), ErrMalformed},
		"column of nothing":   {workbook(t, `<row r="1"><c r="1"/></row>`), ErrMalformed},
		"shared string":       {workbook(t, `<row r="1"><c r="A1" t="s"><v>0</v></c></row>`), ErrMalformed},
		"cell type":           {workbook(t, `<row r="1"><c r="A1" t="zz"/></row>`), ErrNotUnderstood},
		"too many cells":      {workbook(t, manyCells()), ErrTooLarge},
		"an entity":           {workbook(t, `<row r="1"><c r="A1" t="str"><v>&x;</v></c></row>`), ErrMalformed},
		"name that leads out": {zipped(t, "../x", "y"), ErrMalformed},
	} {
		if _, err := openXLSX(c.raw); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// manyCells is a small text that stands for more cells than are allowed.
func manyCells() string {
	var b strings.Builder
	for i := range 400 {
		fmt.Fprintf(&b, `<row r="%d"><c r="XFD%d"/></row>`, i+1, i+1)
	}
	return b.String()
}

func TestZIP(t *testing.T) {
	t.Parallel()
	raw := stored(t, "b/説明.pdf", "two", "a.csv", "one")
	a, err := OpenZIP(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Names(), []string{"a.csv", "b/説明.pdf"}) {
		t.Errorf("names %q", a.Names())
	}
	if data, err := a.Read("b/説明.pdf"); err != nil || string(data) != "two" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := a.Read("c"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing entry: %v", err)
	}
	// One flipped bit in the contents is seen by the check sum.
	raw[bytes.Index(raw, []byte("two"))] ^= 1
	a, err = OpenZIP(bytes.NewReader(raw), int64(len(raw)))
	if err == nil {
		_, err = a.Read("b/説明.pdf")
	}
	if !errors.Is(err, ErrMalformed) {
		t.Errorf("flipped bit: %v", err)
	}
}

func TestZIPRefuses(t *testing.T) {
	t.Parallel()
	var link, bomb bytes.Buffer
	w := zip.NewWriter(&link)
	h := &zip.FileHeader{Name: "x"}
	h.SetMode(os.ModeSymlink | 0o777)
	if f, err := w.CreateHeader(h); err == nil {
		f.Write([]byte("/etc/passwd"))
	}
	w.Close()
	w = zip.NewWriter(&bomb)
	f, _ := w.Create("x")
	for range 300 {
		f.Write(make([]byte, 1<<20))
	}
	w.Close()
	var crowd []string
	for i := range maxEntries + 1 {
		crowd = append(crowd, fmt.Sprint(i), "")
	}
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"link":       {link.Bytes(), ErrMalformed},
		"bomb":       {bomb.Bytes(), ErrTooLarge},
		"crowd":      {zipped(t, crowd...), ErrTooLarge},
		"absolute":   {zipped(t, "/x", "y"), ErrMalformed},
		"outside":    {zipped(t, "a/../../x", "y"), ErrMalformed},
		"backslash":  {zipped(t, `..\x`, "y"), ErrMalformed},
		"twice":      {zipped(t, "x", "1", "x", "2"), ErrMalformed},
		"empty file": {nil, ErrMalformed},
	} {
		if _, err := OpenZIP(bytes.NewReader(c.raw), int64(len(c.raw))); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
