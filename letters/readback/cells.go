package readback

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// Limits of the format itself.
const (
	maxRows    = 1 << 20
	maxColumns = 1 << 14
)

type rowXML struct {
	Number int       `xml:"r,attr"`
	Cells  []cellXML `xml:"c"`
}

type cellXML struct {
	Place   string    `xml:"r,attr"`
	Type    string    `xml:"t,attr"`
	Formula *struct{} `xml:"f"`
	Value   *string   `xml:"v"`
	Inline  *richText `xml:"is"`
}

// row reads one row, empty rows before it included.
func (b *book) row(s *Sheet, d *xml.Decoder, start xml.StartElement) error {
	var x rowXML
	if err := d.DecodeElement(&x, &start); err != nil {
		return malformed("row of a sheet")
	}
	number := x.Number
	if number == 0 {
		number = len(s.Rows) + 1
	}
	if number <= len(s.Rows) || number > maxRows {
		return malformed("row number %d", number)
	}
	for len(s.Rows) < number-1 {
		s.Rows = append(s.Rows, nil)
	}
	cells, err := b.cellsOf(s, x.Cells)
	if err != nil {
		return fmt.Errorf("row %d: %w", number, err)
	}
	s.Rows = append(s.Rows, cells)
	return nil
}

func (b *book) cellsOf(s *Sheet, cells []cellXML) ([]string, error) {
	var row []string
	for _, c := range cells {
		column, err := columnOf(c.Place, len(row))
		if err != nil || column < len(row) {
			return nil, malformed("place of a cell")
		}
		if b.cells += column + 1 - len(row); b.cells > maxCells {
			return nil, fmt.Errorf("over %d cells: %w", maxCells, ErrTooLarge)
		}
		for len(row) < column {
			row = append(row, "")
		}
		value, err := b.value(s, c)
		if err != nil {
			return nil, err
		}
		row = append(row, value)
	}
	return row, nil
}

// columnOf reads the letters of a place such as AB12; next is the column of a
// cell without a place.
func columnOf(place string, next int) (int, error) {
	if place == "" {
		return next, nil
	}
	letters := strings.TrimRight(place, "0123456789")
	column := 0
	for _, c := range letters {
		if c < 'A' || c > 'Z' || column > maxColumns {
			return 0, strconv.ErrSyntax
		}
		column = column*26 + int(c-'A') + 1
	}
	if column < 1 || column > maxColumns {
		return 0, strconv.ErrRange
	}
	return column - 1, nil
}

// value returns a cell as text and counts formulas and numbers.
func (b *book) value(s *Sheet, c cellXML) (string, error) {
	if c.Formula != nil {
		s.Formulas++
	}
	raw := ""
	if c.Value != nil {
		raw = *c.Value
	}
	switch c.Type {
	case "s":
		i, err := strconv.Atoi(raw)
		if err != nil || i < 0 || i >= len(b.shared) {
			return "", malformed("shared string of a cell")
		}
		return b.shared[i], nil
	case "inlineStr":
		if c.Inline == nil {
			return "", nil
		}
		return c.Inline.String(), nil
	case "", "n":
		if raw != "" {
			s.Numbers++
		}
		return raw, nil
	case "str", "b", "e", "d":
		return raw, nil
	}
	return "", notUnderstood("cell type")
}
