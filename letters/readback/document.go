package readback

import (
	"fmt"
	"io"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// maxFile limits a PDF: a print file of a thousand letters is about 40 MB.
const maxFile = 1 << 30

// Document is an opened PDF. It is not safe for several goroutines.
type Document struct {
	ctx   *model.Context
	pages []page
	fonts map[int]*Font // by object number

	operations map[string]operation // how each operator is read
	inflater   inflater
	contents   map[int][]byte // of streams that pages have in common, by object number
	kept       int            // bytes in contents
	last       *Page          // the page read last
	lastI      int
}

// page is a leaf of the page tree with what it inherits.
type page struct {
	dict      types.Dict
	resources types.Dict
	mediaBox  [4]float64
}

// Open reads a PDF of size bytes with an ordinary cross-reference table.
// Encrypted files and files that were changed after they were written are
// refused; nothing is repaired. It returns
// ErrMalformed, ErrNotUnderstood or ErrTooLarge.
func Open(r io.ReaderAt, size int64) (doc *Document, err error) {
	defer guard(&err)
	if size > maxFile {
		return nil, fmt.Errorf("PDF of %d bytes: %w", size, ErrTooLarge)
	}
	if err := checkFrame(r, size); err != nil {
		return nil, err
	}
	return read(r, size)
}

// OpenCopy reads a PDF that another program may have saved again: with a
// cross-reference stream, packed objects, or changes added at its end, of
// which the newest count, as in a viewer. It returns the errors of Open.
func OpenCopy(r io.ReaderAt, size int64) (doc *Document, err error) {
	defer guard(&err)
	if size > maxFile {
		return nil, fmt.Errorf("PDF of %d bytes: %w", size, ErrTooLarge)
	}
	return read(r, size)
}

func read(r io.ReaderAt, size int64) (*Document, error) {
	// Built here, not taken from the library's defaults: those look for a
	// configuration file in the user's home.
	conf := &model.Configuration{
		Reader15:       true,
		ValidationMode: model.ValidationStrict,
		Cmd:            model.EXTRACTCONTENT,
		Offline:        true,
		Limits:         model.DefaultResourceLimits(),
	}
	ctx, err := pdfcpu.Read(io.NewSectionReader(r, 0, size), conf)
	if err != nil {
		// The library's words may quote the file; they stay here.
		return nil, malformed("PDF objects")
	}
	d := &Document{ctx: ctx, fonts: make(map[int]*Font), lastI: -1, operations: newOperations()}
	if err := d.loadPages(); err != nil {
		return nil, err
	}
	return d, nil
}

// root returns the catalog.
func (d *Document) root() types.Dict {
	if d.ctx.Root == nil {
		return nil
	}
	return asDict(d.resolve(*d.ctx.Root))
}

func (d *Document) loadPages() error {
	tree := d.getDict(d.root(), "Pages")
	if tree == nil {
		return malformed("no page tree")
	}
	if err := d.walk(tree, page{}, 0); err != nil {
		return err
	}
	if count, ok := d.number(d.get(tree, "Count")); !ok || int(count) != len(d.pages) {
		return malformed("page tree counts %v pages and has %d", count, len(d.pages))
	}
	return nil
}

const maxPages = 100_000

// walk collects the leaves below a node of the page tree.
func (d *Document) walk(node types.Dict, inherited page, depth int) error {
	if depth > maxDepth || len(d.pages) > maxPages {
		return malformed("page tree too deep or too long")
	}
	inherited.dict = node
	if r := d.getDict(node, "Resources"); r != nil {
		inherited.resources = r
	}
	if box, ok := d.numbers(d.get(node, "MediaBox"), 4); ok {
		inherited.mediaBox = [4]float64(box)
	}
	switch d.getName(node, "Type") {
	case "Page":
		d.pages = append(d.pages, inherited)
		return nil
	case "Pages":
	default:
		return malformed("node of the page tree")
	}
	for _, kid := range d.getArray(node, "Kids") {
		child := asDict(d.resolve(kid))
		if child == nil {
			return malformed("node of the page tree")
		}
		if err := d.walk(child, inherited, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// Pages returns the number of pages.
func (d *Document) Pages() int { return len(d.pages) }

func (d *Document) page(i int) (page, error) {
	if i < 0 || i >= len(d.pages) {
		return page{}, fmt.Errorf("page %d of %d: %w", i, len(d.pages), ErrNoPage)
	}
	return d.pages[i], nil
}

// PageSize returns width and height of page i (from 0) in pt. A page that is
// rotated, or whose box does not begin at 0, 0, is refused.
func (d *Document) PageSize(i int) (width, height float64, err error) {
	p, err := d.page(i)
	if err != nil {
		return 0, 0, err
	}
	b := p.mediaBox
	if b[0] != 0 || b[1] != 0 || b[2] <= 0 || b[3] <= 0 {
		return 0, 0, notUnderstood("page box %v", b)
	}
	if turn, ok := d.number(d.get(p.dict, "Rotate")); ok && turn != 0 {
		return 0, 0, notUnderstood("page turned by %v degrees", turn)
	}
	return b[2], b[3], nil
}

// PageContent returns the unpacked content stream of page i (from 0), the
// parts of an array joined by a line end as a viewer joins them.
func (d *Document) PageContent(i int) (content []byte, err error) {
	defer guard(&err)
	p, err := d.page(i)
	if err != nil {
		return nil, err
	}
	o := d.get(p.dict, "Contents")
	parts, isArray := o.(types.Array)
	if !isArray {
		return d.stream(o)
	}
	for n, part := range parts {
		data, err := d.contentPart(part)
		if err != nil {
			return nil, fmt.Errorf("content part %d: %w", n, err)
		}
		if n > 0 {
			content = append(content, '\n')
		}
		content = append(content, data...)
	}
	return content, nil
}

// maxKept limits the contents that are kept for the pages to come.
const maxKept = 8 << 20

// contentPart unpacks a part of a page's content. Pages of a print file have
// parts in common, so what was unpacked last is kept.
func (d *Document) contentPart(o types.Object) ([]byte, error) {
	ref, indirect := o.(types.IndirectRef)
	n := ref.ObjectNumber.Value()
	if data, ok := d.contents[n]; ok && indirect {
		return data, nil
	}
	data, err := d.stream(o)
	if err != nil || !indirect {
		return data, err
	}
	if d.kept += len(data); d.contents == nil || d.kept > maxKept {
		d.contents, d.kept = map[int][]byte{}, len(data)
	}
	d.contents[n] = data
	return data, nil
}

// Version returns the PDF version as a text like "1.7".
func (d *Document) Version() string { return d.ctx.VersionString() }

// Info returns the document information dictionary (Title, Producer …).
func (d *Document) Info() map[string]string {
	info := make(map[string]string)
	if d.ctx.Info == nil {
		return info
	}
	dict := asDict(d.resolve(*d.ctx.Info))
	for key, o := range dict {
		if s, ok := d.text(o); ok {
			info[key] = s
		} else if n, ok := d.resolve(o).(types.Name); ok {
			info[key] = string(n)
		}
	}
	return info
}

// Lang returns the document's language, e.g. "ja-JP"; "" when it has none.
func (d *Document) Lang() string {
	s, _ := d.text(d.get(d.root(), "Lang"))
	return s
}

// Metadata returns the XMP packet; "" when there is none.
func (d *Document) Metadata() (packet string, err error) {
	defer guard(&err)
	o := d.get(d.root(), "Metadata")
	if o == nil {
		return "", nil
	}
	data, err := d.stream(o)
	return string(data), err
}

// Tagged reports whether the document has a structure tree and says so.
func (d *Document) Tagged() bool {
	marked := d.get(d.getDict(d.root(), "MarkInfo"), "Marked")
	yes, _ := marked.(types.Boolean)
	return bool(yes) && d.getDict(d.root(), "StructTreeRoot") != nil
}

// EmbeddedFiles returns the names of all files inside the PDF, sorted. Every
// object of the file is looked at, not only the list in the catalog.
func (d *Document) EmbeddedFiles() []string {
	names := []string{}
	for _, entry := range d.ctx.Table {
		dict := asDict(entry.Object)
		if dict == nil || d.getDict(dict, "EF") == nil {
			continue
		}
		name, ok := d.text(d.get(dict, "UF"))
		if !ok {
			name, _ = d.text(d.get(dict, "F"))
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
