package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"oshirase/batch"
	"oshirase/batch/packets"
	"oshirase/letters"
	"oshirase/letters/archive"
)

func (p *program) cmdPackets() *cobra.Command {
	var code string
	c := p.command("packets MONTH", func(cmd *cobra.Command, given []string) error {
		m, err := letters.ParseMonth(given[0])
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error { return h.packets(cmd.Context(), m, code) })
	})
	c.Args = args(cobra.ExactArgs(1))
	c.Flags().StringVar(&code, "retailer", "", p.words.flag("retailer"))
	return c
}

// packets is the command packets: one packet a retailer concerned, each opened
// again by other code before the ledger hears of it.
func (h *house) packets(ctx context.Context, m letters.Month, only string) error {
	info, err := h.store.Month(ctx, m)
	if err != nil {
		return err
	}
	if err := h.unpurged(ctx, m); err != nil {
		return err
	}
	orders, err := h.packetOrders(ctx, m, only)
	if err == nil && info.PacketsHash != "" {
		orders, err = h.lostPackets(ctx, m, orders)
	}
	if err != nil {
		return err
	}
	shop, err := h.newPacketShop(m)
	if err != nil {
		return err
	}
	bar := h.p.progress("packets", len(orders))
	contracts := 0
	for i, o := range orders {
		made, err := shop.make(ctx, o)
		if err != nil {
			return err
		}
		if err := h.store.PutPacket(ctx, made); err != nil {
			return fmt.Errorf("record packet of retailer %s: %w", o.Retailer.Code, err)
		}
		contracts += made.Contracts
		bar(i + 1)
	}
	return h.p.report("packets", struct {
		Month     letters.Month `json:"month"`
		Count     int           `json:"packets"`
		Contracts int           `json:"contracts"`
		Folder    string        `json:"folder"`
	}{m, len(orders), contracts, h.p.inHome("packets", string(m))})
}

// lostPackets are the orders of approved packets whose files are gone, as after
// a restoration: they may be made again, and are approved again. What is still
// there stays as it was approved.
func (h *house) lostPackets(ctx context.Context, m letters.Month, orders []packets.Order) ([]packets.Order, error) {
	made, err := h.store.Packets(ctx, m)
	if err != nil {
		return nil, err
	}
	a, err := h.openPackets()
	if err != nil {
		return nil, err
	}
	lost := make(map[string]bool)
	for _, p := range made {
		for _, f := range p.Files {
			if err := a.Verify(folderOf(p)+"/"+f.Name, f.SHA256); errors.Is(err, fs.ErrNotExist) {
				lost[p.Retailer] = true
			}
		}
	}
	orders = slices.DeleteFunc(orders, func(o packets.Order) bool { return !lost[o.Retailer.Code] })
	if len(orders) == 0 {
		return nil, fail(exitRefused, "packets_approved", batch.ErrMonthApproved)
	}
	return orders, nil
}

// packetOrders splits the month's rows by retailer, in the order of codes.
func (h *house) packetOrders(ctx context.Context, m letters.Month, only string) ([]packets.Order, error) {
	list, err := h.store.Retailers(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("read retailer list: %w", err)
	}
	rows, err := h.packetRows(ctx, m)
	if err != nil {
		return nil, err
	}
	before, err := h.rowsBefore(ctx, m)
	if err != nil {
		return nil, err
	}
	var orders []packets.Order
	for _, r := range list {
		if len(rows[r.Code]) > 0 && (only == "" || only == r.Code) {
			orders = append(orders, packets.Order{Month: m, AsOf: letters.DateOf(h.p.now()), Retailer: r, Rows: rows[r.Code], Before: before[r.Code]})
		}
	}
	slices.SortFunc(orders, func(a, b packets.Order) int { return strings.Compare(a.Retailer.Code, b.Retailer.Code) })
	if len(orders) == 0 && only != "" {
		return nil, fail(exitUsage, "retailer_unknown", batch.ErrNothing, only)
	}
	return orders, nil
}

func (h *house) packetRows(ctx context.Context, m letters.Month) (map[string][]letters.PacketRow, error) {
	rows := make(map[string][]letters.PacketRow)
	err := h.store.PacketRows(ctx, m, func(r letters.PacketRow) error {
		rows[r.RetailerCode] = append(rows[r.RetailerCode], r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read rows of packets: %w", err)
	}
	return rows, nil
}

// rowsBefore are the rows of the newest month before m.
func (h *house) rowsBefore(ctx context.Context, m letters.Month) (map[string][]letters.PacketRow, error) {
	months, err := h.store.Months(ctx)
	if err != nil {
		return nil, fmt.Errorf("list months: %w", err)
	}
	var before letters.Month
	for _, other := range months {
		if other.Month < m && other.Month > before {
			before = other.Month
		}
	}
	if before == "" {
		return nil, nil
	}
	return h.packetRows(ctx, before)
}

// verifyPackets opens every packet of the month again.
func (h *house) verifyPackets(m letters.Month, made []letters.Packet) error {
	shop, err := h.newPacketShop(m)
	if err != nil {
		return err
	}
	rows, err := h.packetRows(context.Background(), m)
	if err != nil {
		return err
	}
	for _, p := range made {
		if err := shop.verify(p, rows[p.Retailer]); err != nil {
			return err
		}
	}
	return nil
}

// openPackets opens the archive of finished packets.
func (h *house) openPackets() (*archive.Archive, error) {
	a, err := archive.Open(h.p.inHome("packets"))
	if err != nil {
		return nil, fmt.Errorf("open packets: %w", err)
	}
	return a, nil
}

// broken says that a packet must not leave.
func (h *house) broken(code string, err error) error {
	return fail(exitRefused, "packet_broken", err, code, errors.Unwrap(err).Error())
}
