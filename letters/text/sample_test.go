package text

import (
	"testing"

	"oshirase/letters"
	"oshirase/templates"
)

// demoSet is the shipped wording with the demo's made-up values.
func demoSet(t testing.TB) *templates.Set {
	t.Helper()
	set, err := templates.Load(templates.Shipped(), templates.DemoOverlay())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

const (
	sampleID  = letters.ID("1234567890123428")
	earlierID = letters.ID("1000000000000053")
)

func nwCase() letters.Case {
	return letters.Case{SupplyPoint: "0900000000000000001234", System: "NW", Supply: letters.Low,
		RetailerCode: "0001", RetailerName: "架空電力株式会社", Version: 1, Unrecorded: true,
		First: "2022-11-05", Last: "2022-11-05"}
}

func ccCase() letters.Case {
	return letters.Case{SupplyPoint: "0900000000000000001234", System: "CC", Supply: letters.Low,
		DemandPlace: "架空県見本市例町1丁目2番3号", RetailerCode: "0001", RetailerName: "架空電力株式会社",
		Version: 1, Confirmed: []letters.ItemCode{"contract_name", "contact_phone"},
		First: "2022-10-03", Last: "2022-12-20"}
}

func lastResortCase() letters.Case {
	return letters.Case{SupplyPoint: "0900000000000000005678", System: "CC", Supply: letters.High,
		LastResort: true, Version: 1, Confirmed: []letters.ItemCode{"contract_name"},
		First: "2022-10-03", Last: "2022-10-03"}
}

// sample is a first letter to a person on paper.
func sample() *letters.Letter {
	return &letters.Letter{ID: sampleID, Generation: 1, Month: "2023-02", Kind: letters.First,
		Channel: letters.Print, Date: "2023-02-24", DocumentNo: "見本第1号",
		Recipient: letters.Recipient{Name: "電力　太郎", Kind: letters.Individual,
			PostalCode: "8100004", Address: "架空県見本市例町1丁目2番3号", Building: "見本ハイツ101号室"},
		Cases: []letters.Case{ccCase()}}
}

// samples are one letter of each variant.
func samples() map[string]*letters.Letter {
	out := map[string]*letters.Letter{}
	add := func(name string, change func(*letters.Letter)) {
		l := sample()
		change(l)
		out[name] = l
	}
	add("individual", func(*letters.Letter) {})
	add("individual-mail", func(l *letters.Letter) { l.Channel = letters.Email })
	add("unrecorded", func(l *letters.Letter) { l.Cases = []letters.Case{nwCase()} })
	add("confirmed-and-unrecorded", func(l *letters.Letter) { l.Cases[0].Unrecorded = true })
	add("several", func(l *letters.Letter) {
		second := nwCase()
		second.SupplyPoint = "0900000000000000009876"
		l.Cases = []letters.Case{ccCase(), nwCase(), second}
	})
	add("corporate", func(l *letters.Letter) {
		l.Recipient.Kind, l.Recipient.Name = letters.Corporate, "架空商事株式会社"
	})
	add("last-resort", func(l *letters.Letter) {
		l.Recipient.Kind, l.Recipient.Name = letters.Corporate, "架空工業株式会社"
		l.Cases = []letters.Case{lastResortCase()}
	})
	add("some-last-resort", func(l *letters.Letter) {
		l.Recipient.Kind, l.Recipient.Name = letters.Corporate, "架空工業株式会社"
		l.Cases = append(l.Cases, lastResortCase())
	})
	add("supplementary", func(l *letters.Letter) {
		l.Kind, l.Refers = letters.Supplementary, []letters.ID{earlierID}
	})
	add("corrected-mail", func(l *letters.Letter) {
		l.Kind, l.Refers, l.Channel = letters.Corrected, []letters.ID{earlierID}, letters.Email
	})
	return out
}
