package sample

import (
	"context"
	"fmt"
	"math/rand/v2"
)

// list is what is drawn: rows of cells and their truth.
type list struct {
	rows      [][]string
	retailers [][]string
	tally     tally
}

// drawer draws customers, contracts and viewings one after the other.
type drawer struct {
	w         *words
	r         *rand.Rand
	market    market
	contracts int // 新電力 contracts to draw
	list      *list

	customers int // drawn so far
	drawn     int // 新電力 contracts so far
	high      int // 高圧 contracts so far
	places    map[string]bool
	points    map[string]bool
	phones    int // the last number drawn
}

// contract is one 供給地点特定番号 as one customer had it.
type contract struct {
	point      string
	supply     string // section of cells.txt
	cc, nw     bool
	ccRetailer int
	nwRetailer int
	demand     string // 需要場所
}

func draw(ctx context.Context, w *words, o Options) (*list, error) {
	d := &drawer{w: w, r: rand.New(rand.NewPCG(o.Seed, 0x6f73686972617365)), market: newMarket(o.Contracts),
		contracts: o.Contracts, list: &list{tally: newTally()},
		places: map[string]bool{}, points: map[string]bool{}}
	d.phones = d.r.IntN(100_000)
	d.list.retailers = d.market.rows(d)
	for d.drawn < o.Contracts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d.ordinaryCustomer()
	}
	for range perContracts(reportLastResort, o.Contracts) {
		d.lastResortCustomer()
	}
	for i := range perContracts(reportDisaster, o.Contracts) {
		d.disasterCustomer(i)
	}
	d.list.tally.close()
	rows := d.list.rows
	d.r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return d.list, nil
}

// ordinaryCustomer draws a customer of another retailer, his contracts, and
// whoever else had one of them.
func (d *drawer) ordinaryCustomer() {
	n := d.customers
	c := d.customer()
	count := min(d.groupSize(n, c), d.contracts-d.drawn)
	mine := &letter{held: c.held}
	other := &letter{held: c.held} // where a second telephone number keeps rows apart
	for i := range count {
		to, who := mine, *c
		if i == 1 && n%40 == 6 && c.phone != "" {
			to, who.phone = other, d.phone()
		}
		if i == 1 && n%200 == 66 {
			who.handling, to.held = d.w.any(d.r, "handling")[0], true
		}
		if i == 1 && n%60 == 26 { // two wishes, two mailboxes: paper, listed
			who.channel, who.mail = d.w.one("email"), fmt.Sprintf("keitou%05d@example.jp", n)
		}
		k := d.contract(c.company)
		d.viewings(&who, k, to)
		if d.drawn%60 == 12 {
			d.occupant(c, k)
		}
		d.drawn++
		d.list.tally.ViewedContracts++
	}
	d.list.tally.seal(mine)
	d.list.tally.seal(other)
}

// groupSize is how many contracts a customer has.
func (d *drawer) groupSize(n int, c *customer) int {
	x := d.r.IntN(1000)
	switch {
	case n%3000 == 1500:
		return 40
	case n%20 == 6:
		return 2 + x%3
	case c.company && x < 80:
		return 5 + x%16
	case x < 60:
		return 2 + x%2
	}
	return 1
}

// contract draws the next 新電力 contract. The first ones see to it that every
// retailer is seen in its systems.
func (d *drawer) contract(company bool) contract {
	m, n := d.market, d.drawn
	k := contract{point: d.point(), supply: "low", cc: true, ccRetailer: m.drawCC(d.r), nwRetailer: m.drawNW(d.r)}
	x := d.r.IntN(100)
	switch {
	case d.contracts == 1:
		k.nw, k.ccRetailer, k.nwRetailer = true, 0, 0
	case n < m.cc:
		k.ccRetailer = n
	case n < m.cc+m.nw:
		k.cc, k.nw, k.nwRetailer = false, true, m.firstNW()+n-m.cc
	case n%25 == 9:
		k.nw = true
		if x < 90 && m.inCC(k.nwRetailer) {
			k.ccRetailer = k.nwRetailer // else the customer changed between the viewings
		}
	case x < 20:
		k.cc, k.nw = false, true
	}
	if k.nw {
		return k
	}
	if y := d.r.IntN(100); company && y < 35 || y < 2 {
		k.supply = "high"
		if y%10 == 0 {
			k.supply = "extra high"
		}
	}
	if x%4 == 0 && company {
		k.demand = d.w.any(d.r, "demand place")[0]
	}
	return k
}

// point draws a 供給地点特定番号 of the Kyushu area, 22 digits.
func (d *drawer) point() string {
	for {
		p := fmt.Sprintf("09%06d%014d", d.r.IntN(1_000_000), d.r.Int64N(100_000_000_000_000))
		if !d.points[p] {
			d.points[p] = true
			return p
		}
	}
}

// occupant draws whoever had the contract before or after: the same supply
// point and address, another name, a letter of his own.
func (d *drawer) occupant(first *customer, k contract) {
	n := d.customers
	c := d.customer()
	for c.name == first.name {
		c = d.customer()
	}
	if c.postal != "" && c.address != "" {
		c.place, c.building = first.place, first.building
		c.held = c.held || first.postal == "" || first.address == ""
	}
	if n%4 == 0 && c.handling == "" {
		c.handling, c.held = d.w.at("handling", 4), true // 転居
	}
	c.phone = d.phone()
	l := &letter{held: c.held}
	d.viewings(c, k, l)
	d.list.tally.seal(l)
}

// lastResortCustomer draws a contract of 最終保障供給: never low voltage, only in
// the call-centre system, without a retailer.
func (d *drawer) lastResortCustomer() {
	c := d.customer()
	k := contract{point: d.point(), supply: "high", cc: true}
	if d.r.IntN(10) == 0 {
		k.supply = "extra high"
	}
	l := &letter{held: c.held}
	d.lastResort(c, k, l)
	if d.list.tally.LastResortContracts%20 == 1 {
		d.disaster(c, k, true)
	}
	d.list.tally.seal(l)
	d.list.tally.LastResortContracts++
}

// disasterCustomer draws a contract that was seen for 非常災害対応 only.
func (d *drawer) disasterCustomer(i int) {
	c := d.customer()
	k := d.disasterContract(i)
	d.disaster(c, k, i%200 == 7)
	if i%30 == 4 {
		d.disaster(c, k, false)
	}
	d.list.tally.DisasterContracts++
}

func (d *drawer) disasterContract(i int) contract {
	k := contract{point: d.point(), supply: "low", cc: i%10 != 3, nw: i%10 == 3,
		ccRetailer: d.market.drawCC(d.r), nwRetailer: d.market.drawNW(d.r)}
	if k.cc && (i%12 == 5 || i%200 == 7) {
		k.supply = "high"
	}
	return k
}
