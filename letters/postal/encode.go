package postal

import (
	"errors"
	"fmt"
)

// Barcode is one customer barcode.
type Barcode struct {
	Code  string   // postal code, 7 digits
	Field string   // what was taken of the address, uncut, e.g. "3-30-8-403"
	Chars []Symbol // 20 symbols: 7 of the code, 13 of the address field
	Check int      // check value, 0 … 18: the sum with Chars is divisible by 19
	Bars  []byte   // 67 values 1 … 4 (Long, Upper, Lower, Timing), left to right
}

const (
	codeLen  = 7
	fieldLen = 13
	barCount = 67
)

// Errors of Encode.
var (
	ErrBadCode   = errors.New("postal code is not seven digits")
	ErrNoBarcode = errors.New("a code that ends in 00 carries no barcode")
	ErrBadBox    = errors.New("P.O. box number is not one to four digits")
)

// Encode makes the barcode of a postal code and 住所B, the address after its
// town (manual p19 and p20). It does not know the postal data: what 住所B is,
// Match says. It returns ErrBadCode, or ErrNoBarcode for a representative
// code (manual p18).
func Encode(code, addressB string) (Barcode, error) {
	return encode(code, extract(addressB))
}

// EncodeOffice makes the barcode of an individual code of a large office
// (大口事業所個別番号): the code alone (manual p22).
func EncodeOffice(code string) (Barcode, error) { return encode(code, "") }

// EncodeBox makes the barcode of a P.O. box under its post office's
// collective code (包括番号): the code and the box number (manual p22).
func EncodeBox(code, number string) (Barcode, error) {
	if len(number) < 1 || len(number) > 4 || !digitsOnly(number) {
		return Barcode{}, ErrBadBox
	}
	return encode(code, number)
}

func encode(code, field string) (Barcode, error) {
	if len(code) != codeLen || !digitsOnly(code) {
		return Barcode{}, ErrBadCode
	}
	if code[codeLen-2:] == "00" {
		return Barcode{}, ErrNoBarcode
	}
	chars, err := symbols(code, field)
	if err != nil {
		return Barcode{}, err
	}
	check := checkValue(chars)
	return Barcode{Code: code, Field: field, Chars: chars, Check: int(check), Bars: bars(chars, check)}, nil
}

// symbols turns code and field into exactly 20 symbols. A long field is cut;
// a control code that falls on the last place stays without its digit, a
// short field is filled with CC4 (manual p11, p20).
func symbols(code, field string) ([]Symbol, error) {
	chars := make([]Symbol, 0, codeLen+fieldLen+2)
	for i := range len(code) {
		chars = append(chars, Symbol(code[i]-'0'))
	}
	for i := 0; i < len(field) && len(chars) < codeLen+fieldLen; i++ {
		switch c := field[i]; {
		case c >= '0' && c <= '9':
			chars = append(chars, Symbol(c-'0'))
		case c == '-':
			chars = append(chars, Hyphen)
		case c >= 'A' && c <= 'Z':
			control, digit := letterSymbols(c)
			chars = append(chars, control, digit)
		default:
			return nil, fmt.Errorf("byte %d of the address field has no symbol", i)
		}
	}
	chars = chars[:min(len(chars), codeLen+fieldLen)]
	for len(chars) < codeLen+fieldLen {
		chars = append(chars, CC4)
	}
	return chars, nil
}

// checkValue makes the sum of all values divisible by 19 (manual p21).
func checkValue(chars []Symbol) Symbol {
	sum := 0
	for _, c := range chars {
		sum += int(c)
	}
	return Symbol((19 - sum%19) % 19)
}

func bars(chars []Symbol, check Symbol) []byte {
	out := make([]byte, 0, barCount)
	add := func(states string) {
		for i := range len(states) {
			out = append(out, states[i]-'0')
		}
	}
	add(startBars)
	for _, c := range chars {
		add(symbolBars[c])
	}
	add(symbolBars[check])
	add(stopBars)
	return out
}

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
