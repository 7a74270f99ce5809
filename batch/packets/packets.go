// Package packets makes one retailer's briefing packet (説明資料): the covering
// letter with figures, the list of its contracts, the wording of the customer
// letter, and answers for its own call center. A packet holds one retailer's
// contracts and nobody's name; after it is built it is opened again by other
// code, which proves that.
package packets

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"oshirase/batch/workbook"
	"oshirase/letters"
)

// Names of a packet's files.
const (
	CoverFile   = "setsumei.pdf"         // ご説明
	ListFile    = "keiyaku-ichiran.xlsx" // 契約の一覧
	WordingFile = "tegami-no-bunmen.pdf" // お客さまへの手紙の文面
	AnswersFile = "kaitou-rei.pdf"       // 回答例
)

// Summary is what a packet says in numbers. A contract is counted once, also
// when it was viewed in both systems.
type Summary struct {
	Contracts, InCC, InNW     int
	Told, Preparing, Returned int
	Added, Removed            int // against the packet of the month before; contracts
	Before                    bool
}

// Order is one packet to be made.
type Order struct {
	Month    letters.Month
	AsOf     letters.Date
	Retailer letters.Retailer
	Rows     []letters.PacketRow // this retailer's alone
	Before   []letters.PacketRow // of the month before, for what changed
}

// Writer makes the parts that are pages; what is nil is left out. The words
// of the list come from Words (templates, group packet).
type Writer struct {
	Words   func(key string) string
	System  func(letters.SystemCode) string
	Supply  func(letters.Supply) string
	Items   func([]letters.ItemCode) string
	Rest    func(letters.PacketRow) []letters.ItemCode
	Notice  func(letters.Notice) string
	Date    func(letters.Date) string
	Cover   func(w io.Writer, o Order, s Summary) error
	Wording func(w io.Writer) error
	Answers func(w io.Writer) error
}

// ErrForeign says that a row of another retailer was given: nothing is made.
var ErrForeign = errors.New("row of another retailer")

// Built is a packet in memory.
type Built struct {
	Packet  letters.Packet
	Summary Summary
	files   []file
}

