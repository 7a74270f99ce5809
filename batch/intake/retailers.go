package intake

import (
	"context"
	"io"
	"strconv"
	"strings"

	"oshirase/letters"
)

// ReadRetailers reads a retailer list, in file order. Only Headings and
// Limits of the options are used. A list with problems must not be used: the
// retailers of faulty rows are not among those returned.
func ReadRetailers(ctx context.Context, name string, r io.ReaderAt, size int64, opt Options) ([]letters.Retailer, *Report, error) {
	s, err := newScan(name, r, size, opt.Headings.Retailers, opt)
	if err != nil {
		return nil, nil, err
	}
	var out []letters.Retailer
	c := &checker{words: s.words}
	seen := map[string]int{}
	s.handle = func(rec *record, h *heading) ([]letters.Problem, func() error) {
		retailer, problems := c.retailerRow(rec, h, seen)
		return problems, func() error {
			out = append(out, retailer)
			return nil
		}
	}
	err = s.run(ctx)
	return out, s.report, err
}

func (c *checker) retailerRow(rec *record, h *heading, seen map[string]int) (letters.Retailer, []letters.Problem) {
	r := &rowCheck{checker: c, h: h, rec: rec}
	r.cells()
	out := letters.Retailer{
		Department: r.plainText(fieldDepartment),
		Address:    r.plainText(fieldAddress),
		Contact:    r.plainText(fieldContact),
		Name:       r.plainText(fieldRetailerName),
	}
	r.retailerCode(&out, seen)
	if out.Name == "" && !r.unsure[fieldRetailerName] {
		if _, there := r.get(fieldRetailerName); there {
			r.problem(fieldRetailerName, codeRetailerNameEmpty)
		}
	}
	if cell, ok := r.get(fieldPostalCode); ok && !blank(cell.text) {
		if out.PostalCode = r.postalCode(cell); out.PostalCode == "" {
			r.problem(fieldPostalCode, codeRetailerPostalBad)
		}
	}
	if out.Mail = r.plainText(fieldMail); out.Mail != "" && !plainAddress(out.Mail) {
		r.problem(fieldMail, codeRetailerMailBad)
	}
	return out, r.sorted()
}

func (r *rowCheck) plainText(field string) string {
	text, _ := r.idCell(field, codeTextNumber)
	return strings.TrimSpace(text)
}

func (r *rowCheck) retailerCode(out *letters.Retailer, seen map[string]int) {
	text, ok := r.idCell(fieldRetailerCode, codeRetailerNumber)
	if !ok {
		return
	}
	out.Code = strings.TrimSpace(text)
	switch before := seen[out.Code]; {
	case out.Code == "":
		r.problem(fieldRetailerCode, codeRetailerEmpty)
	case before > 0:
		r.problem(fieldRetailerCode, codeRetailerCodeTwice, strconv.Itoa(before))
	default:
		seen[out.Code] = r.rec.no
	}
}
