package main

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// known are the endings of a transaction. "has it" says that the mail is in
// the record.
func known() []string {
	return []string{
		"ok",          // 250; has it
		"delay",       // 250 after a while; has it
		"drip",        // every reply letter by letter; has it
		"lost-reply",  // has it, and hangs up instead of saying so
		"hang-after",  // has it, says nothing for a while, hangs up
		"garbage",     // has it, and answers what is no answer
		"drop-after",  // has it, says 250, and hangs up at once
		"rset-500",    // 450 at RCPT, and refuses the RSET that follows
		"rset-drop",   // 450 at RCPT, and hangs up at the RSET that follows
		"drop-dot",    // has it not, and hangs up after the dot
		"hang-before", // has it not, says nothing after the dot for a while, hangs up
		"421-dot",     // has it not, 421 after the dot, hangs up
		"drop-mail", "drop-rcpt", "drop-data", "drop-body",
		"421-mail", "421-rcpt", "421-data",
		"mail-450", "mail-550", "rcpt-450", "rcpt-550", "data-450", "data-554", "dot-451", "dot-554",
		"hello-554", // 554 instead of a greeting
	}
}

type weighted struct {
	name   string
	weight int
}

func parseEndings(script string) ([]weighted, error) {
	var out []weighted
	for part := range strings.SplitSeq(script, ",") {
		name, number, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || !slices.Contains(known(), name) {
			return nil, fmt.Errorf("%q is not an ending with its weight", part)
		}
		out = append(out, weighted{name, n})
	}
	return out, nil
}

// ending draws the ending of a letter's n-th try: the same for one seed,
// whatever happened in between.
func (s *server) ending(sender string) string {
	s.mu.Lock()
	s.tries[sender]++
	try := s.tries[sender]
	s.mu.Unlock()
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %d", s.seed, sender, try)
	all := 0
	for _, e := range s.endings {
		all += e.weight
	}
	at := int(h.Sum64() >> 11 % uint64(max(all, 1)))
	for _, e := range s.endings {
		if at -= e.weight; at < 0 {
			return e.name
		}
	}
	return "ok"
}
