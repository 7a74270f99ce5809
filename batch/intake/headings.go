package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"oshirase/letters"
)

// Headings are the accepted column headings and cell words of
// templates/headings: list.toml, retailers.toml, addresses.toml and words.toml.
type Headings struct {
	List      []Column
	Retailers []Column
	Addresses []Column
	Words     Words
}

// Column is one column that is looked for.
type Column struct {
	Field   string // the program's name of it
	Heading string
	Also    []string // other accepted headings
	Must    bool     // its absence is a problem of the file
}

// Words are the words accepted in cells, unfolded.
type Words struct {
	NoteMark    string                            `toml:"note_mark"`
	PostalMark  string                            `toml:"postal_mark"`
	Totals      []string                          `toml:"totals"`
	TotalUnits  []string                          `toml:"total_units"`
	Separators  []string                          `toml:"separators"`
	Yes         []string                          `toml:"yes"`
	No          []string                          `toml:"no"`
	Corporate   []string                          `toml:"corporate"`
	CompanyForm []CompanyForm                     `toml:"company_form"`
	Kind        map[letters.CustomerKind][]string `toml:"kind"`
	Supply      map[letters.Supply][]string       `toml:"supply"`
	Channel     map[letters.Channel][]string      `toml:"channel"`
	Viewers     map[letters.Viewer][]string       `toml:"viewers"`
	Handling    map[string][]string               `toml:"handling"` // "none" or a letters.Handling
	Date        DateWords                         `toml:"date"`
}

// CompanyForm names the short forms of a legal form.
type CompanyForm struct {
	Full  string   `toml:"full"`
	Short []string `toml:"short"`
}

// DateWords are the marks and eras of written dates.
type DateWords struct {
	Year      string `toml:"year"`
	Month     string `toml:"month"`
	Day       string `toml:"day"`
	FirstYear string `toml:"first_year"`
	Era       []Era  `toml:"era"`
}

// Era is a 元号 with its first and last day; To is "" for the present one.
type Era struct {
	Names []string     `toml:"names"`
	From  letters.Date `toml:"from"`
	To    letters.Date `toml:"to"`
}

// ErrHeadings says that the files of templates/headings contradict themselves
// or the program.
var ErrHeadings = errors.New("headings are not usable")

// ReadHeadings reads the files that Headings names. It returns
// ErrHeadings for unknown keys, unknown or missing fields, and headings or
// words that two meanings claim.
func ReadHeadings(files fs.FS) (Headings, error) {
	var h Headings
	var err error
	if h.List, err = readColumns(files, "list.toml", listFields()); err != nil {
		return h, err
	}
	if h.Retailers, err = readColumns(files, "retailers.toml", retailerFields()); err != nil {
		return h, err
	}
	if h.Addresses, err = readColumns(files, "addresses.toml", addressFields()); err != nil {
		return h, err
	}
	if err = readTOML(files, "words.toml", &h.Words); err != nil {
		return h, err
	}
	_, err = compileWords(h.Words)
	return h, err
}

func readColumns(files fs.FS, name string, fields []string) ([]Column, error) {
	var file struct{ Column []Column }
	if err := readTOML(files, name, &file); err != nil {
		return nil, err
	}
	seen := map[string]string{}
	for _, c := range file.Column {
		if !slices.Contains(fields, c.Field) {
			return nil, fmt.Errorf("%s: field %q: %w", name, c.Field, ErrHeadings)
		}
		for _, h := range append([]string{c.Heading}, c.Also...) {
			if k := key(h); k == "" || seen[k] != "" {
				return nil, fmt.Errorf("%s: heading %q stands twice: %w", name, h, ErrHeadings)
			}
			seen[key(h)] = c.Field
		}
	}
	return file.Column, missingField(name, file.Column, fields)
}

func missingField(name string, columns []Column, fields []string) error {
	for _, f := range fields {
		n := 0
		for _, c := range columns {
			if c.Field == f {
				n++
			}
		}
		if n != 1 {
			return fmt.Errorf("%s: field %q stands %d times: %w", name, f, n, ErrHeadings)
		}
	}
	return nil
}

// readTOML decodes strictly: a key that nobody reads is a mistake.
func readTOML(files fs.FS, name string, into any) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("read headings: %w", err)
	}
	meta, err := toml.Decode(string(text), into)
	if err != nil {
		return fmt.Errorf("%s: %v: %w", name, err, ErrHeadings)
	}
	if rest := meta.Undecoded(); len(rest) > 0 {
		return fmt.Errorf("%s: unknown key %s: %w", name, rest[0], ErrHeadings)
	}
	return nil
}

// Fields of the two lists, as templates/headings names them.
const (
	fieldSupplyPoint  = "supply_point"
	fieldName         = "name"
	fieldKana         = "kana"
	fieldKind         = "kind"
	fieldPostalCode   = "postal_code"
	fieldAddress      = "address"
	fieldBuilding     = "building"
	fieldDemandPlace  = "demand_place"
	fieldPhone        = "phone"
	fieldMail         = "mail"
	fieldChannel      = "channel"
	fieldRetailerCode = "retailer_code"
	fieldRetailerName = "retailer_name"
	fieldSupply       = "supply"
	fieldSystem       = "system"
	fieldItems        = "items"
	fieldFirst        = "first"
	fieldLast         = "last"
	fieldViews        = "views"
	fieldViewers      = "viewers"
	fieldDisaster     = "disaster"
	fieldLastResort   = "last_resort"
	fieldHandling     = "handling"
	fieldDepartment   = "department"
	fieldContact      = "contact"
	fieldLetter       = "letter"
)

func listFields() []string {
	return strings.Fields("supply_point name kana kind postal_code address building demand_place phone mail " +
		"channel retailer_code retailer_name supply system items first last views viewers disaster last_resort handling")
}

func retailerFields() []string {
	return strings.Fields("retailer_code retailer_name department postal_code address contact mail")
}

func addressFields() []string {
	return strings.Fields("letter name postal_code address building mail")
}
