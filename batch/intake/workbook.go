package intake

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// workbook is an opened XLSX (ECMA-376, SpreadsheetML). Nothing is unpacked
// to disk, and the name of a part is never used as a path of the machine.
type workbook struct {
	parts    map[string]*zip.File // by name in lower case
	limits   Limits
	sheets   []sheetRef
	since    bool   // days are counted from 1904
	dateXF   []bool // by cell style: shown as a date
	shared   *stringTable
	formulas int
}

// sheetRef is a worksheet of the workbook, in tab order.
type sheetRef struct {
	name   string
	part   string
	hidden bool
}

// openWorkbook checks the limits and reads everything but the sheets.
func openWorkbook(in input, limits Limits) (*workbook, error) {
	z, err := zip.NewReader(in.r, in.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, fileFault(codeWorkbookDamaged)
	}
	w := &workbook{parts: make(map[string]*zip.File), limits: limits}
	if err := w.admit(z.File); err != nil {
		return nil, err
	}
	if err := w.readBook(); err != nil {
		return nil, err
	}
	return w, nil
}

// admit refuses what no spreadsheet program writes and what would cost too
// much: too many or too large parts, names that climb out of the archive.
func (w *workbook) admit(files []*zip.File) error {
	if len(files) > w.limits.Entries {
		return fileFault(codeWorkbookLimits)
	}
	total := uint64(0)
	for _, f := range files {
		if !safeName(f.Name) || f.Mode()&^0o777 != 0 && !f.Mode().IsDir() || f.Flags&1 != 0 {
			return fileFault(codeWorkbookUnsafe)
		}
		size := f.UncompressedSize64
		total += min(size, 1<<40)
		if total > uint64(w.limits.Unzipped) ||
			size > 1<<20 && size/uint64(w.limits.Ratio) > f.CompressedSize64 {
			return fileFault(codeWorkbookLimits)
		}
		if _, twice := w.parts[strings.ToLower(f.Name)]; twice {
			return fileFault(codeWorkbookUnsafe)
		}
		w.parts[strings.ToLower(f.Name)] = f
	}
	return nil
}

func safeName(name string) bool {
	if name == "" || name[0] == '/' || strings.ContainsAny(name, "\\:\x00") {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return false
		}
	}
	return true
}

// open returns a part; nil without an error when it is not there.
func (w *workbook) open(name string) (io.ReadCloser, error) {
	f := w.parts[strings.ToLower(name)]
	if f == nil {
		return nil, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, fileFault(codeWorkbookDamaged)
	}
	return r, nil
}

// each calls fn for every token of a part. Entities other than XML's own five
// are refused by the decoder, document types here.
func (w *workbook) each(name string, fn func(xml.Token, *xml.Decoder) error) error {
	r, err := w.open(name)
	if err != nil || r == nil {
		return err
	}
	defer r.Close()
	d := xml.NewDecoder(r)
	for {
		t, err := nextToken(d)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := fn(t, d); err != nil {
			return err
		}
	}
}

// nextToken reads the next token; everything but io.EOF is a problem of the file.
func nextToken(d *xml.Decoder) (xml.Token, error) {
	t, err := d.RawToken()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, fileFault(codeWorkbookDamaged)
	}
	if _, bad := t.(xml.Directive); bad {
		return nil, fileFault(codeWorkbookUnsafe)
	}
	return t, nil
}

func (w *workbook) readBook() error {
	book, err := w.bookPart()
	if err != nil {
		return err
	}
	targets, err := w.relations(book)
	if err != nil {
		return err
	}
	ids := map[string]relation{}
	for _, r := range targets {
		ids[r.id] = r
		switch r.kind {
		case "sharedStrings":
			w.shared, err = w.readShared(r.target)
		case "styles":
			err = w.readStyles(r.target)
		}
		if err != nil {
			return err
		}
	}
	if err := w.readSheets(book, ids); err != nil {
		return err
	}
	if len(w.sheets) == 0 {
		return fileFault(codeWorkbookDamaged)
	}
	return nil
}

// bookPart finds the main part by the package's relations, as the standard
// asks, and by its usual name where a program left them out.
func (w *workbook) bookPart() (string, error) {
	targets, err := w.relations("")
	if err != nil {
		return "", err
	}
	for _, r := range targets {
		if r.kind == "officeDocument" && strings.HasSuffix(strings.ToLower(r.target), ".xml") {
			return r.target, nil
		}
	}
	if w.parts["xl/workbook.xml"] == nil {
		return "", fileFault(codeFormatUnknown)
	}
	return "xl/workbook.xml", nil
}

// relation is one relationship: id, last word of its type, part it names.
type relation struct{ id, kind, target string }

func (w *workbook) relations(part string) ([]relation, error) {
	dir, base := path.Split(part)
	var out []relation
	err := w.each(dir+"_rels/"+base+".rels", func(t xml.Token, _ *xml.Decoder) error {
		s, ok := t.(xml.StartElement)
		if !ok || s.Name.Local != "Relationship" || attr(s, "TargetMode") == "External" {
			return nil
		}
		out = append(out, relation{attr(s, "Id"), path.Base(attr(s, "Type")), resolve(dir, attr(s, "Target"))})
		return nil
	})
	return out, err
}

// resolve joins an absolute or relative target with the folder of its source.
func resolve(dir, target string) string {
	target = strings.ReplaceAll(target, "\\", "/")
	if strings.HasPrefix(target, "/") {
		return strings.TrimPrefix(path.Clean(target), "/")
	}
	return path.Join(dir, target)
}

func (w *workbook) readSheets(book string, ids map[string]relation) error {
	return w.each(book, func(t xml.Token, _ *xml.Decoder) error {
		s, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case s.Name.Local == "workbookPr":
			w.since = truth(attr(s, "date1904"))
		case s.Name.Local == "sheet":
			r := ids[relationID(s)]
			if r.kind == "worksheet" {
				state := attr(s, "state")
				w.sheets = append(w.sheets, sheetRef{attr(s, "name"), r.target, state == "hidden" || state == "veryHidden"})
			}
		}
		return nil
	})
}

// relationID is the r:id of a sheet; its sheetId has no prefix.
func relationID(s xml.StartElement) string {
	for _, a := range s.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func attr(s xml.StartElement, name string) string {
	for _, a := range s.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func truth(s string) bool { return s == "1" || s == "true" || s == "on" }

func number(s string, otherwise int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return otherwise
	}
	return n
}
