package text

// Class is a character class of JLREQ (W3C, Requirements for Japanese Text
// Layout, appendix A), as far as line breaking and spacing need it.
type Class uint8

// The classes. Ideo is everything that may stand anywhere: kanji, kana,
// symbols.
const (
	Ideo      Class = iota // cl-15, 16, 19
	Open                   // cl-01 opening brackets
	Close                  // cl-02 closing brackets
	Hyphen                 // cl-03
	Divide                 // cl-04 ! ?
	Middle                 // cl-05 middle dots
	Stop                   // cl-06 full stops
	Comma                  // cl-07
	Insep                  // cl-08 inseparable: … —
	Iterate                // cl-09 々 and such
	Long                   // cl-10 ー
	Small                  // cl-11 small kana
	Prefix                 // cl-12
	Postfix                // cl-13
	Blank                  // cl-14 full-width space
	Space                  // cl-26 Western word space
	Western                // cl-24, 27 Latin letters and digits
	WOpen                  // Latin opening brackets
	WClose                 // Latin closing brackets and stops
	FullDigit              // full-width digits: a number is never broken
	Newline                // a forced line end
	classes
)

// members lists each class by its characters (JLREQ appendix A); Western is
// told by range.
var members = [classes]string{
	Open:    "‘“（〔［｛〈《「『【⦅〘〖«〝｟",
	Close:   "’”）〕］｝〉》」』】⦆〙〗»〟｠",
	Hyphen:  "‐〜～゠–－",
	Divide:  "！？‼⁇⁈⁉",
	Middle:  "・：；･",
	Stop:    "。．｡",
	Comma:   "、，､",
	Insep:   "—―…‥〳〴〵",
	Iterate: "ヽヾゝゞ々〻",
	Long:    "ーｰ",
	Small:   "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿｧｨｩｪｫｬｭｮｯ",
	Prefix:  "¥＄￥￡＃€№〒",
	Postfix: "°′″℃￠％‰㏋ℓ㌃㌍㌔㌘㌢㌣㌦㌧㌫㌶㌻㍉㍊㍍㍑㍗㎎㎏㎜㎝㎞㎡㏄",
	Blank:   "　",
	Space:   " \u00a0",
	WOpen:   "([{",
	WClose:  ")]},.:;!?%",

	FullDigit: "０１２３４５６７８９",
	Newline:   "\n",
}

// table is the class by character for the blocks that members names; the
// rest is Western below U+0300 and Ideo above.
var table = classTable()

// kana is the block of most characters of running text.
var kana = &table[3]

type classBlock struct {
	low, high rune
	class     []Class
}

func classTable() []classBlock {
	blocks := []classBlock{{0x0000, 0x00ff, nil}, {0x2000, 0x22ff, nil},
		{0x2980, 0x298f, nil}, {0x3000, 0x33ff, nil}, {0xff00, 0xffef, nil}}
	for i := range blocks {
		b := &blocks[i]
		b.class = make([]Class, b.high-b.low+1)
		if b.high < 0x300 {
			for j := range b.class {
				b.class[j] = Western
			}
		}
	}
	for class, chars := range members {
		for _, c := range chars {
			for _, b := range blocks {
				if c >= b.low && c <= b.high {
					b.class[c-b.low] = Class(class)
				}
			}
		}
	}
	return blocks
}

// ClassOf returns the class of a character.
func ClassOf(c rune) Class {
	if c >= 0x3400 && c < 0xff00 {
		return Ideo
	}
	if c >= 0x3000 && c < 0x3400 {
		return kana.class[c-kana.low]
	}
	for i := range table {
		if b := &table[i]; c >= b.low && c <= b.high {
			return b.class[c-b.low]
		}
	}
	if c < 0x530 {
		return Western // Latin, Greek and Cyrillic words
	}
	return Ideo
}
