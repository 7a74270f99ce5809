package intake

import (
	"testing"

	"bytes"
	"oshirase/letters"
)

// BenchmarkRecords reads 5,000 records of CP932; the rate is the file's bytes.
func BenchmarkRecords(b *testing.B) {
	opt := testOptions(b)
	rows := [][]string{sampleHeadings()}
	for n := range 5_000 {
		rows = append(rows, sampleRow(n))
	}
	data := toCP932(b, csvText(",", "\r\n", rows...))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		_, err := Read(b.Context(), "list", bytes.NewReader(data), int64(len(data)), opt, func(letters.Row) error { return nil })
		must(b, err)
	}
}
