package intake

import (
	"errors"
	"io"
	"strings"
)

// headRecords is how many records may stand above and including the headings.
const headRecords = 20

// leastHeadings is how many known headings make a record the heading row.
const leastHeadings = 2

// table knows the columns of one kind of list.
type table struct {
	columns []Column
	words   *words
	jis     cp932
	byKey   map[string]int // folded heading → index in columns
}

func newTable(columns []Column, w Words) (*table, error) {
	compiled, err := compileWords(w)
	if err != nil {
		return nil, err
	}
	t := &table{columns: columns, words: compiled, jis: newCP932(), byKey: map[string]int{}}
	for i, c := range columns {
		t.byKey[key(c.Heading)] = i
		for _, also := range c.Also {
			t.byKey[key(also)] = i
		}
	}
	return t, nil
}

// column returns the column that a heading names. A heading that is nothing
// but an accepted mark, such as 〒, keeps it.
func (t *table) column(heading string) (int, bool) {
	i, ok := t.byKey[t.words.headingKey(heading)]
	return i, ok
}

// score counts the different known headings of a record.
func (t *table) score(rec *record) int {
	seen := make(map[int]bool)
	for i := range rec.cells {
		if c, ok := t.column(rec.cells[i].text); ok {
			seen[c] = true
		}
	}
	return len(seen)
}

// headAt says where the headings stand among the first records.
type headAt struct{ index, score int }

// head reads the first records and finds the heading row among them: the one
// with the most known headings, the first of equals. index is -1 when there
// is none.
func (t *table) head(src source) ([]record, headAt, error) {
	var first []record
	at := headAt{index: -1}
	for len(first) < headRecords {
		rec, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return first, at, err
		}
		if n := t.score(rec); n > at.score {
			at = headAt{len(first), n}
		}
		first = append(first, rec.clone())
	}
	if at.score < leastHeadings {
		at.index = -1
	}
	return first, at, nil
}

// heading is the heading row, read.
type heading struct {
	row     int
	texts   []string // as they stand in the file
	keys    []string // folded
	columns map[string]int
	fields  []string // by column; "" = not known
	twice   map[string][]int
	named   int  // cells up to the last heading
	cells   int  // cells of the record
	jagged  bool // a record may have fewer cells than headings (XLSX)
	unnamed map[int]bool
}

func (t *table) heading(rec *record, jagged bool) *heading {
	h := &heading{row: rec.no, columns: map[string]int{}, twice: map[string][]int{},
		named: rec.width(), cells: len(rec.cells), jagged: jagged, unnamed: map[int]bool{}}
	for i := range rec.cells {
		text := rec.cells[i].text
		field := ""
		if c, ok := t.column(text); ok {
			field = t.columns[c].Field
		}
		h.texts = append(h.texts, text)
		h.keys = append(h.keys, t.words.headingKey(text))
		h.fields = append(h.fields, field)
		if before, ok := h.columns[field]; ok && field != "" {
			h.twice[field] = append(h.twice[field], before, i)
		} else if field != "" {
			h.columns[field] = i
		}
	}
	for field := range h.twice {
		delete(h.columns, field) // which of them is meant would be a guess
	}
	return h
}

// text returns the heading of a column as it stands in the file.
func (h *heading) text(column int) string {
	if column >= 0 && column < len(h.texts) {
		return h.texts[column]
	}
	return ""
}

// misfit returns the problem of a record with too few or too many cells.
func (h *heading) misfit(rec *record) (code string, cells int) {
	switch {
	case h.jagged && rec.width() > h.named:
		return codeRowLong, rec.width()
	case h.jagged:
		return "", 0
	case len(rec.cells) < h.named:
		return codeRowShort, len(rec.cells)
	case len(rec.cells) > h.cells:
		return codeRowLong, len(rec.cells)
	}
	return "", 0
}

// again reports whether a record repeats the headings, cell by cell.
func (h *heading) again(t *table, rec *record) bool {
	if rec.width() != h.named {
		return false
	}
	for i := range h.named {
		if t.words.headingKey(rec.cells[i].text) != h.keys[i] {
			return false
		}
	}
	return true
}

// moved reports whether a record holds known headings, but not in the places
// of the heading row: a second list was joined below. Five of them stand in
// no row of data.
func (h *heading) moved(t *table, rec *record) bool {
	return t.score(rec) >= 5
}

// plain reports whether a record is one of data without any doubt, because a
// long number stands under 供給地点特定番号.
func (h *heading) plain(rec *record) bool {
	i, ok := h.columns[fieldSupplyPoint]
	if !ok {
		return false
	}
	d, _ := digits(rec.at(i).text)
	return len(d) >= 15
}

// isTotal reports whether a record is a totals row: its first cell that is
// not empty says so, or all of them are numbers.
func (h *heading) isTotal(t *table, rec *record) bool {
	first, numeric := "", true
	for i := range rec.cells {
		k := key(rec.cells[i].text)
		if k == "" {
			continue
		}
		if first == "" {
			first = k
		}
		numeric = numeric && (rec.cells[i].kind == numberCell || t.words.number.MatchString(k))
	}
	return first != "" && (numeric || t.words.totals.MatchString(first))
}

// markUnnamed remembers columns that hold data but no heading.
func (h *heading) markUnnamed(rec *record) {
	for i := range min(len(rec.cells), len(h.texts)) {
		if h.keys[i] == "" && !h.unnamed[i] && !blank(rec.cells[i].text) {
			h.unnamed[i] = true
		}
	}
}

// joinNames lists names for a sentence.
func joinNames(names []string) string { return strings.Join(names, ", ") }
