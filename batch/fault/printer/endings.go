package main

import (
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strconv"
	"strings"
)

// known are the endings of a session. "shown" says that the folder appears
// and is in the record.
func known() []string {
	return []string{
		"ok",            // shown; stays where it is
		"fetch",         // shown; taken away at once
		"slow",          // shown; every request takes a while
		"lost-answer",   // shown; the line is cut instead of the answer
		"lost-fetched",  // shown and taken away; the line is cut instead of the answer
		"lost-away",     // shown; the line is cut, and nobody answers the next call
		"late",          // the line is cut; shown later, perhaps while the client is there again
		"late-fetched",  // the same, and taken away
		"late-away",     // the same, and nobody answers the next call
		"cut-before",    // not shown; the line is cut at the rename
		"away-before",   // not shown; the line is cut at the rename, and nobody answers the next call
		"refuse-rename", // not shown; permission denied
		"cut-upload",    // the line is cut in the midst of a file
		"full",          // the disk is full in the midst of a file
		"torn",          // a write that was answered did not come to the disk
		"denied",        // no folder may be made
		"gone",          // nobody answers
	}
}

// ending draws the ending of the n-th session: the same for one seed and one
// script.
func (s *server) ending(n int) (string, error) {
	raw, err := os.ReadFile(s.script)
	if err != nil {
		return "", err
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %d", s.seed, n)
	var lots []string
	for part := range strings.SplitSeq(strings.TrimSpace(string(raw)), ",") {
		name, number, _ := strings.Cut(part, "=")
		weight, err := strconv.Atoi(number)
		if err != nil || weight < 0 || !slices.Contains(known(), name) {
			return "", fmt.Errorf("%q is not an ending with its weight", part)
		}
		lots = append(lots, slices.Repeat([]string{name}, weight)...)
	}
	if len(lots) == 0 {
		return "", fmt.Errorf("no ending in %q", raw)
	}
	return lots[h.Sum64()>>11%uint64(len(lots))], nil
}
