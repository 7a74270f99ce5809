package postal

// Symbol is one character of the barcode; its number is its check value
// (manual p21): 0 to 9 the digits, 10 the hyphen, 11 to 18 CC1 to CC8.
type Symbol byte

// Symbols that are not digits.
const (
	Hyphen Symbol = 10
	CC1    Symbol = 11 // before the digit of A to J
	CC2    Symbol = 12 // before the digit of K to T
	CC3    Symbol = 13 // before the digit of U to Z
	CC4    Symbol = 14 // fills a short address field
	CC8    Symbol = 18
)

// States of a bar (manual p11).
const (
	Long   byte = 1 // ロングバー
	Upper  byte = 2 // セミロングバー(上)
	Lower  byte = 3 // セミロングバー(下)
	Timing byte = 4 // タイミングバー
)

const (
	startBars = "13"
	stopBars  = "31"
)

// symbolBars holds the three bars of each symbol by its number (manual p21).
var symbolBars = [19]string{
	"144", "114", "132", "312", "123", "141", "321", "213", "231", "411",
	"414", "324", "342", "234", "432", "243", "423", "441", "111",
}

// Valid reports whether the number stands for a symbol.
func (s Symbol) Valid() bool { return s <= CC8 }

// String returns the digit, "-", or the name CC1 … CC8.
func (s Symbol) String() string {
	switch {
	case s < Hyphen:
		return string(rune('0' + s))
	case s == Hyphen:
		return "-"
	case s.Valid():
		return "CC" + string(rune('1'+s-CC1))
	}
	return "?"
}

// letterSymbols returns the two symbols of a letter A … Z (manual p21).
func letterSymbols(c byte) (control, digit Symbol) {
	n := Symbol(c - 'A')
	return CC1 + n/10, n % 10
}
