package intake

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func problemBook(t testing.TB, data []byte, opt Options) []byte {
	t.Helper()
	_, r := readList(t, data, opt)
	var b bytes.Buffer
	must(t, WriteProblemBook(&b, bytes.NewReader(data), int64(len(data)), r, testSentences(t), opt.Limits))
	return b.Bytes()
}

func openBook(t testing.TB, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	must(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// faultyRows is a list with faults in rows 3 (two of them) and 5.
func faultyRows() [][]string {
	return [][]string{sampleHeadings(), sampleRow(1), changes(sampleRow(2), "契約名義", "=1+1\n", "需要種別", "@SUM(A1)"),
		sampleRow(3), changes(sampleRow(4), "住所", "=HYPERLINK(\"x\")", "初回閲覧日", "いつか")}
}

func TestProblemBook(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	text := csvText(",", "\r\n", faultyRows()...)
	for name, data := range map[string][]byte{
		"cp932": toCP932(t, text), "utf16": toUTF16(text, binary.LittleEndian, true), "xlsx": toXLSX(t, faultyRows(), nil),
	} {
		t.Run(name, func(t *testing.T) {
			f := openBook(t, problemBook(t, data, opt))
			sameStrings(t, "sheets", f.GetSheetList(), []string{"直していただく行"})
			rows, err := f.GetRows("直していただく行")
			must(t, err)
			if len(rows) != 3 {
				t.Fatalf("%d lines, want headings and two rows", len(rows))
			}
			sameStrings(t, "headings", rows[0][:5], []string{"行番号", "理由", "直し方", "供給地点特定番号", "契約名義"})
			if rows[1][0] != "3" || rows[2][0] != "5" {
				t.Errorf("row numbers %s, %s; want 3, 5", rows[1][0], rows[2][0])
			}
			reasons := strings.Split(rows[1][1], "\n")
			if len(reasons) != 2 || !strings.HasPrefix(reasons[0], "【契約名義】目に見えない制御文字(U+000A)") || !strings.HasPrefix(reasons[1], "【需要種別】") {
				t.Errorf("reasons %q", reasons)
			}
			if rows[1][3] != sampleRow(2)[0] || rows[2][8] != "=HYPERLINK(\"x\")" {
				t.Errorf("cells not as given: %q, %q", rows[1][3], rows[2][8])
			}
			checkMarks(t, f)
		})
	}
}

// checkMarks: the faulty cells are filled, their neighbours are not.
func checkMarks(t *testing.T, f *excelize.File) {
	t.Helper()
	for cell, want := range map[string]string{"D2": "", "E2": "F8CBAD", "F2": "", "Q2": "F8CBAD", "T3": "F8CBAD", "I3": "", "Q3": ""} {
		id, err := f.GetCellStyle("直していただく行", cell)
		must(t, err)
		style, err := f.GetStyle(id)
		must(t, err)
		if got := strings.Join(style.Fill.Color, ""); got != want {
			t.Errorf("fill of %s = %q, want %q", cell, got, want)
		}
	}
}

// TestProblemBookIsSafe: no formula, no clock, no person, the same bytes.
func TestProblemBookIsSafe(t *testing.T) {
	t.Parallel()
	data := toXLSX(t, faultyRows(), nil)
	one, two := problemBook(t, data, testOptions(t)), problemBook(t, data, testOptions(t))
	if !bytes.Equal(one, two) {
		t.Error("two writings differ")
	}
	z, err := zip.NewReader(bytes.NewReader(one), int64(len(one)))
	must(t, err)
	for _, part := range z.File {
		r, err := part.Open()
		must(t, err)
		text, err := io.ReadAll(r)
		must(t, err)
		if bytes.Contains(text, []byte("<f>")) || bytes.Contains(text, []byte("xuri")) {
			t.Errorf("%s holds a formula or a name", part.Name)
		}
		if part.Name == "docProps/core.xml" && !bytes.Contains(text, []byte("2000-01-01T00:00:00Z")) {
			t.Errorf("core properties: %s", text)
		}
	}
}

func TestProblemBookOfTheFile(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	data := []byte(strings.Replace(string(list(change(sampleRow(1), "契約名義", ""))), "住所,", "番地,", 1))
	f := openBook(t, problemBook(t, data, opt))
	rows, err := f.GetRows("ファイル全体の問題")
	must(t, err)
	if len(rows) != 2 || rows[1][0] != "住所" || !strings.Contains(rows[1][1], "見出し「住所」がありません") {
		t.Errorf("file problems: %q", rows)
	}
	opt.Limits.Problems = 1
	f = openBook(t, problemBook(t, list(changes(sampleRow(1), "契約名義", "", "需要種別", "")), opt))
	rows, err = f.GetRows("ファイル全体の問題")
	must(t, err)
	if len(rows) != 2 || !strings.Contains(rows[1][1], "このほかに1件") {
		t.Errorf("what was left out is not told: %q", rows)
	}
}
