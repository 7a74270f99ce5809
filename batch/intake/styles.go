package intake

import (
	"encoding/xml"
	"strings"
)

// readStyles learns which cell styles show a number as a date.
func (w *workbook) readStyles(part string) error {
	custom := map[int]string{}
	inXFs := false
	return w.each(part, func(t xml.Token, _ *xml.Decoder) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch {
			case t.Name.Local == "numFmt":
				custom[number(attr(t, "numFmtId"), -1)] = attr(t, "formatCode")
			case t.Name.Local == "cellXfs":
				inXFs = true
			case t.Name.Local == "xf" && inXFs && len(w.dateXF) < 1<<16:
				id := number(attr(t, "numFmtId"), 0)
				code, own := custom[id]
				w.dateXF = append(w.dateXF, own && dateCode(code) || !own && dateFormat(id))
			}
		case xml.EndElement:
			if t.Name.Local == "cellXfs" {
				inXFs = false
			}
		}
		return nil
	})
}

// dateFormat reports whether a built-in number format is a date
// (ECMA-376 part 1, 18.8.30; 27–36 and 50–58 are those of Japanese Excel).
// The times 18–21 and 45–47 are none.
func dateFormat(id int) bool {
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 58
}

// dateCode reports whether a number format shows a day: it holds y, d, g or e
// (the year of an era) outside quotes, brackets and escapes.
func dateCode(code string) bool {
	code, _, _ = strings.Cut(code, ";")
	for i := 0; i < len(code); i++ {
		switch c := code[i] | 0x20; {
		case code[i] == '"':
			i += skip(code[i+1:], '"')
		case code[i] == '[':
			i += skip(code[i+1:], ']')
		case code[i] == '\\' || code[i] == '_' || code[i] == '*':
			i++
		case (c == 'e') && i+1 < len(code) && (code[i+1] == '+' || code[i+1] == '-'):
			return false // 0.00E+00
		case strings.HasPrefix(strings.ToLower(code[i:]), "general"):
			return false
		case c == 'y' || c == 'd' || c == 'g' || c == 'e':
			return true
		}
	}
	return false
}

// skip returns the bytes up to and including the closing mark.
func skip(rest string, mark byte) int {
	if n := strings.IndexByte(rest, mark); n >= 0 {
		return n + 1
	}
	return len(rest)
}
