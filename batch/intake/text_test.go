package intake

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"oshirase/letters"
)

// TestEveryStorage reads the same list in every encoding, separator and line
// ending, and wants the same rows and the right description.
func TestEveryStorage(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	hard := change(sampleRow(2), "契約名義", "髙﨑 ① ㈱")
	rows := [][]string{sampleHeadings(), sampleRow(1), hard, change(sampleRow(3), "方書", "見本ハイツ\n101, \"南\"棟")}
	want, _ := readList(t, []byte(csvText(",", "\n", rows...)), opt)
	for _, sep := range []string{",", "\t"} {
		for _, newline := range []string{"\r\n", "\n", "\r"} {
			text := csvText(sep, newline, rows...)
			for name, data := range map[string][]byte{
				"CP932":        toCP932(t, text),
				"UTF-8":        []byte(text),
				"UTF-8 BOM":    []byte("\ufeff" + text),
				"UTF-16LE":     toUTF16(text, binary.LittleEndian, false),
				"UTF-16BE":     toUTF16(text, binary.BigEndian, false),
				"UTF-16LE BOM": toUTF16(text, binary.LittleEndian, true),
				"UTF-16BE BOM": toUTF16(text, binary.BigEndian, true),
			} {
				got, r := readList(t, data, opt)
				described := fmt.Sprint(r.Encoding, r.Separator, r.Newline)
				if want := fmt.Sprint(name, sep, map[string]string{"\r\n": "CRLF", "\n": "LF", "\r": "CR"}[newline]); described != want {
					t.Errorf("described as %q, want %q", described, want)
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s %q %q: rows differ: %v\n%v", name, sep, newline, told(r), got)
				}
			}
		}
	}
}

func TestDescription(t *testing.T) {
	t.Parallel()
	head := slices.Clone(sampleHeadings())
	head[0], head[1], head[4], head[9] = "供給地点\n特定番号※１", "　契約 名義人(※2)", "〒", "Ｅ－ｍａｉｌ"
	head = append(head, "調査メモ", "")
	rows := [][]string{{"閲覧確認済契約リスト"}, {}, {"作成", "広報"}, head}
	for n := range 3 {
		rows = append(rows, append(sampleRow(n), "メモ", "x"))
	}
	rows = append(rows, []string{"", "", ""}, head, []string{}, append(sampleRow(9), "", ""), []string{"合計", "", "4件"}, []string{"", "4"})
	good, r := readList(t, []byte(csvText(",", "\r\n", rows...)), testOptions(t))
	if len(good) != 4 || r.HeadingRow != 4 || good[0].No != 5 || good[3].No != 11 {
		t.Fatalf("rows %d, heading %d, problems %v", len(good), r.HeadingRow, told(r))
	}
	got := fmt.Sprint(r.Titles, r.Totals, r.Repeated, r.Empty, r.Unknown, r.Unnamed, len(r.Columns))
	if want := "[1 3] [12 13] [9] 2 [調査メモ] [Y] 23"; got != want {
		t.Errorf("described %s, want %s", got, want)
	}
	if c := r.Columns[0]; c.Column != "A" || c.Heading != head[0] || c.Field != "supply_point" {
		t.Errorf("first column %+v", c)
	}
}

func TestColumnsInAnyOrder(t *testing.T) {
	t.Parallel()
	rows := [][]string{sampleHeadings(), sampleRow(1)}
	for i := range rows {
		rows[i] = slices.Clone(rows[i])
		slices.Reverse(rows[i])
	}
	got, r := readList(t, []byte(csvText(",", "\n", rows...)), testOptions(t))
	want, _ := readList(t, list(sampleRow(1)), testOptions(t))
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("rows differ: %v", told(r))
	}
}

