package main

import (
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress returns a function that shows how far a step is, on a terminal
// only. total -1 means that nobody knows yet.
func (p *program) progress(step string, total int) func(int) {
	f, ok := p.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || p.asJSON {
		return func(int) {}
	}
	bar := progressbar.NewOptions(total,
		progressbar.OptionSetWriter(f),
		progressbar.OptionSetDescription(p.words.label("step_"+step)),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
	)
	return func(done int) { _ = bar.Set(done) } // a broken terminal stops no letter
}
