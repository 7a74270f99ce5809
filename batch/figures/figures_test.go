package figures

import (
	"testing"

	"oshirase/letters"
)

const (
	cc = letters.SystemCode("CC")
	nw = letters.SystemCode("NW")
)

// row is one small hand-made line: point, system, retailer.
func row(point string, system letters.SystemCode, retailer string) letters.FigureRow {
	return letters.FigureRow{SupplyPoint: point, System: system, RetailerCode: retailer}
}

func asDisaster(r letters.FigureRow) letters.FigureRow   { r.Disaster = true; return r }
func asLastResort(r letters.FigureRow) letters.FigureRow { r.LastResort = true; return r }

func TestCountingAsTheCommissionCounts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		rows []letters.FigureRow
		want letters.Counts
	}{
		{"one supply point in both systems counts once, its retailer in each",
			[]letters.FigureRow{row("1", cc, "A"), row("1", nw, "A")},
			letters.Counts{ViewedContracts: 1, RetailersCC: 1, RetailersNW: 1, Retailers: 1}},
		{"a disaster row and an ordinary row of one contract: the contract was viewed",
			[]letters.FigureRow{asDisaster(row("1", cc, "A")), row("1", cc, "A")},
			letters.Counts{ViewedContracts: 1, RetailersCC: 1, Retailers: 1}},
		{"the same in the other order",
			[]letters.FigureRow{row("1", cc, "A"), asDisaster(row("1", cc, "A"))},
			letters.Counts{ViewedContracts: 1, RetailersCC: 1, Retailers: 1}},
		{"two occupants of one supply point count once, their retailers both",
			[]letters.FigureRow{row("1", cc, "A"), row("1", cc, "B")},
			letters.Counts{ViewedContracts: 1, RetailersCC: 2, Retailers: 2}},
		{"one retailer in both systems is one retailer",
			[]letters.FigureRow{row("1", cc, "A"), row("2", nw, "A"), row("3", nw, "B")},
			letters.Counts{ViewedContracts: 3, RetailersCC: 1, RetailersNW: 2, Retailers: 2}},
		{"a repeated row changes nothing",
			[]letters.FigureRow{row("1", cc, "A"), row("1", cc, "A")},
			letters.Counts{ViewedContracts: 1, RetailersCC: 1, Retailers: 1}},
		{"last resort alone is a class of its own without a retailer",
			[]letters.FigureRow{asLastResort(row("1", cc, ""))},
			letters.Counts{LastResortContracts: 1}},
		{"a last-resort and a disaster row: last resort",
			[]letters.FigureRow{asDisaster(asLastResort(row("1", cc, ""))), asLastResort(row("1", cc, ""))},
			letters.Counts{LastResortContracts: 1}},
		{"last resort, seen for a disaster only: disaster",
			[]letters.FigureRow{asDisaster(asLastResort(row("1", cc, "")))},
			letters.Counts{DisasterContracts: 1}},
		{"a disaster row brings no retailer",
			[]letters.FigureRow{asDisaster(row("1", cc, "A"))},
			letters.Counts{DisasterContracts: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := NewCounter()
			for _, r := range tt.rows {
				c.Add(r)
			}
			var got letters.Counts
			c.Into(&got)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
