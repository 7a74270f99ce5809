package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"oshirase/batch/packets"
	"oshirase/letters"
	"oshirase/letters/archive"
	"oshirase/letters/pdf"
	"oshirase/letters/readback"
	"oshirase/letters/text"
)

// packetShop joins wording, page engine and archive for packets.
type packetShop struct {
	h        *house
	month    letters.Month
	archive  *archive.Archive
	composer *text.Composer
	renderer *pdf.Renderer
	writer   packets.Writer
}

func (h *house) newPacketShop(m letters.Month) (*packetShop, error) {
	s, err := h.shared()
	if err != nil {
		return nil, err
	}
	a, err := h.openPackets()
	if err != nil {
		return nil, err
	}
	shop := &packetShop{h: h, month: m, archive: a, composer: text.NewComposer(h.set), renderer: s.NewRenderer()}
	in, words := h.set.Incident(), h.set.Words()
	shop.writer = packets.Writer{
		Words:  func(key string) string { return words.Get("packet", key) },
		System: func(c letters.SystemCode) string { return in.System(c).Name },
		Supply: func(s letters.Supply) string { return words.Get("supply", string(s)) },
		Items: func(codes []letters.ItemCode) string {
			return strings.Join(itemNames(in, codes), words.Get("label", "separator"))
		},
		Rest: func(r letters.PacketRow) []letters.ItemCode {
			return in.Rest(letters.Case{System: r.System, Supply: r.Supply, Confirmed: r.Confirmed})
		},
		Notice: func(n letters.Notice) string { return words.Get("packet_state", string(n)) },
		Date:   h.set.Date,
		Cover:  shop.cover, Wording: shop.wording, Answers: shop.answers,
	}
	return shop, nil
}

// make builds a packet and opens it again before anybody hears of it. Making
// the same packet twice gives the same folder; a changed one gets another name.
func (s *packetShop) make(ctx context.Context, o packets.Order) (letters.Packet, error) {
	built, err := s.writer.Build(ctx, o)
	if err != nil {
		return letters.Packet{}, err
	}
	if _, err := s.archive.PutFolder(folderOf(built.Packet), built.WriteTo); err != nil {
		return letters.Packet{}, fmt.Errorf("store packet of retailer %s: %w", o.Retailer.Code, err)
	}
	return built.Packet, s.verify(built.Packet, o.Rows)
}

// folderOf is MONTH/CODE-HASH: an ID and no name, new when the content is.
func folderOf(p letters.Packet) string {
	return fmt.Sprintf("%s/%s-%s", p.Month, p.Retailer, p.Hash[:12])
}

// verify reads a finished packet with code that shares nothing with its
// makers: hashes, every line of the list, every number on its pages.
func (s *packetShop) verify(p letters.Packet, rows []letters.PacketRow) error {
	var want []string
	for _, r := range rows {
		want = append(want, r.SupplyPoint+" "+s.writer.System(r.System))
	}
	slices.Sort(want)
	sheet, pages, err := s.read(p)
	if err == nil {
		err = packets.Verify(sheet, pages, want)
	}
	if err != nil {
		return s.h.broken(p.Retailer, fmt.Errorf("verify packet: %w", err))
	}
	return nil
}

func (s *packetShop) read(p letters.Packet) (sheet packets.Sheet, pages []string, err error) {
	for _, f := range p.Files {
		name := folderOf(p) + "/" + f.Name
		if err := s.archive.Verify(name, f.SHA256); err != nil {
			return sheet, nil, err
		}
		body, err := s.body(name)
		if err != nil {
			return sheet, nil, err
		}
		if filepath.Ext(f.Name) == ".xlsx" {
			sheet, err = readSheet(body)
		} else {
			var text []string
			text, err = readPages(body)
			pages = append(pages, text...)
		}
		if err != nil {
			return sheet, nil, err
		}
	}
	return sheet, pages, nil
}

func (s *packetShop) body(name string) ([]byte, error) {
	r, err := s.archive.Get(name)
	if err != nil {
		return nil, err
	}
	defer r.Close() // only read
	return io.ReadAll(r)
}

