package pdf

import "fmt"

// A Data Matrix code (ISO/IEC 16022, ECC 200) of one region, for texts in
// ASCII. It is made here because every sheet has one of its own: the library
// that the tests hold it against takes a tenth of a letter's time for them,
// and half of its memory.

// matrixSize is a square symbol: its side in modules, and the codewords of
// data and of error correction that it takes.
type matrixSize struct{ side, data, check int }

// matrixSizes are the squares of one region and one block (table 7).
func matrixSizes() [9]matrixSize {
	return [...]matrixSize{{10, 3, 5}, {12, 5, 7}, {14, 8, 10}, {16, 12, 12}, {18, 18, 14},
		{20, 22, 18}, {22, 30, 20}, {24, 36, 24}, {26, maxMatrixWords, 28}}
}

const (
	maxMatrixSide  = 26
	maxMatrixWords = 44
	maxMatrixCheck = 28
)

// matrixCode is a finished symbol without its quiet zone.
type matrixCode struct {
	side int
	dark [maxMatrixSide][maxMatrixSide]bool // by row, then column
}

// matrixMaker holds the tables of GF(256), made once.
type matrixMaker struct {
	exp, log [256]byte
	factors  map[int][]byte // generator polynomials by number of check words
}

func newMatrixMaker() *matrixMaker {
	m := &matrixMaker{factors: map[int][]byte{}}
	v := 1
	for i := range 255 {
		m.exp[i], m.log[v] = byte(v), byte(i)
		if v <<= 1; v > 255 {
			v ^= 301 // the field's polynomial (5.7.1)
		}
	}
	for _, s := range matrixSizes() {
		m.factors[s.check] = m.generator(s.check)
	}
	return m
}

func (m *matrixMaker) times(a, b byte) byte {
	if a == 0 || b == 0 {
		return 0
	}
	return m.exp[(int(m.log[a])+int(m.log[b]))%255]
}

// generator multiplies (x + 2^i) for i from 1 to n; the leading 1 is left out.
func (m *matrixMaker) generator(n int) []byte {
	g := []byte{1}
	for i := 1; i <= n; i++ {
		g = append(g, 0)
		for j := len(g) - 1; j > 0; j-- {
			g[j] ^= m.times(g[j-1], m.exp[i])
		}
	}
	return g[1:]
}

// encode makes the smallest code that takes the text. It refuses what is not
// ASCII or too long.
func (m *matrixMaker) encode(s string) (*matrixCode, error) {
	var words [maxMatrixWords + maxMatrixCheck]byte
	n, ok := asciiWords(words[:maxMatrixWords], s)
	for _, size := range matrixSizes() {
		if ok && n <= size.data {
			padWords(words[:size.data], n)
			m.correct(words[:size.data], words[size.data:size.data+size.check])
			return placeWords(words[:size.data+size.check], size.side), nil
		}
	}
	return nil, fmt.Errorf("no Data Matrix for a text of %d bytes", len(s))
}

// asciiWords writes the codewords of a text: two digits in one, else one a
// character (5.2.3).
func asciiWords(words []byte, s string) (n int, ok bool) {
	digit := func(i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '9' }
	for i := 0; i < len(s); n++ {
		if n == len(words) || s[i] > 127 {
			return 0, false
		}
		if digit(i) && digit(i+1) {
			words[n] = 130 + 10*(s[i]-'0') + s[i+1] - '0'
			i += 2
			continue
		}
		words[n] = s[i] + 1
		i++
	}
	return n, true
}

// padWords fills up behind n codewords (5.2.3, annex B.1).
func padWords(words []byte, n int) {
	for i := n; i < len(words); i++ {
		if i == n {
			words[i] = 129
			continue
		}
		v := 129 + 149*(i+1)%253 + 1
		if v > 254 {
			v -= 254
		}
		words[i] = byte(v)
	}
}

// correct computes the Reed-Solomon check words (5.7).
func (m *matrixMaker) correct(data, check []byte) {
	g := m.factors[len(check)]
	clear(check)
	for _, d := range data {
		first := d ^ check[0]
		copy(check, check[1:])
		check[len(check)-1] = 0
		for i := range check {
			check[i] ^= m.times(first, g[i])
		}
	}
}
