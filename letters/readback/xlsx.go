package readback

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Workbook is what stands in an XLSX file.
type Workbook struct {
	Sheets     []Sheet
	Properties map[string]string // creator, lastModifiedBy, title, Company …: those that are not empty
	Parts      []string          // names of all files inside, sorted: macros and links show here
}

// Sheet is one sheet. Rows hold every row from the first, cells every column
// from A, as text: numbers as they are stored, shared strings looked up.
type Sheet struct {
	Name     string
	Hidden   bool
	Rows     [][]string
	Formulas int // cells with a formula
	Numbers  int // cells stored as numbers: a long contract number would be rounded
}

// maxCells limits the cells of a workbook, gaps filled.
const maxCells = 5_000_000

// OpenXLSX reads an XLSX file of size bytes. It returns ErrMalformed,
// ErrNotUnderstood or ErrTooLarge.
func OpenXLSX(r io.ReaderAt, size int64) (w *Workbook, err error) {
	defer guard(&err)
	a, err := OpenZIP(r, size)
	if err != nil {
		return nil, err
	}
	b := &book{archive: a, out: &Workbook{Properties: make(map[string]string), Parts: a.Names()}}
	for _, step := range []func() error{b.strings, b.sheets, b.properties} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return b.out, nil
}

// book is a workbook while it is read.
type book struct {
	archive *Archive
	shared  []string
	cells   int
	out     *Workbook
}

// part reads one XML part into v; a part that is not there leaves it empty.
func (b *book) part(name string, v any) error {
	data, err := b.archive.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := xml.NewDecoder(bytes.NewReader(data)).Decode(v); err != nil {
		return malformed("XML of a workbook")
	}
	return nil
}

// richText is a string item: plain, or in runs. Reading aids (rPh) are left
// out, as a spreadsheet leaves them out.
type richText struct {
	T    string `xml:"t"`
	Runs []struct {
		T string `xml:"t"`
	} `xml:"r"`
}

func (t richText) String() string {
	var b strings.Builder
	b.WriteString(t.T)
	for _, run := range t.Runs {
		b.WriteString(run.T)
	}
	return b.String()
}

func (b *book) strings() error {
	var table struct {
		Items []richText `xml:"si"`
	}
	if err := b.part("xl/sharedStrings.xml", &table); err != nil {
		return err
	}
	for _, item := range table.Items {
		b.shared = append(b.shared, item.String())
	}
	return nil
}

type workbookXML struct {
	Sheets []struct {
		Name  string `xml:"name,attr"`
		State string `xml:"state,attr"`
		ID    string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
	} `xml:"sheets>sheet"`
}

type relationsXML struct {
	Relations []struct {
		ID     string `xml:"Id,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

func (b *book) sheets() error {
	var list workbookXML
	var relations relationsXML
	if err := b.part("xl/workbook.xml", &list); err != nil {
		return err
	}
	if err := b.part("xl/_rels/workbook.xml.rels", &relations); err != nil {
		return err
	}
	targets := make(map[string]string)
	for _, r := range relations.Relations {
		targets[r.ID] = r.Target
	}
	if len(list.Sheets) == 0 {
		return malformed("workbook without sheets")
	}
	for i, s := range list.Sheets {
		sheet := Sheet{Name: s.Name, Hidden: s.State != "" && s.State != "visible"}
		if err := b.sheet(&sheet, targets[s.ID]); err != nil {
			return fmt.Errorf("sheet %d: %w", i+1, err)
		}
		b.out.Sheets = append(b.out.Sheets, sheet)
	}
	return nil
}

// sheet reads the rows of one sheet as a stream: a sheet may be large.
func (b *book) sheet(s *Sheet, target string) error {
	name := path.Join("xl", target)
	if rest, found := strings.CutPrefix(target, "/"); found {
		name = rest
	}
	data, err := b.archive.Read(name)
	if err != nil {
		return malformed("sheet of a workbook")
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		t, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return malformed("XML of a sheet")
		}
		if start, ok := t.(xml.StartElement); ok && start.Name.Local == "row" {
			if err := b.row(s, d, start); err != nil {
				return err
			}
		}
	}
}

// properties reads author, title and company, wherever they stand.
func (b *book) properties() error {
	for _, name := range []string{"docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"} {
		var doc struct {
			Fields []struct {
				XMLName xml.Name
				Value   string `xml:",chardata"`
			} `xml:",any"`
		}
		if err := b.part(name, &doc); err != nil {
			return err
		}
		for _, f := range doc.Fields {
			if v := strings.TrimSpace(f.Value); v != "" {
				b.out.Properties[f.XMLName.Local] = v
			}
		}
	}
	return nil
}
