package main

import "oshirase/letters/text"

// fixedText is what every letter of this wording prints, and the characters
// that most names and addresses have: their glyphs are cut and compressed once
// a process. heavy is what of it stands in heavy type.
func (h *house) fixedText() (all, heavy []string, err error) {
	common, err := h.set.File("letters/common.txt")
	if err != nil {
		return nil, nil, err
	}
	c := text.NewComposer(h.set)
	if all, err = c.Fixed(); err != nil {
		return nil, nil, err
	}
	heavy, err = c.FixedBold()
	return append(all, string(common)), heavy, err
}
