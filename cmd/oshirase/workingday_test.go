package main

import (
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/jp"
)

// TestWorkingDaysShareNothing: the calendar's library writes into its holidays
// while it reckons; several workers ask at once, so each has holidays of its own.
func TestWorkingDaysShareNothing(t *testing.T) {
	t.Parallel()
	equinoxes := []*cal.Holiday{jp.VernalEquinoxDay, jp.AutumnalEquinoxDay}
	for _, h := range equinoxes {
		h.Day = 0
	}
	for _, day := range []string{"2023-03-20", "2024-03-19"} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextWorkingDay(at); got.Time().Sub(at) < 24*time.Hour {
			t.Errorf("after %s comes %s", day, got)
		}
	}
	if got := nextWorkingDay(time.Date(2023, 3, 20, 3, 0, 0, 0, time.UTC)); got != "2023-03-22" {
		t.Errorf("the equinox of 2023 is worked on: %s", got)
	}
	for _, h := range equinoxes {
		if h.Day != 0 {
			t.Errorf("%s was written to", h.Name)
		}
	}
}
