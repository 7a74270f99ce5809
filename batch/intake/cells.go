package intake

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"oshirase/letters"
)

// cells names what is wrong with a cell whatever its column: errors, formulas
// without a result, bytes that are no characters (named already), controls.
func (r *rowCheck) cells() {
	for i, field := range r.h.fields {
		if field == "" || i >= len(r.rec.cells) {
			continue
		}
		if _, known := r.h.columns[field]; !known {
			continue
		}
		switch c := &r.rec.cells[i]; {
		case c.kind == errorCell:
			r.problem(field, codeCellError, c.text)
		case c.kind == formulaCell:
			r.problem(field, codeFormulaEmpty)
		case c.broken > 0 || strings.ContainsRune(c.text, '\ufffd'):
			r.doubt(field)
		default:
			r.controls(field, c.text)
		}
	}
}

// controls refuses characters that can neither be printed nor stored. A line
// break or tab only hinders delivery in an address, and separates items and
// viewers.
func (r *rowCheck) controls(field, text string) {
	c, bad := badControl(text)
	if !bad {
		return
	}
	space := c == '\n' || c == '\r' || c == '\t'
	switch {
	case c == 0:
	case field == fieldItems || field == fieldViewers:
		if space {
			if c, bad = badControl(strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(text)); !bad {
				return
			}
		}
	case field == fieldAddress || field == fieldBuilding:
		r.hold(letters.ReasonAddress)
		if !strings.ContainsRune(text, 0) {
			return
		}
		c = 0
	}
	r.problem(field, codeControlCharacter, codePoint(c))
}

// idCell returns the text of a column whose digits matter. A number of a
// spreadsheet has lost its leading zeros and all digits after the 15th.
func (r *rowCheck) idCell(field, numberCode string) (string, bool) {
	c, ok := r.get(field)
	if ok && c.kind != textCell {
		r.problem(field, numberCode)
		return "", false
	}
	return c.text, ok
}

// wordCell returns the folded text of a column of accepted words.
func (r *rowCheck) wordCell(field string) (string, bool) {
	c, ok := r.get(field)
	return r.key(c.text), ok
}

func (r *rowCheck) supplyPoint() {
	text, ok := r.idCell(fieldSupplyPoint, codeSupplyPointNumber)
	if !ok {
		return
	}
	d, clean := digits(text)
	switch {
	case blank(text):
		r.problem(fieldSupplyPoint, codeSupplyPointEmpty)
	case exponent(text):
		r.problem(fieldSupplyPoint, codeSupplyPointNumber)
	case !clean:
		r.problem(fieldSupplyPoint, codeSupplyPointCharacter)
	case len(d) != 22:
		r.problem(fieldSupplyPoint, codeSupplyPointDigits, strconv.Itoa(len(d)))
	case !strings.HasPrefix(d, r.incident.AreaPrefix):
		r.problem(fieldSupplyPoint, codeSupplyPointArea, r.incident.AreaPrefix)
	default:
		r.row.SupplyPoint = d
	}
}

// exponent reports whether a text is a number as a spreadsheet writes a large
// one into a CSV: 9.12346E+20.
func exponent(text string) bool {
	k := key(text)
	if !strings.Contains(k, "e+") {
		return false
	}
	_, err := strconv.ParseFloat(k, 64)
	return err == nil
}

// person reads 契約名義, カナ and 個人法人区分.
func (r *rowCheck) person() {
	if name, ok := r.idCell(fieldName, codeTextNumber); ok {
		if blank(name) {
			r.problem(fieldName, codeNameEmpty)
		}
		r.row.Name = name
		if strings.TrimSpace(name) != name {
			r.note(NoteNameSpaces)
		}
	}
	if c, ok := r.get(fieldKana); ok {
		if r.row.Kana = c.text; c.kind != textCell {
			r.row.Kana = ""
			r.note(NoteKanaDropped)
		}
	}
	r.kind()
}

// kind takes 個人法人区分 as given; any other word is as good as none, and a
// guess is noted.
func (r *rowCheck) kind() {
	word, _ := r.wordCell(fieldKind)
	if kind, known := r.words.kind[word]; known {
		r.row.Kind = kind
		return
	}
	r.row.Kind = letters.Individual
	if r.isCorporate(r.row.Name) {
		r.row.Kind = letters.Corporate
	}
	r.note(letters.NoteKindGuessed)
}

