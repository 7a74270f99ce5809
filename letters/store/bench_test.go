package store

import (
	"testing"
	"time"

	"oshirase/letters"
)

// realMonth is the incident report's number of 新電力 contracts.
const realMonth = 44_855

// BenchmarkMonth stages, plans and renders a month of 44,855 letters.
//
//	bash .ci/postgres.sh go test -run '^$' -bench Month -benchtime 1x ./letters/store
func BenchmarkMonth(b *testing.B) {
	for _, db := range backends() {
		b.Run(db.name, func(b *testing.B) {
			for b.Loop() {
				benchMonth(b, openAt(b, db.target(b)))
			}
		})
	}
}

func benchMonth(b *testing.B, s *Store) {
	rows := make([]letters.KeyedRow, realMonth)
	for i := range rows {
		rows[i] = sampleRow(i+2, i, i)
	}
	lap := laps(b)
	file := stage(b, s, feb, 1, rows...)
	lap("stage-s")
	p := planOf(b, s, feb, 1, file)
	lap("read-s")
	must(b, s.ApplyPlan(b.Context(), p, "hiro", start()))
	lap("plan-s")
	must(b, s.ApplyPlan(b.Context(), p, "hiro", start()))
	lap("replan-s")
	rendered(b, s, feb)
	lap("render-s")
}

func laps(b *testing.B) func(name string) {
	last := time.Now()
	return func(name string) {
		b.ReportMetric(time.Since(last).Seconds(), name)
		last = time.Now()
	}
}
