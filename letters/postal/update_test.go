package postal

import (
	"errors"
	"slices"
	"testing"
)

// renamed returns the rows of one kind, one town of them renamed, one code
// new and one gone.
func renamed(d *Data, offices bool) (rows []Row, gone string) {
	for i := range d.codes {
		r := d.row(uint32(i))
		switch {
		case (r.Kind != Area) != offices:
		case gone == "" && len(d.find(r.Code)) == 1 && r.Town != "":
			gone = r.Code
		default:
			rows = append(rows, r)
		}
	}
	at := slices.IndexFunc(rows, func(r Row) bool { return r.Town != "" && len(d.find(r.Code)) == 1 })
	rows[at].Town += "東"
	return append(rows, Row{Code: "8109999", Kind: rows[0].Kind, Prefecture: "福岡県", City: "福岡市中央区", Town: "見本町"}), gone
}

func TestReplace(t *testing.T) {
	t.Parallel()
	d := loaded(t)
	for _, offices := range []bool{false, true} {
		rows, gone := renamed(d, offices)
		to, err := d.Replace(About{Source: "test", Date: "2026-08-01"}, rows, offices)
		if err != nil {
			t.Fatal(err)
		}
		c := d.Changes(to)
		if !slices.Equal(c.Added, []string{"8109999"}) || !slices.Equal(c.Removed, []string{gone}) || len(c.Changed) != 1 {
			t.Errorf("offices %v: %+v", offices, c)
		}
		if to.Version() == d.Version() || to.Len() != d.Len() {
			t.Errorf("offices %v: version %s, %d rows", offices, to.Version(), to.Len())
		}
		if back := to.Changes(to); len(back.Added)+len(back.Removed)+len(back.Changed) > 0 {
			t.Errorf("a set differs from itself: %+v", back)
		}
	}
}

// The same rows under another name are the same version.
func TestVersionIsOfTheRows(t *testing.T) {
	t.Parallel()
	d := sampleData(t)
	var rows []Row
	for i := range d.codes {
		rows = append(rows, d.row(uint32(i)))
	}
	slices.Reverse(rows)
	same, err := New(About{Source: "other", Date: "2026-01-01"}, rows)
	if err != nil || same.Version() != d.Version() {
		t.Errorf("%v, %s and %s", err, same.Version(), d.Version())
	}
}

// A single prefecture and a monthly difference are refused.
func TestReplaceRefusesAPart(t *testing.T) {
	t.Parallel()
	d := loaded(t)
	whole, _ := renamed(d, false)
	kyushu := slices.DeleteFunc(slices.Clone(whole), func(r Row) bool { return r.Code[0] != '8' })
	noOkinawa := slices.DeleteFunc(slices.Clone(whole), func(r Row) bool { return r.Prefecture == "沖縄県" })
	for name, rows := range map[string][]Row{"Kyushu": kyushu, "without Okinawa": noOkinawa, "three quarters": whole[:len(whole)*3/4], "none": nil} {
		_, err := d.Replace(About{}, rows, false)
		if bad, ok := errors.AsType[*FileError](err); !ok || bad.Fault != FaultPart {
			t.Errorf("%s: %v", name, err)
		}
	}
}