// delivery reads where the letter goes. What is missing here only holds it.
func (r *rowCheck) delivery() {
	if c, ok := r.get(fieldPostalCode); ok {
		r.row.PostalCode = r.postalCode(c)
	}
	if c, ok := r.get(fieldAddress); ok {
		if r.row.Address = c.text; c.kind != textCell || blank(c.text) {
			r.hold(letters.ReasonAddress)
		}
	}
	if c, ok := r.get(fieldBuilding); ok {
		if r.row.Building = c.text; c.kind == dateCell || c.kind == numberCell && !wholeNumber(c.text) {
			r.hold(letters.ReasonAddress) // 1-2 turned into a day by the spreadsheet
		}
	}
	if text, ok := r.idCell(fieldDemandPlace, codeTextNumber); ok {
		r.row.DemandPlace = text
	}
}

// postalCode returns 7 digits, or "" and holds the row. It never pads: six
// digits may have lost any one of them.
func (r *rowCheck) postalCode(c cell) string {
	text := strings.TrimSpace(width.Fold.String(c.text))
	text = strings.TrimSpace(strings.TrimPrefix(text, r.raw.PostalMark))
	d, ok := digits(text)
	if !ok || len(d) != 7 || c.kind == dateCell || !postalShape(text) {
		r.hold(letters.ReasonAddress)
		return ""
	}
	return d
}

// postalShape accepts 8120011, 812-0011 and 812 0011.
func postalShape(text string) bool {
	at := 0
	for i, c := range []rune(text) {
		if isDigitHyphen(c) || unicode.IsSpace(c) {
			if at++; i != 3 || at > 1 {
				return false
			}
		}
	}
	return true
}

func wholeNumber(text string) bool {
	return strings.Trim(text, "0123456789") == "" && len(text) < 16
}

// contact reads 連絡先電話番号, メールアドレス and 通知方法.
func (r *rowCheck) contact() {
	if c, ok := r.get(fieldPhone); ok {
		r.phone(c)
	}
	if c, ok := r.get(fieldMail); ok && c.kind == textCell {
		if mail := strings.TrimSpace(c.text); plainAddress(mail) {
			r.row.Mail = mail
		}
	}
	r.row.Channel = letters.Print
	word, ok := r.wordCell(fieldChannel)
	if !ok || word == "" {
		return
	}
	channel, known := r.words.channel[word]
	if !known {
		r.problem(fieldChannel, codeChannelUnknown)
	}
	if channel != letters.Email {
		return
	}
	if r.row.Channel = letters.Email; r.row.Mail == "" {
		r.row.Channel = letters.Print
		r.note(letters.NoteChannelChanged)
	}
}

// phone keeps the digits of a telephone number of Japan (10 or 11 with the
// leading 0). It is never printed, only compared; a number that lost its zero
// or holds two numbers would compare wrongly and is dropped.
func (r *rowCheck) phone(c cell) {
	d, _ := digits(c.text)
	if strings.HasPrefix(strings.TrimSpace(width.Fold.String(c.text)), "+81") {
		d = "0" + strings.TrimPrefix(strings.TrimPrefix(d, "81"), "0")
	}
	switch {
	case c.kind == textCell && (len(d) == 10 || len(d) == 11) && d[0] == '0':
		r.row.Phone = d
	case d != "":
		r.note(NotePhoneDropped)
	}
}

// plainAddress accepts the mail addresses that every server takes: ASCII, dot
// atoms, a domain of two labels or more (RFC 5321 4.1.2, 4.5.3.1). Old
// addresses of docomo and au with ".." or ".@" are not among them.
func plainAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || len(s) > 254 || len(local) > 64 || !atoms(local, "!#$%&'*+-/=?^_`{|}~") {
		return false
	}
	if !atoms(domain, "-") || !strings.Contains(domain, ".") {
		return false
	}
	return !slices.ContainsFunc(strings.Split(domain, "."), func(label string) bool {
		return label[0] == '-' || label[len(label)-1] == '-' || len(label) > 63
	})
}

// atoms reports whether s is one or more atoms joined by single dots.
func atoms(s, marks string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return false
		}
		for _, c := range atom {
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') && !strings.ContainsRune(marks, c) {
				return false
			}
		}
	}
	return true
}
