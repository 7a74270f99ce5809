package readback

import (
	"sort"
	"unicode/utf16"
)

// unicodeMap is a ToUnicode map (ISO 32000-1, 9.10.3): what each code of two
// bytes says as text.
type unicodeMap struct {
	single map[uint16]string
	ranges []unicodeRange // by lo
}

// unicodeRange maps lo … hi to texts that differ in their last UTF-16 unit.
type unicodeRange struct {
	lo, hi uint16
	units  []uint16
}

// lookup returns the text of a code.
func (m *unicodeMap) lookup(code uint16) (string, bool) {
	if s, ok := m.single[code]; ok {
		return s, true
	}
	i := sort.Search(len(m.ranges), func(i int) bool { return m.ranges[i].hi >= code })
	if i >= len(m.ranges) || m.ranges[i].lo > code {
		return "", false
	}
	r := m.ranges[i]
	units := append([]uint16(nil), r.units...)
	units[len(units)-1] += code - r.lo
	return string(utf16.Decode(units)), true
}

// maxMapped limits the entries of one map; a font has at most 65,536 codes.
const maxMapped = 1 << 17

// parseUnicodeMap reads the bfchar and bfrange sections of a ToUnicode map.
func parseUnicodeMap(data []byte) (*unicodeMap, error) {
	m := &unicodeMap{single: make(map[uint16]string)}
	l := &lexer{data: data}
	var operands []token
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		switch {
		case t.kind == endOfInput:
			sort.SliceStable(m.ranges, func(i, j int) bool { return m.ranges[i].lo < m.ranges[j].lo })
			return m, m.disjoint()
		case t.kind != word:
			operands = append(operands, t)
			continue
		}
		if err := m.section(string(t.raw), operands); err != nil {
			return nil, err
		}
		operands = operands[:0]
		if len(m.single)+len(m.ranges) > maxMapped {
			return nil, malformed("ToUnicode map too long")
		}
	}
}

// section handles one operator of the map.
func (m *unicodeMap) section(operator string, operands []token) error {
	switch operator {
	case "endbfchar":
		return m.chars(operands)
	case "endbfrange":
		return m.rangesOf(operands)
	case "endcodespacerange":
		for _, t := range operands {
			if t.kind != text || len(t.raw) != 2 {
				return notUnderstood("ToUnicode map of codes that are not two bytes")
			}
		}
	case "usecmap":
		return notUnderstood("ToUnicode map that builds on another")
	}
	return nil
}

func (m *unicodeMap) chars(operands []token) error {
	if len(operands)%2 != 0 {
		return malformed("bfchar of a ToUnicode map")
	}
	for i := 0; i < len(operands); i += 2 {
		code, ok := codeOf(operands[i])
		if !ok || operands[i+1].kind != text {
			return malformed("bfchar of a ToUnicode map")
		}
		if err := m.set(code, operands[i+1].raw); err != nil {
			return err
		}
	}
	return nil
}

func (m *unicodeMap) set(code uint16, raw []byte) error {
	units, ok := utf16Units(raw)
	if !ok {
		return malformed("text of code %d in a ToUnicode map", code)
	}
	if _, twice := m.single[code]; twice {
		return malformed("code %d twice in a ToUnicode map", code)
	}
	m.single[code] = string(utf16.Decode(units))
	return nil
}

func (m *unicodeMap) rangesOf(operands []token) error {
	if len(operands)%3 != 0 {
		return malformed("bfrange of a ToUnicode map")
	}
	for i := 0; i < len(operands); i += 3 {
		lo, okLo := codeOf(operands[i])
		hi, okHi := codeOf(operands[i+1])
		if !okLo || !okHi || hi < lo {
			return malformed("bfrange of a ToUnicode map")
		}
		if err := m.addRange(lo, hi, operands[i+2]); err != nil {
			return err
		}
	}
	return nil
}

func (m *unicodeMap) addRange(lo, hi uint16, to token) error {
	if to.kind == text {
		units, ok := utf16Units(to.raw)
		if !ok {
			return malformed("bfrange of a ToUnicode map")
		}
		m.ranges = append(m.ranges, unicodeRange{lo, hi, units})
		return nil
	}
	if to.kind != list || len(to.list) != int(hi)-int(lo)+1 {
		return malformed("bfrange of a ToUnicode map")
	}
	for i, t := range to.list {
		if t.kind != text {
			return malformed("bfrange of a ToUnicode map")
		}
		if err := m.set(lo+uint16(i), t.raw); err != nil {
			return err
		}
	}
	return nil
}

// disjoint refuses ranges that overlap: which of two texts is meant?
func (m *unicodeMap) disjoint() error {
	for i := 1; i < len(m.ranges); i++ {
		if m.ranges[i].lo <= m.ranges[i-1].hi {
			return malformed("ranges of a ToUnicode map overlap")
		}
	}
	return nil
}

func codeOf(t token) (uint16, bool) {
	if t.kind != text || len(t.raw) != 2 {
		return 0, false
	}
	return uint16(t.raw[0])<<8 | uint16(t.raw[1]), true
}

// utf16Units reads UTF-16BE of at least one unit.
func utf16Units(raw []byte) ([]uint16, bool) {
	if len(raw) == 0 || len(raw)%2 != 0 || len(raw) > 512 {
		return nil, false
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return units, true
}
