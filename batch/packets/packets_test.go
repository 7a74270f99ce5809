package packets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"oshirase/letters"
)

const (
	pointA = "0900000000000000000001"
	pointB = "0900000000000000000002"
)

// row is one contract viewed in one system, of retailer 07001.
func row(point string, system letters.SystemCode, n letters.Notice) letters.PacketRow {
	return letters.PacketRow{SupplyPoint: point, System: system, Supply: letters.Low, Confirmed: []letters.ItemCode{"name"},
		First: "2022-10-03", Last: "2022-10-04", Notice: n, RetailerCode: "07001"}
}

func order(rows ...letters.PacketRow) Order {
	return Order{Month: "2023-02", AsOf: "2023-02-07", Retailer: letters.Retailer{Code: "07001", Name: "みほん電力株式会社"}, Rows: rows}
}

// writer makes packets whose pages are plain words.
func writer() *Writer {
	said := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	return &Writer{
		Words: func(key string) string {
			return map[string]string{"list_retailer": "%s %s", "list_note": "%s %d", "confirmed": "確認:%s", "rest": "可能:%s",
				"possible": "可能性:%s", "sheet": "契約一覧"}[key]
		},
		System:  func(c letters.SystemCode) string { return "system " + string(c) },
		Supply:  func(s letters.Supply) string { return string(s) },
		Items:   func(items []letters.ItemCode) string { return fmt.Sprint(items) },
		Rest:    func(letters.PacketRow) []letters.ItemCode { return []letters.ItemCode{"phone"} },
		Notice:  func(n letters.Notice) string { return string(n) },
		Date:    func(d letters.Date) string { return string(d) },
		Cover:   func(w io.Writer, _ Order, s Summary) error { return said(fmt.Sprint(s))(w) },
		Wording: said("wording"), Answers: said("answers"),
	}
}

func TestSummaryCountsContractsOnce(t *testing.T) {
	t.Parallel()
	told, preparing, returned := letters.NoticeTold, letters.NoticePreparing, letters.NoticeReturned
	tests := []struct {
		name string
		o    Order
		want Summary
	}{
		{"one contract in both systems", order(row(pointA, "CC", told), row(pointA, "NW", told)),
			Summary{Contracts: 1, InCC: 1, InNW: 1, Told: 1, Added: 1}},
		{"told in one system only is not yet told", order(row(pointA, "CC", told), row(pointA, "NW", preparing)),
			Summary{Contracts: 1, InCC: 1, InNW: 1, Preparing: 1, Added: 1}},
		{"told and returned", order(row(pointA, "CC", told), row(pointB, "CC", returned)),
			Summary{Contracts: 2, InCC: 2, Told: 1, Returned: 1, Added: 2}},
		{"one came, one went", Order{Retailer: letters.Retailer{Code: "07001"},
			Rows: []letters.PacketRow{row(pointA, "CC", told)}, Before: []letters.PacketRow{row(pointB, "CC", told)}},
			Summary{Contracts: 1, InCC: 1, Told: 1, Added: 1, Removed: 1, Before: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := Summarise(tt.o); err != nil || got != tt.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

func TestForeignRowMakesNothing(t *testing.T) {
	t.Parallel()
	foreign := row(pointB, "CC", letters.NoticeTold)
	foreign.RetailerCode = "07002"
	if b, err := writer().Build(t.Context(), order(row(pointA, "CC", letters.NoticeTold), foreign)); !errors.Is(err, ErrForeign) || b != nil {
		t.Errorf("a row of 07002 in the packet of 07001 gave %v, %v", b, err)
	}
}

func TestSameOrderSameHash(t *testing.T) {
	t.Parallel()
	var hashes []string
	for range 2 {
		b, err := writer().Build(t.Context(), order(row(pointA, "CC", letters.NoticeTold)))
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, b.Packet.Hash)
	}
	if hashes[0] != hashes[1] {
		t.Error("two packets of the same order differ")
	}
	other, err := writer().Build(t.Context(), order(row(pointB, "CC", letters.NoticeTold)))
	if err != nil {
		t.Fatal(err)
	}
	if other.Packet.Hash == hashes[0] {
		t.Error("packets of two orders have the same hash")
	}
}

// sheetOf reads a packet's list with excelize.
func sheetOf(t *testing.T, b *Built) Sheet {
	t.Helper()
	i := slices.IndexFunc(b.files, func(f file) bool { return f.name == ListFile })
	f, err := excelize.OpenReader(bytes.NewReader(b.files[i].body))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("契約一覧")
	if err != nil {
		t.Fatal(err)
	}
	return Sheet{Rows: rows}
}

func TestVerifyFindsEveryFault(t *testing.T) {
	t.Parallel()
	b, err := writer().Build(t.Context(), order(row(pointA, "CC", letters.NoticeTold), row(pointB, "NW", letters.NoticeTold)))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{pointA + " system CC", pointB + " system NW"}
	sheet := sheetOf(t, b)
	if err := Verify(sheet, []string{"電話 0120-000-000、2023年2月7日時点 2契約"}, want); err != nil {
		t.Fatalf("a sound packet: %v", err)
	}
	faults := map[string]error{
		"a contract more":       Verify(Sheet{Rows: append(slices.Clone(sheet.Rows), []string{"0900000000000000000009", "system CC"})}, nil, want),
		"a contract less":       Verify(Sheet{Rows: sheet.Rows[:len(sheet.Rows)-1]}, nil, want),
		"another's contract":    Verify(sheet, nil, []string{pointA + " system CC", "0900000000000000000009 system NW"}),
		"the other system":      Verify(sheet, nil, []string{pointA + " system NW", pointB + " system NW"}),
		"a formula":             Verify(Sheet{Rows: sheet.Rows, Formulas: 1}, nil, want),
		"a letter ID on a page": Verify(sheet, []string{"お問合せ番号 1234-5678-9012-3456"}, want),
		"a contract on a page":  Verify(sheet, []string{"供給地点 " + pointB}, want),
	}
	for name, err := range faults {
		if !errors.Is(err, ErrNotTheirs) {
			t.Errorf("%s: %v, want ErrNotTheirs", name, err)
		}
	}
}

func TestItemsAreNeverMixed(t *testing.T) {
	t.Parallel()
	w := writer()
	r := row(pointA, "CC", letters.NoticeTold)
	if got, want := w.itemsOf(r), "確認:[name]\n可能:[phone]"; got != want {
		t.Errorf("recorded: %q, want %q", got, want)
	}
	r.Unrecorded = true
	if got, want := w.itemsOf(r), "確認:[name]\n可能性:[phone]"; got != want {
		t.Errorf("partly recorded: %q, want %q", got, want)
	}
	r.Confirmed = nil
	if got, want := w.itemsOf(r), "可能性:[phone]"; got != want {
		t.Errorf("not recorded: %q, want %q", got, want)
	}
}
