package intake

import "testing"

func BenchmarkRead(b *testing.B) {
	opt := testOptions(b)
	data := list(sampleRow(1))
	for b.Loop() {
		readList(b, data, opt)
	}
}
