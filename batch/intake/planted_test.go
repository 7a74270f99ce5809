package intake

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"oshirase/letters"
)

// plantedList is a list of good rows with 40 faults of different kinds among
// them, one a row, and the problems that must be told.
func plantedList(t testing.TB) (rows [][]string, want []string, good []int) {
	t.Helper()
	rows = [][]string{{"閲覧確認済契約リスト"}, sampleHeadings()}
	planted := 0
	for _, c := range refusals() {
		for range 2 {
			rows = append(rows, sampleRow(len(rows)))
			good = append(good, len(rows))
		}
		all := strings.Join(c.edits, "")
		if planted == 40 || len(c.want) > 1 || strings.ContainsAny(all, "\x00\u202e\ufffd\r") {
			continue
		}
		planted++
		rows = append(rows, changes(sampleRow(len(rows)), c.edits...))
		want = append(want, fmt.Sprint(len(rows), " ", c.want[0]))
	}
	rows = append(rows, []string{"合計", "", "", "123件"})
	if planted != 40 {
		t.Fatalf("%d faults planted, want 40", planted)
	}
	return rows, want, good
}

// TestFortyPlantedFaults: whatever way the list is stored, 40 of 40 are found
// with row and column, and no good row is named.
func TestFortyPlantedFaults(t *testing.T) {
	t.Parallel()
	rows, want, good := plantedList(t)
	comma, tab := csvText(",", "\r\n", rows...), csvText("\t", "\n", rows...)
	opt, say := testOptions(t), testSentences(t)
	for name, data := range map[string][]byte{
		"cp932.csv": toCP932(t, comma), "utf8.csv": []byte(comma), "utf8bom.csv": []byte("\ufeff" + comma),
		"utf16.csv": toUTF16(comma, binary.LittleEndian, true), "cp932.tsv": toCP932(t, tab),
		"utf16.tsv": toUTF16(tab, binary.BigEndian, false), "list.xlsx": toXLSX(t, rows, nil),
		"cr.csv": toCP932(t, csvText(",", "\r", rows...)),
	} {
		got, r := readList(t, data, opt)
		sameStrings(t, name, told(r), want)
		if !slices.Equal(numbers(got), good) || r.Total != 40 {
			t.Errorf("%s: good rows or total %d differ", name, r.Total)
		}
		for _, p := range r.Problems {
			reason, advice := say.Text(p)
			if strings.ContainsAny(reason+advice, "{}") || advice == "" {
				t.Errorf("%s: %s: %q %q", name, p.Code, reason, advice)
			}
		}
	}
}

func numbers(rows []letters.Row) []int {
	var out []int
	for _, r := range rows {
		out = append(out, r.No)
	}
	return out
}
