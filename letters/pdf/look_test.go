package pdf

import (
	"os"
	"testing"

	"oshirase/letters"
	"oshirase/letters/text"
	"oshirase/templates"
)

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		return
	}
	r := newShared(t).NewRenderer()
	save := func(name string, in Input) {
		p, err := r.Pages(in)
		if err != nil {
			t.Fatal(name, err)
		}
		w, _ := os.Create(dir + "/" + name + ".pdf")
		if _, _, err := r.Single(p, w); err != nil {
			t.Fatal(err)
		}
		w.Close()
	}
	save("one", sampleInput(1))
	save("nine", sampleInput(9))
	save("eighty", sampleInput(80))
	set, err := templates.Load(templates.Shipped(), templates.DemoOverlay())
	if err != nil {
		t.Fatal(err)
	}
	l := &letters.Letter{ID: "1234567890123428", Generation: 1, Month: "2023-02", Kind: letters.First,
		Channel: letters.Print, Date: "2023-02-24", DocumentNo: "見本第1号",
		Recipient: letters.Recipient{Name: "電力　太郎", Kind: letters.Individual,
			PostalCode: "8100004", Address: "架空県見本市例町1丁目2番3号", Building: "見本ハイツ101号室"},
		Cases: []letters.Case{{SupplyPoint: "0900000000000000001234", System: "CC", Supply: letters.Low,
			DemandPlace: "架空県見本市例町1丁目2番3号", RetailerCode: "0001", RetailerName: "架空電力株式会社",
			Version: 1, Confirmed: []letters.ItemCode{"contract_name", "contact_phone"},
			First: "2022-10-03", Last: "2022-12-20"}}}
	d, err := text.Compose(set, l)
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Doc: d, LetterID: string(l.ID), Generation: 1, Channel: letters.Print, Barcode: bars(), Date: l.Date}
	save("real", in)
	l.Channel = letters.Email
	if in.Doc, err = text.Compose(set, l); err != nil {
		t.Fatal(err)
	}
	in.Channel, in.Barcode = letters.Email, nil
	save("mail", in)
}
