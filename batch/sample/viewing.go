package sample

import (
	"fmt"
	"strings"
	"time"
)

// The columns in the order of headings.txt.
const (
	colPoint = iota
	colName
	colKana
	colKind
	colPostal
	colAddress
	colBuilding
	colDemand
	colPhone
	colMail
	colChannel
	colRetailer
	colRetailerName
	colSupply
	colSystem
	colItems
	colFirst
	colLast
	colViews
	colViewers
	colDisaster
	colLastResort
	colHandling
	columns
)

// flags of a row.
type flags struct {
	nw         bool
	retailer   int // -1: none
	disaster   bool
	lastResort bool
}

// viewings draws the rows of one customer's contract: one case in each system,
// now and then repeated or extended, or seen once more for another reason.
func (d *drawer) viewings(c *customer, k contract, l *letter) {
	n := d.drawn
	for _, nw := range []bool{false, true} {
		if nw && !k.nw || !nw && !k.cc {
			continue
		}
		f := flags{nw: nw, retailer: k.ccRetailer}
		if nw {
			f.retailer = k.nwRetailer
		}
		d.list.tally.saw(nw, f.retailer)
		d.caseOf(c, k, f, l, n)
	}
	if n%250 == 40 {
		d.disaster(c, k, false)
	}
	if k.supply != "low" {
		d.high++
		if d.high%50 == 3 { // left his retailer while the logs ran
			d.lastResort(c, k, l)
		}
	}
}

// caseOf draws the row that leads a case, and its repeats.
func (d *drawer) caseOf(c *customer, k contract, f flags, l *letter, n int) {
	row := d.row(c, k, f)
	d.add(row)
	d.list.tally.leads(l)
	if n%90 == 15 || n%500 == 33 {
		d.add(append([]string(nil), row...)) // exactly the same
		d.list.tally.merged()
	}
	if n%70 == 20 || n%500 == 33 {
		d.add(d.row(c, k, f)) // other dates, other items
		d.list.tally.merged()
	}
}

func (d *drawer) lastResort(c *customer, k contract, l *letter) {
	d.caseOf(c, k, flags{retailer: -1, lastResort: true}, l, d.list.tally.LastResortContracts)
}

// disaster draws a row of 非常災害対応, excluded whatever else it says.
func (d *drawer) disaster(c *customer, k contract, lastResort bool) {
	f := flags{nw: !k.cc, retailer: k.ccRetailer, disaster: true, lastResort: lastResort}
	if f.nw {
		f.retailer = k.nwRetailer
	}
	if lastResort {
		f.retailer = -1
	}
	d.add(d.row(c, k, f))
	d.list.tally.excluded()
}

func (d *drawer) add(row []string) { d.list.rows = append(d.list.rows, row) }

func (d *drawer) row(c *customer, k contract, f flags) []string {
	row := make([]string, columns)
	row[colPoint] = d.writtenPoint(k.point)
	row[colName], row[colKana], row[colKind] = c.name, c.kana, c.kind
	row[colPostal], row[colAddress], row[colBuilding] = c.postal, c.address, c.building
	row[colDemand], row[colPhone], row[colMail], row[colChannel] = k.demand, c.phone, c.mail, c.channel
	if f.retailer >= 0 {
		row[colRetailer] = d.market.code(f.retailer)
		if d.r.IntN(10) > 0 {
			row[colRetailerName] = d.market.name(d.w, f.retailer)
		}
	}
	row[colSupply], row[colSystem] = d.w.any(d.r, k.supply)[0], d.w.any(d.r, system(f.nw))[0]
	row[colItems] = d.items(k.supply, f.nw)
	row[colFirst], row[colLast] = d.dates()
	if d.r.IntN(3) > 0 {
		row[colViews] = fmt.Sprint(1 + d.r.IntN(9))
	}
	if d.r.IntN(5) > 0 {
		row[colViewers] = d.w.any(d.r, "viewers")[0]
	}
	row[colDisaster], row[colLastResort] = d.flag(f.disaster), d.flag(f.lastResort)
	row[colHandling] = c.handling
	return row
}

func system(nw bool) string {
	if nw {
		return "nw"
	}
	return "cc"
}

// writtenPoint writes the number with hyphens now and then, as hands do.
func (d *drawer) writtenPoint(p string) string {
	if d.r.IntN(40) > 0 {
		return p
	}
	return strings.Join([]string{p[:2], p[2:6], p[6:10], p[10:14], p[14:18], p[18:]}, "-")
}

// items draws some of the items that could be seen, in their order, or none:
// not recorded.
func (d *drawer) items(supply string, nw bool) string {
	section := "items cc low"
	switch {
	case nw:
		section = "items nw low"
	case supply != "low":
		section = "items cc high"
	}
	x := d.r.IntN(100)
	if x < 25 {
		return ""
	}
	var seen []string
	for i, item := range d.w.all(section) {
		if i == 0 || d.r.IntN(3) > 0 {
			seen = append(seen, item)
		}
	}
	separator := d.w.one("separators")
	if x >= 90 {
		separator = d.w.any(d.r, "separators")[0]
	}
	return strings.Join(seen, separator)
}

// dates draws the first and last day within the examined logs. The last one
// is not always given.
func (d *drawer) dates() (first, last string) {
	from := time.Date(2022, 4, 1, 0, 0, 0, 0, time.UTC)
	const days = 284 // to 2023-01-09
	start := d.r.IntN(days)
	span := d.r.IntN(min(40, days-start))
	first = d.writtenDate(from.AddDate(0, 0, start))
	if d.r.IntN(2) == 0 {
		last = d.writtenDate(from.AddDate(0, 0, start+span))
	}
	return first, last
}

// slashed is the form that an XLSX list keeps as a date cell.
const slashed = "2006/1/2"

// writtenDate writes a day in one of the accepted forms.
func (d *drawer) writtenDate(t time.Time) string {
	marks := d.w.all("year month day")
	ymd := func(year int) string {
		return fmt.Sprint(year, marks[0], int(t.Month()), marks[1], t.Day(), marks[2])
	}
	era := t.Year() - 2018 // 令和 1 = 2019
	switch d.r.IntN(8) {
	case 0:
		return ymd(t.Year())
	case 1:
		return d.w.one("era") + ymd(era)
	case 2:
		return fmt.Sprintf("R%d.%d.%d", era, t.Month(), t.Day())
	case 3:
		return wide(t.Format(slashed))
	case 4:
		return wide(d.w.one("era") + ymd(era))
	case 5:
		return t.Format(time.DateOnly)
	}
	return t.Format(slashed)
}

func (d *drawer) flag(yes bool) string {
	switch {
	case yes:
		return d.w.any(d.r, "yes")[0]
	case d.r.IntN(10) == 0:
		return d.w.any(d.r, "no")[0]
	}
	return ""
}
