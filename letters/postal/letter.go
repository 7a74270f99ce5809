package postal

import (
	"regexp"
	"strings"
)

// boxNumber finds the number of a P.O. box: 私書箱第69号, 私書箱69.
var boxNumber = regexp.MustCompile(`私書(?:箱|函)第?([0-9]{1,4})(?:[^0-9]|$)`)

// Barcode makes the barcode for an address as it stands on a letter: postal
// code, address and building (方書), in any width. When there is none, the
// reason says why.
func (d *Data) Barcode(code, address, building string) (Barcode, Reason) {
	m := d.Match(code, address)
	if m.Reason != "" || !m.Matched {
		return Barcode{}, m.Reason
	}
	rest := strings.TrimRight(m.Rest+" "+building, " ")
	b, err := encodeMatch(m, rest)
	if err != nil {
		return Barcode{}, ReasonBadCode
	}
	return b, ""
}

// encodeMatch chooses the manual's rule for the kind of code.
func encodeMatch(m Match, rest string) (Barcode, error) {
	switch {
	case m.Kind == Area:
		return Encode(m.Code, rest)
	case !m.Found: // a post office's collective code: Rest is the box number
		return EncodeBox(m.Code, m.Rest)
	}
	return EncodeOffice(m.Code)
}

// matchCollective handles the collective code of a post office's P.O. boxes
// (包括番号, manual p22), which no postal data list: ***-8691, or ***-**91
// where the old code had five digits. The city must be one of those whose
// codes begin alike. Rest is then the box number.
func (d *Data) matchCollective(m Match, address string) Match {
	m.Reason = ReasonCodeUnknown
	prefix := m.Code[:5]
	if strings.HasSuffix(m.Code, "8691") {
		prefix = m.Code[:3]
	} else if !strings.HasSuffix(m.Code, "91") {
		return m
	}
	addr := fold(address)
	c, found := d.cityOfPrefix(prefix, addr.runes)
	if !found || !strings.Contains(string(addr.runes), "私書") {
		return m
	}
	m.Kind, m.Prefecture, m.City = Box, c.prefecture, c.name
	number := boxNumber.FindStringSubmatch(string(convertNumerals(addr.runes)))
	if number == nil {
		m.Reason = ReasonBox
		return m
	}
	m.Matched, m.Rest, m.Reason = true, number[1], ""
	return m
}

// cityOfPrefix finds the city that heads the address among those whose codes
// begin with prefix.
func (d *Data) cityOfPrefix(prefix string, addr []rune) (city, bool) {
	from, _ := codeNumber(prefix + strings.Repeat("0", codeLen-len(prefix)))
	to, _ := codeNumber(prefix + strings.Repeat("9", codeLen-len(prefix)))
	for i, code := range d.codes {
		if c := d.cities[d.cityOf[i]]; code >= from && code <= to && len(cityEnds(c, addr)) > 1 {
			return c, true
		}
	}
	return city{}, false
}