// readPages returns the text of each page.
func readPages(body []byte) ([]string, error) {
	doc, err := readback.Open(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, err
	}
	var out []string
	for i := range doc.Pages() {
		spans, err := doc.PageText(i)
		if err != nil {
			return nil, err
		}
		var b strings.Builder
		for _, span := range spans {
			b.WriteString(span.Text)
			b.WriteByte('\n')
		}
		out = append(out, b.String())
	}
	return out, nil
}

// cover writes ご説明 with the packet's figures.
func (s *packetShop) cover(w io.Writer, o packets.Order, n packets.Summary) error {
	b := s.brief("cover", o)
	b.Address = s.composer.RetailerAddress(o.Retailer)
	b.Values["contracts"] = thousands(n.Contracts)
	b.Blocks = map[string][]text.Block{"figures": s.figures(n), "charts": s.charts(n), "changes": s.changes(n)}
	b.Conditions = map[string]bool{"changed": n.Before && n.Added+n.Removed > 0}
	return s.write(w, b)
}

func (s *packetShop) brief(name string, o packets.Order) text.Brief {
	return text.Brief{Name: name, Date: o.AsOf, Values: map[string]string{
		"retailer": o.Retailer.Name, "retailer_code": o.Retailer.Code,
		"as_of": s.h.set.Date(o.AsOf), "month": string(o.Month),
	}}
}

func (s *packetShop) write(w io.Writer, b text.Brief) error {
	doc, err := s.composer.Brief(b)
	if err != nil {
		return err
	}
	return s.renderer.Briefing(doc, w)
}

// word is a word of the group packet.
func (s *packetShop) word(key string) string { return s.writer.Words(key) }

// figures is the table of the covering letter.
func (s *packetShop) figures(n packets.Summary) []text.Block {
	return []text.Block{twoColumns(s.word("figure"), s.word("count"), [][2]string{
		{s.word("in_all"), thousands(n.Contracts)},
		{s.word("in_cc"), thousands(n.InCC)},
		{s.word("in_nw"), thousands(n.InNW)},
		{s.word("told"), thousands(n.Told)},
		{s.word("preparing"), thousands(n.Preparing)},
		{s.word("returned"), thousands(n.Returned)},
	})}
}

// twoColumns is a table of words and numbers.
func twoColumns(left, right string, rows [][2]string) text.Table {
	t := text.Table{Keep: true, Columns: []text.Column{{Head: left, Width: 3, Align: text.Left}, {Head: right, Width: 1, Align: text.Right}}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []text.Cell{{Text: []text.Inline{{Text: r[0]}}}, {Text: []text.Inline{{Text: r[1], Given: true}}}})
	}
	return t
}

func (s *packetShop) charts(n packets.Summary) []text.Block {
	return []text.Block{text.Chart{Caption: s.word("chart"), Unit: s.word("unit"), Bars: []text.Bar{
		{Label: s.word("in_cc"), Value: n.InCC}, {Label: s.word("in_nw"), Value: n.InNW},
	}}}
}

func (s *packetShop) changes(n packets.Summary) []text.Block {
	return []text.Block{text.List{Items: []text.ListItem{
		{Marker: "・", Text: []text.Inline{{Text: fmt.Sprintf(s.word("added"), strconv.Itoa(n.Added))}}},
		{Marker: "・", Text: []text.Inline{{Text: fmt.Sprintf(s.word("removed"), strconv.Itoa(n.Removed))}}},
	}}}
}

// wording shows the customer letter with the names of what differs.
func (s *packetShop) wording(w io.Writer) error {
	blocks, err := s.composer.WordingText(map[string]bool{"confirmed": true, "rest": true, "unrecorded": true})
	if err != nil {
		return err
	}
	return s.renderer.Briefing(text.Document{Title: s.word("wording"), Body: blocks}, w)
}

// answers is the list of questions for the retailer's own call center.
func (s *packetShop) answers(w io.Writer) error {
	return s.write(w, text.Brief{Name: "faq", Values: map[string]string{}})
}
