package pdf

// placement lays codewords into the mapping matrix (ISO/IEC 16022, annex F),
// which is the symbol without its border.
type placement struct {
	code  *matrixCode
	taken [maxMatrixSide][maxMatrixSide]bool
	words []byte
	side  int // of the mapping matrix
}

// placeWords makes the symbol: a solid border at the left and below, a dotted
// one above and at the right, the codewords within.
func placeWords(words []byte, side int) *matrixCode {
	c := &matrixCode{side: side}
	for i := range side {
		c.dark[i][0], c.dark[side-1][i] = true, true
		c.dark[0][i] = i%2 == 0
		c.dark[i][side-1] = i%2 == 1
	}
	p := placement{code: c, words: words, side: side - 2}
	p.all()
	if n := p.side - 1; !p.taken[n][n] { // what is left over in one corner
		p.set(n, n, true)
		p.set(n-1, n-1, true)
	}
	return c
}

// all walks the diagonals up and down until every codeword has its place.
func (p *placement) all() {
	n, word := p.side, 0
	for row, col := 4, 0; row < n || col < n; row, col = row+3, col+1 {
		p.corner(row, col, &word)
		for ; row >= 0 && col < n; row, col = row-2, col+2 {
			if row < n && col >= 0 && !p.taken[row][col] {
				p.utah(row, col, &word)
			}
		}
		row, col = row+1, col+3
		for ; row < n && col >= 0; row, col = row+2, col-2 {
			if row >= 0 && col < n && !p.taken[row][col] {
				p.utah(row, col, &word)
			}
		}
	}
}

// corner places the codewords that are folded around a corner.
func (p *placement) corner(row, col int, word *int) {
	n := p.side
	var at [8][2]int
	switch {
	case row == n && col == 0:
		at = [8][2]int{{n - 1, 0}, {n - 1, 1}, {n - 1, 2}, {0, n - 2}, {0, n - 1}, {1, n - 1}, {2, n - 1}, {3, n - 1}}
	case row == n-2 && col == 0 && n%4 != 0:
		at = [8][2]int{{n - 3, 0}, {n - 2, 0}, {n - 1, 0}, {0, n - 4}, {0, n - 3}, {0, n - 2}, {0, n - 1}, {1, n - 1}}
	case row == n-2 && col == 0 && n%8 == 4:
		at = [8][2]int{{n - 3, 0}, {n - 2, 0}, {n - 1, 0}, {0, n - 2}, {0, n - 1}, {1, n - 1}, {2, n - 1}, {3, n - 1}}
	case row == n+4 && col == 2 && n%8 == 0:
		at = [8][2]int{{n - 1, 0}, {n - 1, n - 1}, {0, n - 3}, {0, n - 2}, {0, n - 1}, {1, n - 3}, {1, n - 2}, {1, n - 1}}
	default:
		return
	}
	p.bits(at, word)
}

// utah places a codeword in its usual shape, wrapped at the edges.
func (p *placement) utah(row, col int, word *int) {
	at := [8][2]int{{row - 2, col - 2}, {row - 2, col - 1}, {row - 1, col - 2}, {row - 1, col - 1},
		{row - 1, col}, {row, col - 2}, {row, col - 1}, {row, col}}
	for i, rc := range at {
		r, c := rc[0], rc[1]
		if r < 0 {
			r, c = r+p.side, c+4-(p.side+4)%8
		}
		if c < 0 {
			r, c = r+4-(p.side+4)%8, c+p.side
		}
		at[i] = [2]int{r, c}
	}
	p.bits(at, word)
}

// bits places the next codeword, its highest bit first.
func (p *placement) bits(at [8][2]int, word *int) {
	w := p.words[*word]
	*word++
	for i, rc := range at {
		p.set(rc[0], rc[1], w>>(7-i)&1 != 0)
	}
}

func (p *placement) set(row, col int, dark bool) {
	p.taken[row][col] = true
	p.code.dark[row+1][col+1] = dark
}
