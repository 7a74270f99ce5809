package readback

import "strconv"

// kind is what a token of a content stream or of a ToUnicode map is.
type kind byte

const (
	endOfInput kind = iota
	number
	name
	text // literal or hexadecimal string
	word // operator, true, false, null
	list // an array, read whole
	dictionary
)

// token is one operand or operator (ISO 32000-1, 7.2 and 7.3).
type token struct {
	kind kind
	num  float64
	raw  []byte // name without its slash, decoded string, or word
	list []token
}

// lexer takes tokens off a stream.
type lexer struct {
	data  []byte
	at    int
	depth int
}

const maxNesting = 16

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 || c == '\f'
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	l.skip()
	if l.at >= len(l.data) {
		return token{}, nil
	}
	switch c := l.data[l.at]; c {
	case '(':
		return l.literal()
	case '<':
		if l.at+1 < len(l.data) && l.data[l.at+1] == '<' {
			return l.group(2, dictionary)
		}
		return l.hexadecimal()
	case '[':
		return l.group(1, list)
	case '/':
		l.at++
		return token{kind: name, raw: l.regular()}, nil
	case ')', '>', ']', '{', '}':
		return token{}, malformed("unexpected %q in a content stream at byte %d", c, l.at)
	}
	return l.numberOrWord()
}

// skip passes white space and comments.
func (l *lexer) skip() {
	for l.at < len(l.data) {
		switch c := l.data[l.at]; {
		case isSpace(c):
			l.at++
		case c == '%':
			for l.at < len(l.data) && l.data[l.at] != '\n' && l.data[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// regular takes everything up to white space or a delimiter.
func (l *lexer) regular() []byte {
	from := l.at
	for l.at < len(l.data) && !isSpace(l.data[l.at]) && !isDelimiter(l.data[l.at]) {
		l.at++
	}
	return l.data[from:l.at]
}

func (l *lexer) numberOrWord() (token, error) {
	raw := l.regular()
	if c := raw[0]; c != '+' && c != '-' && c != '.' && (c < '0' || c > '9') {
		return token{kind: word, raw: raw}, nil
	}
	n, err := parseNumber(raw)
	if err != nil {
		return token{}, malformed("number in a content stream at byte %d", l.at)
	}
	return token{kind: number, num: n}, nil
}

// parseNumber reads a PDF number: no exponent, no hexadecimal form.
func parseNumber(raw []byte) (float64, error) {
	for _, c := range raw {
		if (c < '0' || c > '9') && c != '+' && c != '-' && c != '.' {
			return 0, strconv.ErrSyntax
		}
	}
	return strconv.ParseFloat(string(raw), 64)
}

// group reads an array or a dictionary, whose brackets are size bytes wide.
func (l *lexer) group(size int, k kind) (token, error) {
	if l.depth++; l.depth > maxNesting {
		return token{}, malformed("arrays nested too deep")
	}
	defer func() { l.depth-- }()
	t := token{kind: k}
	l.at += size
	for {
		l.skip()
		if l.at >= len(l.data) {
			return t, malformed("array without an end")
		}
		if l.closes(k) {
			l.at += size
			return t, nil
		}
		item, err := l.next()
		if err != nil {
			return t, err
		}
		t.list = append(t.list, item)
	}
}

func (l *lexer) closes(k kind) bool {
	if k == list {
		return l.data[l.at] == ']'
	}
	return l.data[l.at] == '>' && l.at+1 < len(l.data) && l.data[l.at+1] == '>'
}

// hexadecimal reads <0041>; a missing last digit counts as 0.
func (l *lexer) hexadecimal() (token, error) {
	out := make([]byte, 0, 8)
	half, high := false, byte(0)
	for l.at++; l.at < len(l.data); l.at++ {
		c := l.data[l.at]
		v, ok := hexDigit(c)
		switch {
		case c == '>':
			l.at++
			if half {
				out = append(out, high<<4)
			}
			return token{kind: text, raw: out}, nil
		case isSpace(c):
		case !ok:
			return token{}, malformed("string of a content stream at byte %d", l.at)
		case half:
			out, half = append(out, high<<4|v), false
		default:
			high, half = v, true
		}
	}
	return token{}, malformed("string without an end")
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// literal reads (text) with balanced parentheses and escapes (7.3.4.2).
func (l *lexer) literal() (token, error) {
	out := make([]byte, 0, 16)
	depth := 0
	for ; l.at < len(l.data); l.at++ {
		switch c := l.data[l.at]; c {
		case '(':
			if depth++; depth > 1 {
				out = append(out, c)
			}
		case ')':
			if depth--; depth == 0 {
				l.at++
				return token{kind: text, raw: out}, nil
			}
			out = append(out, c)
		case '\\':
			l.at++
			out = l.escape(out)
		case '\r': // any line end counts as one line feed
			if l.at+1 < len(l.data) && l.data[l.at+1] == '\n' {
				l.at++
			}
			out = append(out, '\n')
		default:
			out = append(out, c)
		}
	}
	return token{}, malformed("string without an end")
}

var escapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}

// escape appends what the character behind a backslash means and stays on
// the last character it used.
func (l *lexer) escape(out []byte) []byte {
	if l.at >= len(l.data) {
		return out
	}
	c := l.data[l.at]
	switch {
	case c == '\n':
		return out
	case c == '\r':
		if l.at+1 < len(l.data) && l.data[l.at+1] == '\n' {
			l.at++
		}
		return out
	case c >= '0' && c <= '7':
		v := 0
		n := 0
		for ; n < 3 && l.at+n < len(l.data) && l.data[l.at+n] >= '0' && l.data[l.at+n] <= '7'; n++ {
			v = v*8 + int(l.data[l.at+n]-'0')
		}
		l.at += n - 1
		return append(out, byte(v))
	}
	if e, ok := escapes[c]; ok {
		c = e
	}
	return append(out, c)
}
