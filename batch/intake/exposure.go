package intake

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"oshirase/letters"
)

// exposure reads what was seen: 需要種別, システム, 項目, days, times, by whom.
func (r *rowCheck) exposure() {
	if word, ok := r.wordCell(fieldSupply); ok {
		r.row.Supply = pick(r, fieldSupply, word, r.words.supply, codeSupplyEmpty, codeSupplyUnknown)
	}
	if word, ok := r.wordCell(fieldSystem); ok {
		r.row.System = pick(r, fieldSystem, word, r.systems, codeSystemEmpty, codeSystemUnknown)
	}
	r.row.Disaster = r.flagCell(fieldDisaster)
	r.row.LastResort = r.flagCell(fieldLastResort)
	if c, ok := r.get(fieldItems); ok {
		r.listItems(c.text)
	}
	r.days()
	r.views()
	if c, ok := r.get(fieldViewers); ok {
		r.listViewers(c.text)
	}
	if word, ok := r.wordCell(fieldHandling); ok && word != "" {
		handling, known := r.words.handling[word]
		if !known {
			r.problem(fieldHandling, codeHandlingUnknown)
		}
		if r.row.Handling = handling; handling != letters.HandlingNone {
			r.hold(letters.ReasonHandling)
		}
	}
}

// pick looks a word up and names an empty or unknown one.
func pick[T ~string](r *rowCheck, field, word string, known map[string]T, empty, unknown string) T {
	value, ok := known[word]
	switch {
	case word == "":
		r.problem(field, empty)
	case !ok:
		r.problem(field, unknown)
	}
	return value
}

func (r *rowCheck) flagCell(field string) bool {
	word, ok := r.wordCell(field)
	if !ok || word == "" {
		return false
	}
	yes, known := r.words.flag[word]
	if !known {
		r.problem(field, codeFlagUnknown)
	}
	return yes
}

// listItems reads 閲覧項目 against the catalogue of the row's system and
// 需要種別, and keeps the order of the catalogue.
func (r *rowCheck) listItems(text string) {
	parts := r.parts(text)
	if _, whole := r.items[r.key(text)]; whole {
		parts = []string{text} // a name that holds a separator itself
	}
	judged := r.row.System != "" && r.row.Supply != ""
	catalogue := r.incident.Catalogue(r.row.System, r.row.Supply)
	found := map[letters.ItemCode]bool{}
	for i, part := range parts {
		meanings := r.items[r.key(part)]
		if len(meanings) == 0 {
			r.problem(fieldItems, codeItemUnknown, strconv.Itoa(i+1))
			continue
		}
		inside := slices.IndexFunc(meanings, func(m letters.ItemCode) bool { return slices.Contains(catalogue, m) })
		if inside >= 0 {
			found[meanings[inside]] = true
		} else if judged && len(catalogue) > 0 {
			r.problem(fieldItems, codeItemOutside, r.incident.Item(meanings[0]).Name, r.incident.System(r.row.System).Name)
		}
	}
	for _, item := range catalogue {
		if found[item] {
			r.row.Items = append(r.row.Items, item)
		}
	}
}

// days reads 初回閲覧日 and 最終閲覧日.
func (r *rowCheck) days() {
	if c, ok := r.get(fieldFirst); ok {
		if blank(c.text) {
			r.problem(fieldFirst, codeDateEmpty)
		} else {
			r.row.First = r.day(fieldFirst, c)
		}
	}
	r.row.Last = r.row.First
	c, ok := r.get(fieldLast)
	if !ok || blank(c.text) {
		return
	}
	r.row.Last = r.day(fieldLast, c)
	if r.row.Last != "" && r.row.First != "" && r.row.Last < r.row.First {
		r.problem(fieldLast, codeDateOrder, string(r.row.First))
	}
}

// day returns the date of a cell, "" when it is none. One outside a period is
// returned and named.
func (r *rowCheck) day(field string, c cell) letters.Date {
	if c.kind == numberCell {
		r.problem(field, codeDateNumber)
		return ""
	}
	date, ok := r.words.dates.parse(strings.TrimSpace(c.text))
	if !ok {
		r.problem(field, codeDateBad)
		return ""
	}
	if s := r.incident.System(r.row.System); s != nil && outside(date, s.From, s.To) {
		r.problem(field, codeDateOutsideViewable, string(s.From), string(s.To))
	} else if outside(date, r.incident.LogFrom, r.incident.LogTo) {
		r.problem(field, codeDateOutsideLog, string(r.incident.LogFrom), string(r.incident.LogTo))
	}
	return date
}

