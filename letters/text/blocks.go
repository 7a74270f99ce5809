package text

// Block is one neutral piece of a document: Heading, Paragraph, List, Table,
// Chart, Gap or Break. The same blocks make pages, the mail's HTML and its plain text,
// and briefings, so they cannot disagree.
type Block interface{ block() }

// Inline is a run of text in one style. A line feed in Text ends the line.
type Inline struct {
	Text  string
	Bold  bool
	Keep  bool // never broken inside: a number, a date, an ID, a name with its 様
	Given bool // as it was given, an address: no space between digits and kanji
}

// Align is where a line stands in its measure.
type Align int

const (
	Justify Align = iota // the default for paragraphs; the last line stands left
	Left
	Center
	Right
)

// Heading is a section title. Legal names the block of 施行規則10条 that the
// section answers ("outline", "items", "cause", "harm", "other"), or "".
type Heading struct {
	Level int // 1 = section, 2 = subsection
	Text  []Inline
	Legal string
}

// Paragraph is running text. Indent is the first line's, Inset the whole
// block's left margin, both in em of the body size.
type Paragraph struct {
	Text          []Inline
	Align         Align
	Indent, Inset float64
	Small         bool // the table's size instead of the body's
}

// List is a list with one marker ("・", "1.", "※" …) an item. A list that runs
// on is one paragraph on paper, without markers, to save sheets.
type List struct {
	Items []ListItem
	Small bool
	Run   bool
}

// ListItem is one item; Marker hangs left of the text.
type ListItem struct {
	Marker string
	Text   []Inline
}

// Table has a heading row that is repeated on every page it reaches. Widths
// are shares of the measure. A row is never split from the heading, and never
// inside unless it is taller than a page.
type Table struct {
	Caption string
	Columns []Column
	Rows    [][]Cell
	Keep    bool // on one page when it fits on one
}

// Column is a table column.
type Column struct {
	Head  string
	Width float64
	Align Align
}

// Cell is one table cell; Span > 1 takes the following columns' room. Head
// marks a row heading. Same says that the cell is one with the cell above: its
// text, which is the same, is shown once a page.
type Cell struct {
	Text []Inline
	Span int
	Head bool
	Same bool
}

// Chart is a plain horizontal bar chart with its numbers printed at the bars.
type Chart struct {
	Caption string
	Unit    string
	Bars    []Bar
}

// Bar is one bar of a chart.
type Bar struct {
	Label string
	Value int
}

// Gap is vertical space in lines of body text.
type Gap struct{ Lines float64 }

// Break starts a new page.
type Break struct{}

func (Heading) block()   {}
func (Paragraph) block() {}
func (List) block()      {}
func (Table) block()     {}
func (Chart) block()     {}
func (Gap) block()       {}
func (Break) block()     {}

// Document is a composed letter or briefing before it is laid out.
type Document struct {
	Title      string   // centred over the body; also the PDF's title: no personal data
	Subject    string   // of the mail; fixed text, no personal data
	LetterID   string   // 4-4-4-4, on paper and in mail; "" for briefings
	DocumentNo string   // 文書番号, "" = none
	Date       string   // as printed
	Sender     []string // company, office, name: right of the address block
	Address    Address  // zero for the mail variant and for briefings
	Body       []Block
	Variant    string // which wording was used
	Labels     Labels
}

// Address is what the window shows. Lines are printed as given.
type Address struct {
	LetterID   string // 4-4-4-4
	PostalCode string // 〒123-4567, "" when there is none
	Lines      []string
	Name       []string // one or two lines, without the honorific
	Honorific  string   // 様, 御中 or ""
}

// Labels are the small fixed words of the sheet.
type Labels struct {
	LetterID string // お問合せ番号
	Reading  string // the ID as it is read aloud
	Page     string // e.g. "%d枚目/全%d枚": sheet n of N
	Continue string // shown where a table goes on
}
