package postal

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// prefectures is how many Japan has; a file with fewer is a part.
const prefectures = 47

// Version is the hex SHA-256 over the rows. Two sets of the same rows have
// the same version, whatever they came from.
func (d *Data) Version() string {
	h := sha256.Sum256([]byte(d.text))
	return hex.EncodeToString(h[:])
}

// Replace returns a set in which the towns, or with offices the large offices
// and P.O. boxes, are those of rows; the other rows stay as they are. A file
// with fewer than nine tenths of the rows of today, or without one of the 47
// prefectures, is a part (FaultPart): Japan Post gives out single prefectures
// and monthly differences too, and with those towns would be lost.
func (d *Data) Replace(about About, rows []Row, offices bool) (*Data, error) {
	found, before := map[string]bool{}, 0
	for _, r := range rows {
		found[r.Prefecture] = true
	}
	all := slices.Clone(rows)
	for i := range d.codes {
		if r := d.row(uint32(i)); (r.Kind != Area) == offices {
			before++
		} else {
			all = append(all, r)
		}
	}
	if len(found) != prefectures || len(rows)*10 < before*9 {
		return nil, &FileError{Fault: FaultPart}
	}
	return New(about, all)
}

// Changes are the codes that differ between two sets, ascending. A code has
// changed when its places differ; what stands in parentheses does not count.
type Changes struct{ Added, Removed, Changed []string }

// Changes compares the set with a newer one.
func (d *Data) Changes(newer *Data) Changes {
	var c Changes
	was, is := d.places(), newer.places()
	for code, places := range is {
		switch before, known := was[code]; {
		case !known:
			c.Added = append(c.Added, code)
		case !slices.Equal(before, places):
			c.Changed = append(c.Changed, code)
		}
	}
	for code := range was {
		if _, still := is[code]; !still {
			c.Removed = append(c.Removed, code)
		}
	}
	for _, list := range [][]string{c.Added, c.Removed, c.Changed} {
		slices.Sort(list)
	}
	return c
}

// places returns prefecture, city and town of every row by code.
func (d *Data) places() map[string][]string {
	all := make(map[string][]string, len(d.codes))
	for i := range d.codes {
		r := d.row(uint32(i))
		all[r.Code] = append(all[r.Code], r.Prefecture+r.City+r.Town)
	}
	for _, list := range all {
		slices.Sort(list)
	}
	return all
}
