package main

import (
	"oshirase/letters"
	"oshirase/letters/text"
	"oshirase/templates"
)

// fixedText composes every kind of letter for nobody and gathers the words:
// the glyphs that every letter shares, cut and compressed once a process.
func fixedText(set *templates.Set) ([]string, error) {
	common, err := set.File("letters/common.txt")
	if err != nil {
		return nil, err
	}
	out := []string{string(common)}
	c := text.NewComposer(set)
	for _, l := range blankLetters(set.Incident()) {
		doc, err := c.Compose(&l)
		if err != nil {
			return nil, err
		}
		out = append(out, text.Words(doc)...)
	}
	return out, nil
}

// blankLetters are letters of every kind with every system and item, and
// neither name nor number.
func blankLetters(in *letters.Incident) []letters.Letter {
	var out []letters.Letter
	for _, kind := range []letters.LetterKind{letters.First, letters.Supplementary, letters.Corrected} {
		for _, channel := range []letters.Channel{letters.Print, letters.Email} {
			for _, customer := range []letters.CustomerKind{letters.Individual, letters.Corporate} {
				for _, lastResort := range []bool{false, true} {
					out = append(out, letters.Letter{ID: "1000000000000004", Generation: 1, Month: "2023-02", Kind: kind,
						Channel: channel, Date: "2023-01-01", Recipient: letters.Recipient{Kind: customer, Name: "様"},
						Cases: blankCases(in, lastResort)})
				}
			}
		}
	}
	return out
}

func blankCases(in *letters.Incident, lastResort bool) []letters.Case {
	var out []letters.Case
	for _, s := range in.Systems {
		for _, supply := range []letters.Supply{letters.Low, letters.High, letters.ExtraHigh} {
			items := s.Catalogue[supply]
			if len(items) == 0 || lastResort && supply == letters.Low {
				continue
			}
			for _, recorded := range []bool{true, false} {
				c := letters.Case{SupplyPoint: "0900000000000000000000", System: s.Code, Supply: supply,
					LastResort: lastResort, First: in.LogFrom, Last: in.LogTo, Unrecorded: !recorded}
				if recorded {
					c.Confirmed = items[:1]
				}
				out = append(out, c)
			}
		}
	}
	return out
}
