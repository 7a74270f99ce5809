// Package figures counts as the report to the Commission
// (個人情報保護委員会) counts: every 供給地点特定番号 in exactly one class,
// retailers per system and in all, cumulative over all lists taken in by a
// day.
package figures

import "oshirase/letters"

// class of a supply point. A higher one wins: 新電力 over 最終保障供給 over
// 非常災害対応.
type class uint8

const (
	disaster class = iota
	lastResort
	viewed
)

// Counter counts rows as they come, in any order. Rows that are rejected or
// withdrawn (取下げ) are not given to it.
type Counter struct {
	points    map[string]class
	retailers map[string]map[letters.SystemCode]bool
}

// NewCounter returns an empty counter.
func NewCounter() *Counter {
	return &Counter{points: make(map[string]class), retailers: make(map[string]map[letters.SystemCode]bool)}
}

// Add counts one row.
func (c *Counter) Add(r letters.FigureRow) {
	k := classOf(r)
	if old, seen := c.points[r.SupplyPoint]; !seen || k > old {
		c.points[r.SupplyPoint] = k
	}
	if k == viewed {
		if c.retailers[r.RetailerCode] == nil {
			c.retailers[r.RetailerCode] = make(map[letters.SystemCode]bool)
		}
		c.retailers[r.RetailerCode][r.System] = true
	}
}

func classOf(r letters.FigureRow) class {
	switch {
	case r.Disaster:
		return disaster
	case r.LastResort:
		return lastResort
	}
	return viewed
}

// Into writes the contracts and retailers into counts. The per-system figures
// cannot be added: a retailer can be in both systems.
func (c *Counter) Into(n *letters.Counts) {
	n.ViewedContracts, n.LastResortContracts, n.DisasterContracts = 0, 0, 0
	for _, k := range c.points {
		switch k {
		case viewed:
			n.ViewedContracts++
		case lastResort:
			n.LastResortContracts++
		default:
			n.DisasterContracts++
		}
	}
	n.Retailers, n.RetailersCC, n.RetailersNW = len(c.retailers), c.In("CC"), c.In("NW")
}

// In counts the retailers with a contract viewed in one system.
func (c *Counter) In(system letters.SystemCode) int {
	n := 0
	for _, systems := range c.retailers {
		if systems[system] {
			n++
		}
	}
	return n
}