func outside(d, from, to letters.Date) bool {
	return from != "" && d < from || to != "" && d > to
}

// views reads 閲覧回数: a whole number of at least 1.
func (r *rowCheck) views() {
	c, ok := r.get(fieldViews)
	if !ok || c.kind == textCell && blank(c.text) {
		return
	}
	text := strings.TrimSpace(width.Fold.String(c.text))
	if c.kind == numberCell {
		if f, err := strconv.ParseFloat(text, 64); err == nil && f == float64(int64(f)) {
			text = strconv.FormatInt(int64(f), 10)
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1_000_000_000 || strings.HasPrefix(text, "+") || c.kind == dateCell {
		r.problem(fieldViews, codeViewsBad)
		return
	}
	r.row.Views = n
}

func (r *rowCheck) listViewers(text string) {
	for _, part := range r.parts(text) {
		viewer, known := r.words.viewers[r.key(part)]
		if !known {
			r.problem(fieldViewers, codeViewersUnknown)
			return
		}
		if !slices.Contains(r.row.Viewers, viewer) {
			r.row.Viewers = append(r.row.Viewers, viewer)
		}
	}
	slices.Sort(r.row.Viewers)
}

// retailer reads the retailer at the time of viewing and compares it with the
// retailer list.
func (r *rowCheck) retailer() {
	if text, ok := r.idCell(fieldRetailerName, codeTextNumber); ok {
		r.row.RetailerName = strings.TrimSpace(text)
	}
	text, ok := r.idCell(fieldRetailerCode, codeRetailerNumber)
	if !ok || r.unsure[fieldLastResort] {
		return
	}
	code := r.listedCode(strings.TrimSpace(text))
	switch {
	case r.row.LastResort:
		if code != "" {
			r.problem(fieldRetailerCode, codeLastResortRetailer)
		}
		return
	case code == "":
		r.problem(fieldRetailerCode, codeRetailerEmpty)
		return
	case slices.Contains(r.incident.Affiliated, code):
		r.problem(fieldRetailerCode, codeRetailerAffiliated, code)
		return
	}
	r.row.RetailerCode = code
	r.compareRetailer(code)
}

// listedCode folds the width of a code only when the retailer list knows it
// that way; otherwise the code stays as it is, leading zeros included.
func (r *rowCheck) listedCode(code string) string {
	narrow := width.Narrow.String(code)
	if _, ok := r.retailers[code]; ok {
		return code
	}
	if _, ok := r.retailers[narrow]; ok || slices.Contains(r.incident.Affiliated, narrow) {
		return narrow
	}
	return code
}

func (r *rowCheck) compareRetailer(code string) {
	if r.retailers == nil {
		return
	}
	listed, ok := r.retailers[code]
	if !ok {
		r.problem(fieldRetailerCode, codeRetailerUnlisted, code)
		return
	}
	if r.row.RetailerName != "" && r.companyKey(r.row.RetailerName) != r.companyKey(listed.Name) {
		r.problem(fieldRetailerName, codeRetailerNameDiffers, listed.Name)
	}
}

// impossible names rows whose facts cannot be true together. A system knows a
// 需要種別 when its catalogue has items for it, so NW with 高圧 is impossible;
// 最終保障供給 is for 高圧 and 特別高圧 only.
func (r *rowCheck) impossible() {
	system := r.incident.System(r.row.System)
	if system == nil {
		if r.row.LastResort && r.row.Supply == letters.Low {
			r.problem(fieldLastResort, codeLastResortLow)
		}
		return
	}
	if r.row.Supply != "" && len(system.Catalogue[r.row.Supply]) == 0 {
		r.problem(fieldSupply, codeImpossibleSupply, system.Name)
	}
	if !r.row.LastResort {
		return
	}
	if r.row.Supply == letters.Low {
		r.problem(fieldLastResort, codeLastResortLow)
	}
	if len(system.Catalogue[letters.High]) == 0 && len(system.Catalogue[letters.ExtraHigh]) == 0 {
		r.problem(fieldLastResort, codeLastResortSystem, system.Name)
	}
}
