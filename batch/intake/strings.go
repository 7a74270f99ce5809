package intake

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// stringTable keeps shared strings in large pieces: a list has half a million
// of them, and as many small objects would double the memory.
type stringTable struct {
	pieces []strings.Builder
	at     []stringAt
	bytes  int64
}

type stringAt struct {
	piece    uint32
	from, to uint32
}

const pieceSize = 1 << 20

func (t *stringTable) add(s string) {
	n := len(t.pieces)
	if n == 0 || t.pieces[n-1].Len()+len(s) > pieceSize {
		t.pieces = append(t.pieces, strings.Builder{})
		n++
		t.pieces[n-1].Grow(max(min(pieceSize, int(t.bytes)+len(s)+4096), len(s)))
	}
	from := t.pieces[n-1].Len()
	t.pieces[n-1].WriteString(s)
	t.at = append(t.at, stringAt{uint32(n - 1), uint32(from), uint32(from + len(s))})
	t.bytes += int64(len(s))
}

func (t *stringTable) get(i int) (string, bool) {
	if t == nil || i < 0 || i >= len(t.at) {
		return "", false
	}
	a := t.at[i]
	return t.pieces[a.piece].String()[a.from:a.to], true
}

// sharedCount bounds the number of shared strings: an empty one costs five
// bytes in the file and twelve in memory.
const sharedCount = 4 << 20

func (w *workbook) readShared(part string) (*stringTable, error) {
	table := &stringTable{}
	err := w.each(part, func(t xml.Token, d *xml.Decoder) error {
		s, ok := t.(xml.StartElement)
		if !ok || s.Name.Local != "si" {
			return nil
		}
		text, err := richText(d, "si", w.limits.Line)
		if err != nil {
			return err
		}
		table.add(text)
		if table.bytes > w.limits.Shared || len(table.at) > sharedCount {
			return fileFault(codeWorkbookLimits)
		}
		return nil
	})
	return table, err
}

// richText joins the runs of a string up to its end element. Reading aids
// (rPh, ふりがな) are not part of the text.
func richText(d *xml.Decoder, until string, limit int) (string, error) {
	var b strings.Builder
	inText, inAid := false, 0
	for {
		t, err := nextToken(d)
		if err != nil {
			return "", fileFault(codeWorkbookDamaged)
		}
		switch t := t.(type) {
		case xml.StartElement:
			inText = t.Name.Local == "t"
			if t.Name.Local == "rPh" {
				inAid++
			}
		case xml.EndElement:
			inText = false
			if t.Name.Local == "rPh" {
				inAid--
			}
			if t.Name.Local == until {
				return unescape(b.String()), nil
			}
		case xml.CharData:
			if inText && inAid == 0 {
				b.Write(t)
			}
			if b.Len() > limit {
				return "", fileFault(codeWorkbookLimits)
			}
		}
	}
}

// unescape undoes _xHHHH_, the form in which SpreadsheetML stores characters
// that XML cannot (ECMA-376 part 1, 22.9.2.19 ST_Xstring).
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if len(s)-i >= 7 && s[i] == '_' && s[i+1] == 'x' && s[i+6] == '_' {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				b.WriteRune(rune(n))
				i += 7
				continue
			}
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}
