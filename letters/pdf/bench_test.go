package pdf

import (
	"bytes"
	"io"
	"testing"
)

func BenchmarkPages(b *testing.B) {
	r := newShared(b).NewRenderer()
	in := sampleInput(7)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Pages(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSingle(b *testing.B) {
	r := newShared(b).NewRenderer()
	in := sampleInput(7)
	b.ReportAllocs()
	for b.Loop() {
		p, err := r.Pages(in)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := r.Single(p, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPrintFile(b *testing.B) {
	s := newShared(b)
	r := s.NewRenderer()
	in := sampleInput(7)
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		pf := s.NewPrintFile(&out)
		for range MaxLetters {
			p, err := r.Pages(in)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := pf.Add(p); err != nil {
				b.Fatal(err)
			}
		}
		if err := pf.Close(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(out.Len())/MaxLetters, "B/letter")
	}
}
