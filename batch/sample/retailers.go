package sample

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// The report's month.
const (
	reportContracts  = 44_855
	reportLastResort = 136
	reportDisaster   = 2_165
	reportCC         = 190
	reportNW         = 65
	reportNWAlone    = 8
)

// market is the retailers: 0 to cc-1 are in the call-centre system, the last
// of these and nwAlone more in the network system.
type market struct {
	cc, nw, nwAlone int
	weights         []float64 // running sums; few retailers have most contracts
}

// newMarket has the report's numbers, fewer in proportion for a small list
// but at least one of each where there are two contracts to show them.
func newMarket(contracts int) market {
	m := market{cc: share(reportCC, contracts), nw: share(reportNW, contracts), nwAlone: share(reportNWAlone, contracts)}
	if contracts == 1 {
		m.nwAlone = 0
	}
	sum := 0.0
	for i := range m.cc + m.nwAlone {
		sum += 1 / float64(i+4)
		m.weights = append(m.weights, sum)
	}
	return m
}

// share is n of the report in proportion, at least 1; a list larger than the
// report's has no more retailers.
func share(n, contracts int) int {
	return perContracts(n, min(contracts, reportContracts))
}

// perContracts is the same for contracts, which do grow beyond the report's.
func perContracts(n, contracts int) int {
	return max(1, (n*contracts+reportContracts/2)/reportContracts)
}

// firstNW is the first retailer of the network system.
func (m market) firstNW() int { return m.cc - (m.nw - m.nwAlone) }

func (m market) inCC(retailer int) bool { return retailer < m.cc }

func (m market) drawCC(r *rand.Rand) int { return m.between(r, 0, m.cc) }
func (m market) drawNW(r *rand.Rand) int { return m.between(r, m.firstNW(), m.cc+m.nwAlone) }

// between draws a retailer by weight from [from, to).
func (m market) between(r *rand.Rand, from, to int) int {
	low := 0.0
	if from > 0 {
		low = m.weights[from-1]
	}
	x := low + r.Float64()*(m.weights[to-1]-low)
	i, _ := slices.BinarySearch(m.weights, x)
	return min(max(i, from), to-1)
}

// code is opaque text with a leading zero that must not get lost.
func (m market) code(retailer int) string { return fmt.Sprintf("0%d", 7001+retailer*3) }

func (m market) name(w *words, retailer int) string {
	kinds := w.all("retailers")
	brand, round := kinds[retailer%len(kinds)], retailer/len(kinds)+1
	return fmt.Sprintf(w.one("retailer form"), brand, wide(fmt.Sprint(round)))
}

// rows are the lines of the retailer list (小売電気事業者一覧).
func (m market) rows(d *drawer) [][]string {
	var all [][]string
	for i := range m.cc + m.nwAlone {
		p := d.place()
		department, person := d.w.any(d.r, "departments")[0], ""
		if i%3 == 0 {
			person = d.w.any(d.r, "retailer people")[0]
		}
		if i%5 == 4 {
			department = ""
		}
		all = append(all, []string{m.code(i), m.name(d.w, i), department, p.postal, p.address, person,
			fmt.Sprintf("kyokyu%03d@example.jp", i+1)})
	}
	return all
}
