package intake

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf8"

	"oshirase/letters"
)

// FuzzRead: whatever the bytes, reading never panics, every record is either
// good or a problem row, and no good row holds a lost or control character.
func FuzzRead(f *testing.F) {
	text := string(list(sampleRow(1), change(sampleRow(2), "方書", "a\nb\"c")))
	f.Add([]byte(text))
	f.Add(toCP932(f, text))
	f.Add(toUTF16(text, binary.LittleEndian, true))
	f.Add(toUTF16(text, binary.BigEndian, false))
	f.Add(toXLSX(f, [][]string{sampleHeadings(), sampleRow(1)}, nil))
	f.Add(handBook(f, handSheet([][]string{sampleHeadings(), sampleRow(1)}, nil)))
	opt := testOptions(f)
	opt.Limits = Limits{Unzipped: 4 << 20, Line: 1 << 16}
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, data, opt) })
}

// FuzzRecord puts any bytes below the headings, in CP932 and in UTF-8.
func FuzzRecord(f *testing.F) {
	row := strings.TrimSpace(csvText(",", "", sampleRow(1)))
	f.Add([]byte(row))
	f.Add([]byte(row + "\r\n\"" + row + "\n" + row + "\"\r" + row))
	f.Add([]byte("\x8c,\x81\x22,\"\xf0\x40\"\"x\",\xfd\n合計,1\n"))
	opt := testOptions(f)
	head := csvText(",", "\r\n", sampleHeadings())
	jis := toCP932(f, head)
	f.Fuzz(func(t *testing.T, data []byte) {
		holds(t, append([]byte(head), data...), opt)
		holds(t, append(bytes.Clone(jis), data...), opt)
	})
}

func holds(t *testing.T, data []byte, opt Options) {
	t.Helper()
	var rows []letters.Row
	r, err := Read(t.Context(), "fuzz", bytes.NewReader(data), int64(len(data)), opt, func(row letters.Row) error {
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		t.Fatalf("error: %v", err)
	}
	checkReport(t, r, len(rows))
	last := 0
	for _, row := range rows {
		texts := strings.Join([]string{row.Name, row.Kana, row.DemandPlace, row.Mail, row.RetailerCode, row.RetailerName}, "")
		if _, bad := badControl(texts); bad || !utf8.ValidString(texts) || strings.ContainsRune(texts, utf8.RuneError) {
			t.Errorf("row %d was handed over with %q", row.No, texts)
		}
		if row.No <= last || len(row.SupplyPoint) != 22 || row.Supply == "" || row.System == "" || row.First == "" || row.Last < row.First {
			t.Errorf("row %d is not whole: %+v", row.No, row)
		}
		last = row.No
	}
	var book bytes.Buffer
	if r.Total == 0 {
		return
	}
	if err := WriteProblemBook(&book, bytes.NewReader(data), int64(len(data)), r, testSentences(t), opt.Limits); err != nil {
		t.Errorf("problem book: %v", err)
	}
}