// TestFileProblems: what concerns the file is told, and no row is handed over.
func TestFileProblems(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	text := string(list(sampleRow(1), change(sampleRow(2), "契約名義", "")))
	for _, c := range []struct {
		name string
		data string
		want []string
	}{
		{"empty", "", []string{"0  file_empty"}},
		{"no headings", "a,b,c\r\nd,e,f\r\n", []string{"0  heading_not_found"}},
		{"no rows", string(list()), []string{"0  rows_none"}},
		{"missing heading, rows checked all the same", strings.Replace(text, ",住所,", ",番地,", 1), []string{"0 住所 heading_missing", "3 契約名義 name_empty"}},
		{"wrong heading", strings.Replace(text, "供給地点特定番号", "供給番号", 1), []string{"0 供給地点特定番号 heading_missing", "3 契約名義 name_empty"}},
		{"doubled heading", strings.Replace(text, ",方書,", ",住所1,", 1), []string{"0 住所 heading_duplicate", "3 契約名義 name_empty"}},
		{"old Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", []string{"0  format_old_excel"}},
		{"PDF", "%PDF-1.7", []string{"0  format_unknown"}},
		{"neither UTF-8 nor CP932", "\xff\xff\xff,\xa0\xfd\n\xe3\x81", []string{"0  encoding_ambiguous"}},
		{"one endless line", text + strings.Repeat("あ", 400_000), []string{"0  line_too_long"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, r := readList(t, []byte(c.data), opt)
			sameStrings(t, "problems", told(r), c.want)
			if !r.FileProblem {
				t.Error("FileProblem is not set")
			}
			if r.Good != 0 {
				t.Errorf("%d rows were handed over", r.Good)
			}
		})
	}
}

// TestFaultyText has one named case per way in which a text file breaks.
func TestFaultyText(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	lines := strings.SplitAfter(string(list(sampleRow(1), sampleRow(2), sampleRow(3), sampleRow(4))), "\r\n")
	line := func(n int, old, new string) string {
		out := slices.Clone(lines)
		out[n-1] = strings.Replace(out[n-1], old, new, 1)
		return strings.Join(out, "")
	}
	for _, c := range []struct {
		name string
		data []byte
		want []string
		good []int
	}{
		{"bare quote in a field is text", []byte(line(3, "電力 太郎", `電力"太郎`)), nil, []int{2, 3, 4, 5}},
		{"missing closing quote", []byte(line(3, "電力 太郎", `"電力 太郎`)), []string{"3  quote_missing"}, []int{2, 4, 5}},
		{"missing closing quote in the last row", []byte(line(5, "電力 太郎", `"電力 太郎`)), []string{"5  quote_missing"}, []int{2, 3, 4}},
		{"text behind a closing quote", []byte(line(3, "電力 太郎", `"電力" 太郎`)), []string{"3  quote_stray"}, []int{2, 4, 5}},
		{"missing quote before a row that is quoted", []byte(line(3, "見本ハイツ101,", `"見本ハイツ101,"別",`)), []string{"3  quote_stray"}, []int{2, 4, 5}},
		{"short row", []byte(line(3, ",九州電力、業務委託先,,,", "")), []string{"3  row_short"}, []int{2, 4, 5}},
		{"long row", []byte(line(3, "\r\n", ",余り\r\n")), []string{"3  row_long"}, []int{2, 4, 5}},
		{"broken CP932 byte", toBroken(t, line(3, "電力 太郎", "電力#太郎"), "#", "\xfd"), []string{"3 契約名義 bytes_broken"}, []int{2, 4, 5}},
		{"lead byte before a comma", toBroken(t, line(3, "電力 太郎,", "電力#,"), "#", "\x8c"), []string{"3 契約名義 bytes_broken"}, []int{2, 4, 5}},
		{"broken UTF-8 byte", []byte(line(3, "電力 太郎", "電力\x8c太郎")), []string{"3 契約名義 bytes_broken"}, []int{2, 4, 5}},
		{"cut last byte", cutLast(toCP932(t, line(5, ",,,\r\n", ",,,通常"))), []string{"5 取扱区分 bytes_broken"}, []int{2, 3, 4}},
		{"a UTF-8 row in a CP932 file", slices.Concat(toCP932(t, lines[0]+lines[1]), []byte(lines[2]), toCP932(t, lines[3]+lines[4])),
			[]string{"3  encoding_mixed"}, []int{2, 4, 5}},
		{"a second list with other columns below", []byte(line(3, strings.TrimSuffix(lines[2], "\r\n"), reversed(lines[0]))), []string{"3  heading_moved"}, []int{2, 4, 5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, r := readList(t, c.data, opt)
			var got []string
			for _, g := range told(r) {
				if !strings.Contains(c.want[0], "encoding_mixed") || !strings.Contains(g, "bytes_broken") {
					got = append(got, g)
				}
			}
			sameStrings(t, "problems", got, c.want)
			var good []int
			for _, row := range rows {
				good = append(good, row.No)
			}
			if !slices.Equal(good, c.good) {
				t.Errorf("good rows %v, want %v", good, c.good)
			}
		})
	}
}

