package audit

import (
	"fmt"
	"iter"
	"slices"
	"strings"
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
		doing("lookup", "stopped", looksOf("taro", "", at(2, 23), letter, 1)),
		doing("caller", "stopped", looksOf("mika", "", at(1, 11), letter, 4)),              // the supervisor must look first: no fault of hers
		looksOf("hana", "shown", at(3, 10), "2023-02", 1),                                  // a proof set
		looksOf("kana", "shown", time.Date(2023, 1, 31, 14, 0, 0, 0, time.UTC), letter, 1), // January in Japan
		looksOf("kana", "shown", time.Date(2023, 1, 31, 15, 0, 0, 0, time.UTC), letter, 1), // February 1, 0:00
	)
	rows = slices.Concat(rows, doing("lookup", "asked", looksOf("mika", "", at(1, 11), letter, 4)), doing("search", "asked", looksOf("mika", "", at(1, 11), "name_phone", 2)),
		doing("prove", "refused", looksOf("mika", "", at(1, 11), "mika", 1)), doing("unmask", "shown", looksOf("kana", "", at(1, 10), letter, 3)),
		doing("sign_in", "refused", looksOf("nobody", "", at(1, 3), "account", 5)), doing("letter", "shown", looksOf("yumi", "", at(4, 12), letter, 3)))
	got, err := Analyse(yielding(rows), "2023-02", Rules{
		Handled: func(actor, _ string, day letters.Date) bool { return actor != "taro" && day <= "2023-02-04" },
		Open: func(at time.Time) bool {
			d := at.In(letters.Tokyo())
			return d.Weekday() != time.Saturday && d.Hour() >= 9 && d.Hour() < 20
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, u := range got.Users {
		lines = append(lines, fmt.Sprint(u.Actor, " ", u.LookUps, u.Searches, u.Looks, u.Letters, u.Unmasked, u.WithoutInquiry, u.Outside, u.Night, u.Misses, u.Refused, u.Stopped, u.Flags))
	}
	want := []string{
		"taro 0 0 40 1 0 40 40 40 0 0 1 [stopped many no_inquiry night outside]",
		"kana 0 0 14 1 3 0 1 1 0 0 0 [night]",
		"yumi 0 0 3 1 0 0 3 0 0 0 0 [outside]", // a Saturday
		"mika 6 2 5 1 0 0 0 0 2 1 0 []",
		"hana 0 0 1 0 0 0 0 0 0 0 0 []",
	}
	if !slices.Equal(lines, want) || got.Looks != 63 || got.LookUps != 6 || got.FailedSignIns != 5 || got.Users[0].Hours[23] != 40 {
		t.Errorf("got %d looks, %d look-ups, %d failed sign-ins\n%s\nwant\n%s", got.Looks, got.LookUps, got.FailedSignIns, strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	one := Unexplained{Actor: "taro", Letter: id, Day: "2023-02-02", First: at(2, 23).UnixMicro(), Looks: 40, Outside: true}
	if len(got.Unexplained) != 1 || got.Unexplained[0] != one {
		t.Errorf("unexplained %+v, want %+v", got.Unexplained, one)
	}
}

func doing(action, outcome string, rows []Record) []Record {
	for i := range rows {
		rows[i].Action, rows[i].Outcome = action, outcome
	}
	return rows
}

func TestAccessOfABrokenChainIsAnError(t *testing.T) {
	t.Parallel()
	broken := func(yield func(Record, error) bool) { yield(Record{}, &BadRow{3, WrongHash}) }
	if _, err := Analyse(broken, "2023-02", Rules{}); err == nil {
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
