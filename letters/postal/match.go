package postal

import (
	"strings"

	"golang.org/x/text/width"
)

// Reason says why an address has no match or no barcode; "" means that it
// has. The sentence for people stands elsewhere.
type Reason string

// Reasons.
const (
	ReasonBadCode        Reason = "bad_code"            // not seven digits
	ReasonCodeUnknown    Reason = "code_unknown"        // the postal data have no such code
	ReasonRepresentative Reason = "code_representative" // ends in 00: no barcode (manual p18)
	ReasonPrefecture     Reason = "prefecture_differs"  // the address names another prefecture
	ReasonCity           Reason = "city_differs"        // the address names another city
	ReasonTown           Reason = "town_not_found"      // no town of the code heads the address
	ReasonOtherTown      Reason = "other_town"          // a longer town name of another code fits
	ReasonBlock          Reason = "block_differs"       // the code covers other 丁目 of the town
	ReasonBox            Reason = "box_number_missing"  // collective P.O. box code, no box number
)

// Match is what comparing an address with its code found.
type Match struct {
	Code       string // seven digits, as understood
	Found      bool   // the code is in the postal data (a collective P.O. box code never is)
	Matched    bool   // the address agrees with it down to the town
	Kind       Kind
	Prefecture string
	City       string
	Town       string // as the postal data spell it; "" = the whole city
	Rest       string // 住所B: the address behind the town, as it was written
	Reason     Reason // "" when Matched; ReasonRepresentative may come with Matched
}

// hit is one row that fits, and where 住所B begins.
type hit struct {
	row        Row
	line       uint32
	start, end int // of the town in the folded address
}

// Match compares an address with a postal code (full-width digits and the
// hyphen are forgiven). It never guesses: the town must stand at the head of
// the address, behind the prefecture and city or without them.
func (d *Data) Match(code, address string) Match {
	m := Match{Code: normalCode(code)}
	if len(m.Code) != codeLen {
		m.Reason = ReasonBadCode
		return m
	}
	lines := d.find(m.Code)
	if len(lines) == 0 {
		return d.matchCollective(m, address)
	}
	m.Found = true
	addr := fold(address)
	best, reason := d.bestHit(lines, addr)
	if reason != "" {
		m.Reason = reason
		return m
	}
	m.Matched, m.Kind = true, best.row.Kind
	m.Prefecture, m.City, m.Town = best.row.Prefecture, best.row.City, best.row.Town
	m.Rest = addr.rest(best.end)
	if strings.HasSuffix(m.Code, "00") {
		m.Reason = ReasonRepresentative
	}
	return m
}

// bestHit chooses the row whose town takes most of the address.
func (d *Data) bestHit(lines []uint32, addr folded) (hit, Reason) {
	best, found, block := hit{}, false, false
	for _, line := range lines {
		h, ok := d.try(line, addr.runes)
		switch {
		case !ok:
		case !covers(h.row, addr.runes[h.end:]):
			block = true
		case !found || h.end > best.end:
			best, found = h, true
		}
	}
	switch {
	case found && d.longerTown(best, addr.runes):
		return hit{}, ReasonOtherTown
	case found:
		return best, ""
	case block:
		return hit{}, ReasonBlock
	}
	return hit{}, d.whyNot(lines, addr.runes)
}

// try fits one row to the head of the address.
func (d *Data) try(line uint32, addr []rune) (hit, bool) {
	row := d.row(line)
	best, found := hit{}, false
	ends := cityEnds(d.cities[d.cityOf[line]], addr)
	for i, at := range ends {
		named := i < len(ends)-1
		if row.Town == "" && !named {
			continue // nothing of the address would be confirmed
		}
		end, ok := matchTown(row.Town, addr, at)
		if ok && (!found || end > best.end) {
			best, found = hit{row, line, at, end}, true
		}
	}
	return best, found
}

// longerTown reports whether another code of the same city has a town that
// takes more of the address: 西 does not stand for 西新.
func (d *Data) longerTown(h hit, addr []rune) bool {
	if d.codes[h.line]%100 == 0 {
		return false // a representative code stands for what is not listed
	}
	for _, line := range d.lines[d.cityOf[h.line]] {
		kind, town := d.town(line)
		if kind != Area || d.codes[line] == d.codes[h.line] {
			continue
		}
		if end, ok := matchTown(town, addr, h.start); ok && end > h.end {
			return true
		}
	}
	return false
}

// whyNot names the first part of the address that disagrees.
func (d *Data) whyNot(lines []uint32, addr []rune) Reason {
	prefecture, fits := "", false
	for _, c := range d.cities {
		if n, ok := matchWhole(c.prefecture, addr, 0); ok && n > 0 {
			prefecture = c.prefecture
			break
		}
	}
	cityFits := false
	for _, line := range lines {
		c := d.cities[d.cityOf[line]]
		fits = fits || c.prefecture == prefecture
		cityFits = cityFits || len(cityEnds(c, addr)) > 1
	}
	switch {
	case prefecture != "" && !fits:
		return ReasonPrefecture
	case !cityFits && d.namesCity(addr):
		return ReasonCity
	}
	return ReasonTown
}

// namesCity reports whether the address begins with a city of the data.
func (d *Data) namesCity(addr []rune) bool {
	for _, c := range d.cities {
		if len(cityEnds(c, addr)) > 1 {
			return true
		}
	}
	return false
}

// normalCode returns the digits of a postal code, hyphens and spaces left
// out, or "" when anything else stands in it.
func normalCode(code string) string {
	var b strings.Builder
	for _, r := range strings.TrimPrefix(strings.TrimSpace(code), "〒") {
		if f := width.LookupRune(r).Folded(); f != 0 {
			r = f
		}
		switch {
		case isDigit(r):
			b.WriteRune(r)
		case strings.ContainsRune(" -‐‑‒–—―−ー", r):
		default:
			return ""
		}
	}
	return b.String()
}
