package main

import "oshirase/letters/text"

// fixedText is what every letter of this wording prints, and the characters
// that most names and addresses have: their glyphs are cut and compressed once
// a process.
func (h *house) fixedText() ([]string, error) {
	common, err := h.set.File("letters/common.txt")
	if err != nil {
		return nil, err
	}
	fixed, err := text.NewComposer(h.set).Fixed()
	return append(fixed, string(common)), err
}