// WriteTo writes the packet's files into an empty folder.
func (b *Built) WriteTo(dir string) error {
	for _, f := range b.files {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.body, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Build makes one packet in memory. The same order gives the same bytes.
func (w *Writer) Build(ctx context.Context, o Order) (*Built, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, err := Summarise(o)
	if err != nil {
		return nil, fmt.Errorf("packet of retailer %s: %w", o.Retailer.Code, err)
	}
	files, err := w.files(o, s)
	if err != nil {
		return nil, fmt.Errorf("packet of retailer %s: %w", o.Retailer.Code, err)
	}
	return &Built{Packet: packetOf(o, s, files), Summary: s, files: files}, nil
}

type file struct {
	name string
	body []byte
}

// files makes every part in memory, in name order.
func (w *Writer) files(o Order, s Summary) ([]file, error) {
	var out []file
	for _, part := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{CoverFile, func(b io.Writer) error { return w.Cover(b, o, s) }},
		{ListFile, func(b io.Writer) error { return w.list(b, o, s) }},
		{WordingFile, w.Wording},
		{AnswersFile, w.Answers},
	} {
		var b bytes.Buffer
		if err := part.write(&b); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
		out = append(out, file{part.name, b.Bytes()})
	}
	slices.SortFunc(out, func(a, b file) int { return cmp.Compare(a.name, b.name) })
	return out, nil
}

// packetOf hashes the files, and the packet over their hashes.
func packetOf(o Order, s Summary, files []file) letters.Packet {
	p := letters.Packet{Month: o.Month, Retailer: o.Retailer.Code, Contracts: s.Contracts, Rows: len(o.Rows)}
	all := sha256.New()
	for _, f := range files {
		sum := sha256.Sum256(f.body)
		sha := hex.EncodeToString(sum[:])
		fmt.Fprintf(all, "%s  %s\n", sha, f.name)
		p.Files = append(p.Files, letters.PacketFile{Name: f.name, SHA256: sha, Size: int64(len(f.body))})
	}
	p.Hash = hex.EncodeToString(all.Sum(nil))
	return p
}

// Summarise counts a packet's rows. A row of another retailer is ErrForeign.
func Summarise(o Order) (Summary, error) {
	var s Summary
	notices := make(map[string]letters.Notice)
	for _, r := range o.Rows {
		if r.RetailerCode != o.Retailer.Code {
			return s, ErrForeign
		}
		switch r.System {
		case "CC":
			s.InCC++
		case "NW":
			s.InNW++
		}
		notices[r.SupplyPoint] = worse(notices[r.SupplyPoint], r.Notice)
	}
	s.Contracts = len(notices)
	for _, n := range notices {
		switch n {
		case letters.NoticeTold:
			s.Told++
		case letters.NoticeReturned:
			s.Returned++
		default:
			s.Preparing++
		}
	}
	s.compare(o, notices)
	return s, nil
}

// worse is the notice of a contract with two rows: it is told when both are.
func worse(a, b letters.Notice) letters.Notice {
	if a == "" || a == letters.NoticeTold {
		return b
	}
	if b == letters.NoticeTold {
		return a
	}
	if a == letters.NoticeReturned || b == letters.NoticeReturned {
		return letters.NoticeReturned
	}
	return a
}

// compare counts the contracts that came and went since the month before.
func (s *Summary) compare(o Order, now map[string]letters.Notice) {
	s.Before = len(o.Before) > 0
	before := make(map[string]bool)
	for _, r := range o.Before {
		before[r.SupplyPoint] = true
	}
	for point := range now {
		if !before[point] {
			s.Added++
		}
	}
	for point := range before {
		if _, still := now[point]; !still {
			s.Removed++
		}
	}
}

// list writes the contracts as a workbook: no name, no address, no number to
// call, and never why a notice waits.
func (w *Writer) list(out io.Writer, o Order, s Summary) error {
	t := workbook.Table{
		Name: w.Words("sheet"), Title: w.Words("list_title"),
		Notes: []string{
			fmt.Sprintf(w.Words("list_retailer"), o.Retailer.Name, o.Retailer.Code),
			fmt.Sprintf(w.Words("list_note"), w.Date(o.AsOf), s.Contracts),
		},
		Heads: []string{w.Words("supply_point"), w.Words("system"), w.Words("supply"), w.Words("items"),
			w.Words("first"), w.Words("last"), w.Words("notice")},
		Widths: []float64{26, 26, 10, 52, 16, 16, 10},
	}
	for _, r := range o.Rows {
		t.Rows = append(t.Rows, []string{r.SupplyPoint, w.System(r.System), w.Supply(r.Supply), w.itemsOf(r),
			w.Date(r.First), w.Date(r.Last), w.Notice(r.Notice)})
	}
	p := workbook.Properties{Title: w.Words("list_title"), Creator: w.Words("creator"), Date: string(o.AsOf) + "T00:00:00+09:00"}
	return workbook.Write(out, p, []workbook.Table{t})
}

// itemsOf says what is known of a row's items, confirmed and others apart.
func (w *Writer) itemsOf(r letters.PacketRow) string {
	rest := w.Rest(r)
	var parts []string
	if len(r.Confirmed) > 0 {
		parts = append(parts, fmt.Sprintf(w.Words("confirmed"), w.Items(r.Confirmed)))
	}
	if len(rest) > 0 {
		key := "rest"
		if r.Unrecorded {
			key = "possible"
		}
		parts = append(parts, fmt.Sprintf(w.Words(key), w.Items(rest)))
	}
	text := ""
	for i, p := range parts {
		if i > 0 {
			text += "\n"
		}
		text += p
	}
	return text
}