func toBroken(t testing.TB, text, mark, with string) []byte {
	return []byte(strings.Replace(string(toCP932(t, text)), mark, with, 1))
}

func cutLast(b []byte) []byte { return b[:len(b)-1] }

func reversed(headings string) string {
	parts := strings.Split(strings.TrimSpace(headings), ",")
	slices.Reverse(parts)
	return strings.Join(parts, ",")
}

func TestBrokenByteOffset(t *testing.T) {
	t.Parallel()
	data := toCP932(t, string(list(change(sampleRow(1), "契約名義", "電力#太郎"))))
	at := slices.Index(data, '#')
	data[at] = 0xfd
	_, r := readList(t, data, testOptions(t))
	if len(r.Problems) != 1 || r.Problems[0].Args[0] != fmt.Sprint(at) {
		t.Errorf("problems %+v, want one at byte %d", r.Problems, at)
	}
}

// TestHouseCharacters: 外字 come through as private characters and are noted,
// twins are counted and nothing is lost.
func TestHouseCharacters(t *testing.T) {
	t.Parallel()
	data := toCP932(t, string(list(change(sampleRow(1), "契約名義", "QQRR"), change(sampleRow(2), "契約名義", "XX太郎"))))
	data = []byte(strings.NewReplacer("QQ", "\xf0\x40", "RR", "\xf9\xfc", "XX", "\xfb\xfc").Replace(string(data)))
	rows, r := readList(t, data, testOptions(t))
	if len(rows) != 2 || rows[0].Name != "\ue000\ue757" || rows[1].Name != "髙太郎" {
		t.Fatalf("rows %+v, problems %v", rows, told(r))
	}
	if got := fmt.Sprint(r.Foreign, r.Duplicates); got != "[{U+E000 1 2} {U+E757 1 2}] 1" {
		t.Errorf("noted %s", got)
	}
}

func TestProblemCap(t *testing.T) {
	t.Parallel()
	opt := testOptions(t)
	opt.Limits.Problems = 3
	var rows [][]string
	for n := range 10 {
		rows = append(rows, changes(sampleRow(n), "契約名義", "", "需要種別", ""))
	}
	_, r := readList(t, list(rows...), opt)
	if len(r.Problems) != 3 || r.Total != 20 || len(r.ProblemRows) != 10 {
		t.Errorf("kept %d, total %d, rows %d", len(r.Problems), r.Total, len(r.ProblemRows))
	}
}

func TestCallbackErrorStops(t *testing.T) {
	t.Parallel()
	data := list(sampleRow(1), sampleRow(2))
	calls := 0
	stop := fmt.Errorf("stop")
	_, err := Read(t.Context(), "list", strings.NewReader(string(data)), int64(len(data)), testOptions(t), func(letters.Row) error {
		calls++
		return stop
	})
	if err != stop || calls != 1 {
		t.Errorf("err %v after %d calls, want stop after 1", err, calls)
	}
}
