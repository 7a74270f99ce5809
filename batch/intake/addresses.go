package intake

import (
	"context"
	"io"
	"strconv"
	"strings"

	"oshirase/letters"
)

// Address is one line of a list of corrected recipients (宛先の訂正). Cells
// that the list lacks or leaves empty are "": what was there stays.
type Address struct {
	LetterID   letters.ID
	Name       string
	PostalCode string
	Address    string
	Building   string
	Mail       string
}

// ReadAddresses reads a list of corrected recipients, in file order. Only
// Headings and Limits of the options are used. A list with problems must not
// be used: faulty rows are not among those returned.
func ReadAddresses(ctx context.Context, name string, r io.ReaderAt, size int64, opt Options) ([]Address, *Report, error) {
	s, err := newScan(name, r, size, opt.Headings.Addresses, opt)
	if err != nil {
		return nil, nil, err
	}
	var out []Address
	c := &checker{words: s.words}
	seen := map[letters.ID]int{}
	s.handle = func(rec *record, h *heading) ([]letters.Problem, func() error) {
		a, problems := c.addressRow(rec, h, seen)
		return problems, func() error {
			out = append(out, a)
			return nil
		}
	}
	err = s.run(ctx)
	return out, s.report, err
}

func (c *checker) addressRow(rec *record, h *heading, seen map[letters.ID]int) (Address, []letters.Problem) {
	r := &rowCheck{checker: c, h: h, rec: rec}
	r.cells()
	out := Address{Name: r.plainText(fieldName), Address: r.plainText(fieldAddress), Building: r.plainText(fieldBuilding),
		LetterID: r.letterID(seen)}
	if cell, ok := r.get(fieldPostalCode); ok && !blank(cell.text) {
		if out.PostalCode = r.postalCode(cell); out.PostalCode == "" {
			r.problem(fieldPostalCode, codeRetailerPostalBad)
		}
	}
	if out.Mail = r.plainText(fieldMail); out.Mail != "" && !plainAddress(out.Mail) {
		r.problem(fieldMail, codeRetailerMailBad)
	}
	if (out.PostalCode == "") != (out.Address == "") { // a new address has both
		r.problem(fieldAddress, codeAddressHalf)
	}
	return out, r.sorted()
}

func (r *rowCheck) letterID(seen map[letters.ID]int) letters.ID {
	text, ok := r.idCell(fieldLetter, codeLetterBad)
	if !ok {
		return ""
	}
	id, err := letters.ParseID(strings.TrimSpace(text))
	switch before := seen[id]; {
	case err != nil:
		r.problem(fieldLetter, codeLetterBad)
	case before > 0:
		r.problem(fieldLetter, codeLetterTwice, strconv.Itoa(before))
	default:
		seen[id] = r.rec.no
	}
	return id
}
