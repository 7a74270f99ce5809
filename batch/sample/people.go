package sample

import (
	"fmt"
	"strings"
)

// customer is who gets a letter. All texts stand in the list as they are.
type customer struct {
	name, kana, kind string
	place
	building string
	phone    string
	mail     string
	channel  string
	handling string // 取扱区分 of all his rows
	company  bool
	held     bool // something about him holds his letters
}

// place is an address with its postal code.
type place struct{ postal, address string }

// customer draws the next customer. Rare kinds come at fixed intervals.
func (d *drawer) customer() *customer {
	n := d.customers
	d.customers++
	c := &customer{place: d.place()}
	d.nameCustomer(c, n)
	d.reachCustomer(c, n)
	switch {
	case n%160 == 11:
		c.handling, c.held = d.w.any(d.r, "handling")[0], true
	case n%500 == 23:
		c.postal, c.held = "", true
	case n%500 == 31:
		c.address, c.building, c.held = "", "", true
	case n%120 == 50:
		c.handling = d.w.one("ordinary")
	}
	return c
}

func (d *drawer) nameCustomer(c *customer, n int) {
	given := d.w.any(d.r, "given names")
	switch {
	case n%1000 == 17:
		family := d.w.any(d.r, "eudc surnames")
		c.join(family[0], given[0], family[1], given[1])
		c.held = true
	case n%7 == 3:
		d.nameCompany(c, n)
	case n%9 == 4:
		family := d.w.any(d.r, "hard surnames")
		hard := d.w.any(d.r, "hard given names")
		c.join(family[d.w.spelling], hard[d.w.spelling], family[2], hard[2])
	case n%60 == 14:
		line := d.w.any(d.r, "half width people")
		c.name, c.kana = line[1], line[0]
	default:
		family := d.w.any(d.r, "surnames")
		c.join(family[0], given[0], family[1], given[1])
	}
	c.kind = d.w.one("person")
	if c.company {
		c.kind = d.w.one("company")
	}
	if n%30 == 25 {
		c.kind = "" // the reader has to tell from the name
	}
	if n%20 == 13 {
		c.kana = ""
	}
}

// join writes family and given name with the ideographic space.
func (c *customer) join(family, given, familyKana, givenKana string) {
	c.name, c.kana = family+"\u3000"+given, familyKana+"\u3000"+givenKana
}

func (d *drawer) nameCompany(c *customer, n int) {
	section := "companies"
	if n%5 == 0 {
		section = "long companies"
	}
	town := d.w.any(d.r, "towns.tsv")[3]
	c.name = fmt.Sprintf(d.w.any(d.r, section)[0], town)
	c.kana, c.company = d.w.one("company kana"), true
}

// place draws an address that no other place has: customers fold into one
// letter only when they are meant to.
func (d *drawer) place() place {
	for {
		t := d.w.any(d.r, "towns.tsv")
		chome, ban, house := 1+d.r.IntN(9), 1+d.r.IntN(60), 1+d.r.IntN(99)
		key := fmt.Sprint(t[0], chome, ban, house)
		style := d.r.IntN(4)
		if d.places[key] {
			continue
		}
		d.places[key] = true
		return place{d.postal(t[0]), t[1] + t[2] + t[3] + houseNumber(d.w, style, chome, ban, house)}
	}
}

func houseNumber(w *words, style, chome, ban, house int) string {
	switch style {
	case 0:
		return fmt.Sprintf("%d-%d-%d", chome, ban, house)
	case 1:
		return fmt.Sprintf(w.one("house number"), chome, ban, house)
	case 2:
		return wide(fmt.Sprintf(w.one("house number"), chome, ban, house))
	}
	return wide(fmt.Sprintf("%d-%d-%d", chome, ban, house))
}

// postal writes a postal code in one of the accepted forms. Some do not fit
// their address, and no barcode can be made.
func (d *drawer) postal(code string) string {
	if d.r.IntN(50) == 0 {
		code = d.w.any(d.r, "towns.tsv")[0]
	}
	dashed := code[:3] + "-" + code[3:]
	switch d.r.IntN(10) {
	case 0, 1:
		return code
	case 2:
		return wide(dashed)
	}
	return dashed
}

func (d *drawer) reachCustomer(c *customer, n int) {
	c.phone = d.phone()
	if n%25 == 19 {
		c.phone = ""
	}
	if d.r.IntN(3) == 0 {
		section := "buildings"
		if n%40 == 7 {
			section = "long buildings"
		}
		c.building = d.w.any(d.r, section)[0]
	}
	wish := d.r.IntN(100)
	if wish < 30 {
		c.mail = fmt.Sprintf("%s%05d@example.jp", []string{"denryoku", "soden", "haiden"}[n%3], n)
	}
	switch {
	case wish < 12 || n%300 == 80: // now and then without a mailbox: paper, listed
		c.channel = d.w.one("email")
	case wish < 90:
		c.channel = d.w.one("print")
	}
}

// phone is a number that cannot be called. It goes round the hundred thousand
// of them in steps, so that neighbours never share one, and others only in
// lists of more: the same number under two names would be proposed to a
// person as one customer.
func (d *drawer) phone() string {
	const numbers, step = 100_000, 61_803 // without a common divisor
	d.phones = (d.phones + step) % numbers
	number := fmt.Sprintf("09%d-0000-%04d", d.phones/10_000, d.phones%10_000)
	switch d.r.IntN(20) {
	case 0:
		return wide(number)
	case 1, 2:
		return strings.ReplaceAll(number, "-", "")
	}
	return number
}

// wide writes digits and hyphens in their full-width forms.
func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '-' || r == '/' {
			return r - '!' + '！'
		}
		return r
	}, s)
}
