package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"oshirase/batch/printing"
	"oshirase/letters"
	"oshirase/letters/text"
)

// orderSheet is 発送依頼書 for a run, which is of one class: how many letters and
// sheets, what they weigh, the envelope and what is printed on it, and each
// print file. The matter of the letters is never named.
func (w *workshop) orderSheet(_ context.Context, run printing.Run) ([]byte, error) {
	c := text.NewComposer(w.h.set)
	doc, err := c.Brief(text.Brief{Name: "order", Date: letters.DateOf(w.h.p.now()),
		Values: map[string]string{"run": run.ID, "post_on": w.h.set.Date(run.PostOn), "class": string(run.Class),
			"copies": thousands(run.Letters), "month": string(run.Month)},
		Blocks: map[string][]text.Block{"breakdown": {w.orderTable(run), w.orderFiles(run)}}})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = w.shared.NewRenderer().Briefing(doc, &b)
	return b.Bytes(), err
}

func (w *workshop) orderWord(key string) string { return w.h.set.Words().Get("order", key) }

// orderTable is the run in numbers, and what its class means for the envelope.
func (w *workshop) orderTable(run printing.Run) text.Table {
	word := w.orderWord
	each := w.h.cfg.Print.SheetMilligrams
	forward := "forward_no"
	if w.h.cfg.Print.Forward {
		forward = "forward_yes"
	}
	least, most := sheetsEach(run)
	envelope := envelopeOf(string(run.Class))
	t := twoColumns(word("what"), word("value"), [][2]string{
		{word("class"), string(run.Class)},
		{word("letters"), thousands(run.Letters) + word("copies")},
		{word("sheets_each"), span(thousands(least), thousands(most)) + word("sheet")},
		{word("sheets"), thousands(run.Sheets) + word("sheet")},
		{word("weight_each"), span(decimal(least*each), decimal(most*each)) + word("gram")},
		{word("weight"), decimal(run.Sheets*each/1000) + word("kilogram")},
		{word("envelope"), word(envelope)},
		{word("fold"), word("fold_" + envelope)},
		{word("barcode"), word("barcode_" + fmt.Sprint(len(run.Items) > 0 && run.Items[0].Barcode))},
		{word("on_envelope"), word("on_envelope_is")},
		{word("sender"), w.h.set.Filled("sender_address") + "　" + w.h.set.Filled("sender_name")},
		{word("forward"), word(forward)},
	})
	t.Columns[0].Width, t.Columns[1].Width, t.Columns[1].Align = 1, 2, text.Left
	return t
}

// orderFiles lists the print files, so that a missing or another one is seen.
func (w *workshop) orderFiles(run printing.Run) text.Table {
	word := w.orderWord
	t := text.Table{Columns: []text.Column{{Head: word("file"), Width: 7.5, Align: text.Left}, {Head: word("letters"), Width: 1.4, Align: text.Right},
		{Head: word("pages"), Width: 1.4, Align: text.Right}, {Head: word("sum"), Width: 4, Align: text.Left}}}
	for _, f := range run.Files {
		var row []text.Cell
		for _, cell := range []string{f.Name, thousands(f.Letters), thousands(f.Pages), f.SHA256[:min(16, len(f.SHA256))] + "…"} {
			row = append(row, text.Cell{Text: []text.Inline{{Text: cell}}})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// sheetsEach is the least and the most sheets of a letter in the run.
func sheetsEach(run printing.Run) (least, most int) {
	for i, it := range run.Items {
		if i == 0 || it.Pages < least {
			least = it.Pages
		}
		most = max(most, it.Pages)
	}
	return least, most
}

// span writes two values as a range, or one when they are the same.
func span(a, b string) string {
	if a == b {
		return a
	}
	return a + "～" + b
}

// decimal writes thousandths with one decimal place, rounded up: 12,345
// milligrams are 12.4 grams.
func decimal(thousandths int) string {
	tenths := (thousandths + 99) / 100
	return thousands(tenths/10) + "." + fmt.Sprint(tenths%10)
}

func envelopeOf(class string) string {
	name, _, _ := strings.Cut(class, "-")
	return name
}
