package templates

import (
	"embed"
	"io/fs"
)

// Every folder but testdata: a pattern cannot leave one out, so it names the
// folders by a first letter that is not t.
//
//go:embed *.toml [^t]*/*
var shipped embed.FS

// Shipped returns the files of the binary, by their paths below templates.
func Shipped() fs.FS { return shipped }

// DemoOverlay returns the files that the demo lays over the shipped ones:
// visibly made-up values where placeholders stand.
func DemoOverlay() fs.FS {
	sub, err := fs.Sub(shipped, "demo")
	if err != nil {
		return nil // cannot be: the name is valid and constant
	}
	return sub
}
