package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"oshirase/batch"
	"oshirase/letters"
)

// importFlags are the flags of import.
type importFlags struct {
	by, retailers, replace, expectRetailers string
	rows, contracts, lastResort, disaster   int
	leaveOut                                bool
}

func (p *program) cmdImport() *cobra.Command {
	var o importFlags
	c := p.command("import MONTH LIST...", func(cmd *cobra.Command, given []string) error {
		m, err := letters.ParseMonth(given[0])
		if err != nil {
			return err
		}
		expect, err := o.expect(cmd)
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error {
			return h.importLists(cmd.Context(), m, given[1:], o, expect)
		})
	})
	c.Args = args(cobra.MinimumNArgs(2))
	f := c.Flags()
	f.StringVar(&o.by, "as", "", p.words.flag("as"))
	f.StringVar(&o.retailers, "retailers", "", p.words.flag("retailers"))
	f.IntVar(&o.rows, "expect-rows", 0, p.words.flag("expect_rows"))
	f.IntVar(&o.contracts, "expect-contracts", 0, p.words.flag("expect_contracts"))
	f.IntVar(&o.lastResort, "expect-last-resort", 0, p.words.flag("expect_last_resort"))
	f.IntVar(&o.disaster, "expect-disaster", 0, p.words.flag("expect_disaster"))
	f.StringVar(&o.expectRetailers, "expect-retailers", "", p.words.flag("expect_retailers"))
	f.BoolVar(&o.leaveOut, "leave-out-problem-rows", false, p.words.flag("leave_out"))
	f.StringVar(&o.replace, "replace", "", p.words.flag("replace"))
	_ = c.MarkFlagRequired("retailers")
	return c
}

// expect gathers the control totals that were given.
func (o *importFlags) expect(cmd *cobra.Command) (batch.Expect, error) {
	var e batch.Expect
	given := func(name string, v *int) *int {
		if cmd.Flags().Changed(name) {
			return v
		}
		return nil
	}
	e.Rows, e.Contracts = given("expect-rows", &o.rows), given("expect-contracts", &o.contracts)
	e.LastResort, e.Disaster = given("expect-last-resort", &o.lastResort), given("expect-disaster", &o.disaster)
	if o.expectRetailers == "" {
		return e, nil
	}
	var cc, nw int
	if n, err := fmt.Sscanf(o.expectRetailers, "%d,%d", &cc, &nw); err != nil || n != 2 {
		return e, fail(exitUsage, "expect_retailers", errors.New("not of the form CC,NW"), o.expectRetailers)
	}
	e.RetailersCC, e.RetailersNW = &cc, &nw
	return e, nil
}

func (p *program) cmdWithdraw() *cobra.Command {
	var by string
	c := p.command("withdraw MONTH SHA256", func(cmd *cobra.Command, given []string) error {
		m, err := letters.ParseMonth(given[0])
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error {
			ctx := cmd.Context()
			if err := p.signIn(ctx, h.store, by, letters.RolePrepare); err != nil {
				return err
			}
			im := &batch.Importer{Ledger: h.store, Now: p.now, Random: p.random, Order: h.set.Incident().Catalogue}
			if _, err := im.Withdraw(ctx, m, given[1], by); err != nil {
				return err
			}
			n, err := h.monthCounts(ctx, m)
			if err != nil {
				return err
			}
			return p.report("withdraw", struct {
				Month  letters.Month `json:"month"`
				SHA256 string        `json:"sha256"`
				letters.Counts
			}{m, given[1], n})
		})
	})
	c.Args = args(cobra.ExactArgs(2))
	c.Flags().StringVar(&by, "as", "", p.words.flag("as"))
	return c
}
