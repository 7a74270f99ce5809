package text

// aki tells what space stands between two classes and how it may change.
type aki uint8

const (
	akiNone    aki = iota
	akiTrail       // the empty half of the closing bracket or comma before
	akiStop        // the empty half of the full stop before: never shrunk
	akiLead        // the empty half of the opening bracket after
	akiOne         // closing before opening: one half remains of two
	akiMidIn       // the quarter before a middle dot
	akiMidOut      // the quarter after a middle dot
	akiLatin       // the quarter between Japanese and Latin
	akiOfSpace     // the item is a word space and itself gives way
	akis
)

// pair says what may stand between two neighbouring classes.
type pair struct {
	aki     aki
	level   level
	stretch bool // may be widened beyond its aki
}

// level says how willingly a line ends between two items.
type level uint8

const (
	never     level = iota // a rule of line start or line end forbids it
	emergency              // inside a word, a number, a kept run: only when nothing else fits
	allowed
)

var pairs = pairTable()

func pairTable() (t [classes][classes]pair) {
	for a := range classes {
		for b := range classes {
			t[a][b] = pair{aki: akiBetween(a, b), level: levelBetween(a, b), stretch: stretches(a, b)}
		}
	}
	return t
}

// latin says that a class belongs to a Latin word.
func (c Class) latin() bool { return c == Western || c == WOpen || c == WClose }

// atStart says that a class never starts a line (JLREQ 3.1.7, at its
// strictest: 々, ー and small kana too).
func (c Class) atStart() bool {
	switch c {
	case Close, Hyphen, Divide, Middle, Stop, Comma, Iterate, Long, Small, Postfix,
		WClose, Space, Blank, Newline:
		return true
	}
	return false
}

// atEnd says that a class never ends a line (JLREQ 3.1.8, 3.1.10).
func (c Class) atEnd() bool { return c == Open || c == WOpen || c == Prefix }

func levelBetween(a, b Class) level {
	switch {
	case b.atStart() || a.atEnd():
		return never
	case a.latin() && b.latin(), a == FullDigit && b == FullDigit:
		return emergency
	case a == Insep && b == Insep: // of the same kind; Itemize frees others
		return never
	}
	return allowed
}

// akiBetween is JLREQ 3.1.2–3.1.6 and 3.2.3: half an em at brackets, commas
// and stops, of which one remains where they meet; a quarter at middle dots
// and between Japanese and Latin.
func akiBetween(a, b Class) aki {
	switch {
	case b == Space:
		return akiOfSpace
	case a == Space, a == Newline, b == Newline, a == Open, b == Blank, a == Blank:
		if a == Open && b == Middle {
			return akiMidIn
		}
		return akiNone
	case a == Close || a == Comma || a == Stop:
		return akiAfter(a, b)
	case a == Middle:
		return akiMidOut
	case b == Middle:
		return akiMidIn
	case b == Open:
		return akiLead
	case a.japanese() && (b == Western || b == WOpen), b.japanese() && (a == Western || a == WClose):
		return akiLatin
	}
	return akiNone
}

func akiAfter(a, b Class) aki {
	switch {
	case b == Close || b == Comma || b == Stop || b == Divide || b == WClose:
		return akiNone
	case a == Stop:
		return akiStop
	case b == Open:
		return akiOne
	case b == Middle && a == Close:
		return akiMidIn
	}
	return akiTrail
}

// japanese says that a class takes a quarter em next to Latin.
func (c Class) japanese() bool {
	return c == Ideo || c == Iterate || c == Long || c == Small
}

// stretches says where JLREQ lets a line be widened once its aki are used up:
// not beside brackets and stops on their tight side, not inside words,
// numbers and dashes.
func stretches(a, b Class) bool {
	switch {
	case a == Space || b == Space || a == Newline || b == Newline:
		return false
	case a.atEnd() || a == Middle || b == Middle || a == Insep && b == Insep:
		return false
	case a.latin() && b.latin(), a == FullDigit && b == FullDigit:
		return false
	}
	switch b {
	case Close, Stop, Comma, WClose, Postfix, Divide:
		return false
	}
	return true
}
