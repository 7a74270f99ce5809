package packets

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Sheet is what another reader found in the list of a finished packet.
type Sheet struct {
	Rows     [][]string
	Formulas int
	Creator  string
}

// ErrNotTheirs says that a finished packet does not hold exactly the contracts
// of its retailer. It must not leave.
var ErrNotTheirs = errors.New("packet does not hold exactly its retailer's contracts")

// Verify compares a finished list, as another reader sees it, with the
// contracts that the ledger has of the retailer (one entry a contract and
// system, sorted), and looks for letter IDs and for contracts of others in the
// text of its pages.
func Verify(sheet Sheet, pages []string, want []string) error {
	if sheet.Formulas > 0 {
		return fmt.Errorf("%w: %d formulas", ErrNotTheirs, sheet.Formulas)
	}
	var got []string
	for _, row := range sheet.Rows {
		if len(row) > 1 && isSupplyPoint(row[0]) {
			got = append(got, row[0]+" "+row[1])
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		return fmt.Errorf("%w: %d lines, %d in the ledger", ErrNotTheirs, len(got), len(want))
	}
	for _, text := range pages {
		if n := longNumbers(text); n > 0 {
			return fmt.Errorf("%w: %d numbers of sixteen or more digits in its pages", ErrNotTheirs, n)
		}
	}
	return nil
}

func isSupplyPoint(s string) bool {
	return len(s) == 22 && strings.Trim(s, "0123456789") == ""
}

// longNumbers counts runs of sixteen or more digits, hyphens and spaces left
// out of account: letter IDs and supply points.
func longNumbers(s string) int {
	n, run := 0, 0
	for _, r := range s + "." {
		switch {
		case r >= '0' && r <= '9':
			run++
		case r == '-' || r == ' ':
		default:
			if run >= 16 {
				n++
			}
			run = 0
		}
	}
	return n
}
