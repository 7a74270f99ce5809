package main

import (
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"oshirase/batch/sample"
	"oshirase/fonts"
	"oshirase/letters/postal"
)

// licenceJSON is one text under which something inside may be passed on.
type licenceJSON struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// cmdLicences tells the licences of faces and data. They ask to go wherever
// those go, so they are in the program and not beside it.
func (p *program) cmdLicences() *cobra.Command {
	c := p.command("licences", func(*cobra.Command, []string) error {
		all, err := licences()
		if err != nil {
			return fmt.Errorf("read licences: %w", err)
		}
		return p.report("licences", struct {
			Licences []licenceJSON `json:"licences"`
		}{all})
	})
	c.Args = args(cobra.NoArgs)
	return c
}

func licences() ([]licenceJSON, error) {
	texts := fonts.Licences()
	entries, err := fs.ReadDir(texts, ".")
	if err != nil {
		return nil, err
	}
	var all []licenceJSON
	for _, e := range entries {
		b, err := fs.ReadFile(texts, e.Name())
		if err != nil {
			return nil, err
		}
		all = append(all, licenceJSON{e.Name(), string(b)})
	}
	return append(all, licenceJSON{"postal data", postal.Licence()}, licenceJSON{"sample towns", sample.Licence()}), nil
}
