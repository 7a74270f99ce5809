package audit

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"oshirase/letters"
)

func at(day, hour int) time.Time {
	return time.Date(2023, 2, day, hour, 30, 0, 0, letters.Tokyo())
}

func looksOf(actor, outcome string, when time.Time, object string, n int) (out []Record) {
	for range n {
		out = append(out, Record{At: when.UnixMicro(), Actor: actor, Action: "letter", Object: object, Outcome: outcome})
	}
	return out
}

func yielding(rows []Record) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestAccessOfAMonth(t *testing.T) {
	t.Parallel()
	id, err := letters.NewID(constant(7))
	if err != nil {
		t.Fatal(err)
	}
	letter := string(id)
	rows := slices.Concat(
		looksOf("kana", "shown", at(1, 10), letter, 10),
		looksOf("mika", "shown", at(1, 11), letter, 5),
		looksOf("mika", "mismatch", at(1, 11), letter, 2),
		looksOf("taro", "shown", at(2, 23), letter, 40), // many, at night, without an inquiry
		looksOf("taro", "stopped", at(2, 23), letter, 1),
		looksOf("hana", "shown", at(3, 10), "2023-02", 1),                                  // a proof set
		looksOf("kana", "shown", time.Date(2023, 1, 31, 14, 0, 0, 0, time.UTC), letter, 1), // January in Japan
		looksOf("kana", "shown", time.Date(2023, 1, 31, 15, 0, 0, 0, time.UTC), letter, 1), // February 1, 0:00
	)
	got, err := Analyse(yielding(rows), "2023-02", func(actor, _ string, day letters.Date) bool {
		return actor != "taro" && day == "2023-02-01"
	})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, u := range got.Users {
		lines = append(lines, fmt.Sprintf("%s %d %d %d %d %d %d %v", u.Actor, u.Looks, u.Letters, u.WithoutInquiry, u.Night, u.Misses, u.Stopped, u.Flags))
	}
	want := []string{"taro 40 1 40 40 0 1 [stopped many no_inquiry night]", "kana 11 1 0 1 0 0 [night]", "mika 5 1 0 0 2 0 []", "hana 1 0 0 0 0 0 []"}
	if !slices.Equal(lines, want) || got.Looks != 57 || got.Users[0].Hours[23] != 40 {
		t.Errorf("got %d looks\n%q, want\n%q", got.Looks, lines, want)
	}
}

func TestAccessOfABrokenChainIsAnError(t *testing.T) {
	t.Parallel()
	broken := func(yield func(Record, error) bool) { yield(Record{}, &BadRow{3, WrongHash}) }
	if _, err := Analyse(broken, "2023-02", nil); err == nil {
		t.Error("a broken chain was analysed")
	}
}

type constant byte

func (c constant) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c) * byte(i+1)
	}
	return len(p), nil
}
