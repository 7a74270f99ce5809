package main

import (
	"github.com/spf13/cobra"

	"oshirase/batch/sample"
)

func (p *program) cmdSample() *cobra.Command {
	var o sample.Options
	var dir string
	c := p.command("sample", func(cmd *cobra.Command, _ []string) error {
		truth, err := sample.Write(cmd.Context(), dir, o)
		if err != nil {
			return err
		}
		return p.report("sample", struct {
			sample.Truth
			Dir string `json:"dir"`
		}{truth, dir})
	})
	c.Args = args(cobra.NoArgs)
	f := c.Flags()
	f.IntVar(&o.Contracts, "contracts", 300, p.words.flag("contracts"))
	f.Uint64Var(&o.Seed, "seed", 1, p.words.flag("seed"))
	f.StringVar(&o.Encoding, "encoding", "cp932", p.words.flag("encoding"))
	f.StringVar(&dir, "out", "", p.words.flag("out_dir"))
	_ = c.MarkFlagRequired("out")
	return c
}
