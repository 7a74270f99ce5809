package desk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"

	"oshirase/letters"
)

// RetailerStatus is where one retailer stands in one month, without any
// customer's data. It is an alias of an unnamed type, so that other packages
// can name it for themselves.
type RetailerStatus = struct {
	Month     letters.Month
	Retailer  string
	Name      string
	Contracts int
	Before    int // contracts in the packet of the month before, -1 = no packet
	Hash      string
	Offered   bool   // the packets are approved
	Briefing  string // "", planned, done
	HeldOn    letters.Date
	Downloads int
}

// RetailerLedger is what the pages of 小売対応 need of the ledger. A retailer
// that is not in the person's care is not found, whatever is asked.
type RetailerLedger interface {
	RetailerStatuses(ctx context.Context, user string) ([]RetailerStatus, error)
	AllRetailerStatuses(ctx context.Context) ([]RetailerStatus, error)
	AssignedPacket(ctx context.Context, user string, m letters.Month, retailer string) (RetailerStatus, letters.Packet, error)
	Changes(ctx context.Context, m letters.Month, retailer string) (before letters.Month, added, removed int, err error)
	Briefings(ctx context.Context, m letters.Month, retailer string) ([]letters.Briefing, error)
	Brief(ctx context.Context, b letters.Briefing) error
	Downloads(ctx context.Context, m letters.Month, retailer string) ([]letters.Download, error)
	Download(ctx context.Context, d letters.Download) (receipt int64, err error)
}

// PacketFiles reads the finished packets.
type PacketFiles interface {
	// File returns a file of a packet, proved by its hash.
	File(ctx context.Context, p letters.Packet, f letters.PacketFile) ([]byte, error)
}

func retailerRoutes() []Route {
	row := func(method, path string, serve func(*Desk, *Visit) error) Route {
		return Route{Method: method, Path: path, Roles: []letters.Role{letters.RoleRetail}, Serve: serve}
	}
	mine := row(http.MethodGet, "/packets", (*Desk).packets)
	mine.Nav = "packets"
	all := row(http.MethodGet, "/retailers", (*Desk).retailers)
	all.Nav, all.Lead = "retailers", true
	take := row(http.MethodPost, "/packets/{month}/{retailer}/file", (*Desk).takeFile)
	take.Fresh = true
	return []Route{mine, all, row(http.MethodGet, "/packets/{month}/{retailer}", (*Desk).packet), take,
		row(http.MethodPost, "/packets/{month}/{retailer}/briefing", (*Desk).recordBriefing)}
}

func retailerViews() []view {
	return []view{{"packets", packetsPage{}}, {"retailers", packetsPage{}}, {"packet", packetPage{}}}
}

// packetsPage is what packets.html and retailers.html get: the newest month
// first.
type packetsPage struct {
	Months []packetMonth
	Counts map[string]int // of the newest month: "", planned, done
}

type packetMonth struct {
	Month letters.Month
	List  []RetailerStatus
}

// packets lists the packets of the retailers in the person's care.
func (d *Desk) packets(v *Visit) error {
	list, err := d.o.Ledger.RetailerStatuses(v.Context(), v.User.Name)
	if err != nil {
		return err
	}
	return v.Show("packets", byMonth(list))
}

// retailers is the lead's view: every retailer's status, no customer's data.
func (d *Desk) retailers(v *Visit) error {
	list, err := d.o.Ledger.AllRetailerStatuses(v.Context())
	if err != nil {
		return err
	}
	return v.Show("retailers", byMonth(list))
}

func byMonth(list []RetailerStatus) packetsPage {
	page := packetsPage{Counts: map[string]int{}}
	for _, s := range list {
		if n := len(page.Months); n == 0 || page.Months[n-1].Month != s.Month {
			page.Months = append(page.Months, packetMonth{Month: s.Month})
		}
		m := &page.Months[len(page.Months)-1]
		m.List = append(m.List, s)
		if len(page.Months) == 1 {
			page.Counts[s.Briefing]++
		}
	}
	return page
}

// packetPage is what packet.html gets.
type packetPage struct {
	Status         RetailerStatus
	Files          []letters.PacketFile
	Before         letters.Month
	Added, Removed int
	Briefings      []letters.Briefing
	Downloads      []letters.Download
	Form           briefingForm
}

// briefingForm is what is typed of a briefing.
type briefingForm struct{ State, HeldOn, Method, Briefer, Receiver, Note string }

// assigned is the packet of the path when its retailer is in the person's care.
func (d *Desk) assigned(v *Visit) (RetailerStatus, letters.Packet, error) {
	m, err := letters.ParseMonth(v.Path("month"))
	if err != nil {
		return RetailerStatus{}, letters.Packet{}, refuse(http.StatusNotFound, "not_found")
	}
	return d.o.Ledger.AssignedPacket(v.Context(), v.User.Name, m, v.Path("retailer"))
}

func (d *Desk) packet(v *Visit) error {
	return d.showPacket(v, briefingForm{State: "planned"})
}

func (d *Desk) showPacket(v *Visit, form briefingForm, faults ...Problem) error {
	st, p, err := d.assigned(v)
	if err != nil {
		return err
	}
	page := packetPage{Status: st, Files: p.Files, Form: form}
	if page.Before, page.Added, page.Removed, err = d.o.Ledger.Changes(v.Context(), st.Month, st.Retailer); err != nil {
		return err
	}
	if page.Briefings, err = d.o.Ledger.Briefings(v.Context(), st.Month, st.Retailer); err != nil {
		return err
	}
	if page.Downloads, err = d.o.Ledger.Downloads(v.Context(), st.Month, st.Retailer); err != nil {
		return err
	}
	if len(faults) > 0 {
		return v.Problems("packet", page, faults...)
	}
	return v.Show("packet", page)
}

// takeFile gives a file of an approved packet, with its receipt: chain and
// ledger know who took it before the first byte leaves.
func (d *Desk) takeFile(v *Visit) error {
	st, p, err := d.assigned(v)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(p.Files, func(f letters.PacketFile) bool { return f.Name == v.Form("name") })
	if i < 0 {
		return refuse(http.StatusNotFound, "not_found")
	}
	if !st.Offered {
		return refuse(http.StatusConflict, "packet_unapproved")
	}
	f := p.Files[i]
	if err := v.Record("download", fmt.Sprintf("%s %s", st.Month, st.Retailer), f.SHA256, "shown"); err != nil {
		return err
	}
	body, err := d.o.Packets.File(v.Context(), p, f)
	if err != nil {
		return fmt.Errorf("packet of %s: %w", st.Retailer, err)
	}
	receipt, err := d.o.Ledger.Download(v.Context(), letters.Download{Month: st.Month, Retailer: st.Retailer, Name: f.Name,
		SHA256: f.SHA256, Size: f.Size, PacketHash: st.Hash, User: v.User.Name})
	if err != nil {
		return err
	}
	v.w.Header().Set("X-Receipt", fmt.Sprint(receipt))
	v.attach(f.Name, "application/octet-stream", body)
	return nil
}

func briefingMethods() []string { return []string{"visit", "online", "phone", "received"} }

// Methods are offered in this order.
func (packetPage) Methods() []string { return briefingMethods() }

func (v *Visit) briefingFaults(f briefingForm) []Problem {
	var faults []Problem
	add := func(bad bool, field, key string) {
		if bad {
			faults = append(faults, v.problem(field, key))
		}
	}
	_, err := letters.ParseDate(f.HeldOn)
	add(f.State != "planned" && f.State != "done", "state_planned", "briefing_state")
	add(err != nil, "held_on", "briefing_date")
	add(err == nil && f.State == "done" && letters.Date(f.HeldOn) > letters.DateOf(v.d.o.Now()), "held_on", "briefing_future")
	add(!slices.Contains(briefingMethods(), f.Method), "method", "briefing_method")
	add(f.Briefer == "", "briefer", "briefing_briefer")
	add(f.State == "done" && f.Receiver == "", "receiver", "briefing_receiver")
	add(utf8.RuneCountInString(f.Note) > noteMost, "note", "note_long")
	add(len(f.Briefer) > 200 || len(f.Receiver) > 200, "briefer", "proxy_long")
	return faults
}

// recordBriefing adds a line to the briefing record. Earlier lines stay.
func (d *Desk) recordBriefing(v *Visit) error {
	f := briefingForm{v.Form("state"), v.Form("held_on"), v.Form("method"), v.Form("briefer"), v.Form("receiver"), v.Form("note")}
	st, _, err := d.assigned(v)
	if err != nil {
		return err
	}
	if faults := v.briefingFaults(f); len(faults) > 0 {
		return d.showPacket(v, f, faults...)
	}
	if err := v.Record("briefing", fmt.Sprintf("%s %s", st.Month, st.Retailer), f.State, "done"); err != nil {
		return err
	}
	err = d.o.Ledger.Brief(v.Context(), letters.Briefing{Month: st.Month, Retailer: st.Retailer, State: f.State, HeldOn: letters.Date(f.HeldOn),
		Method: f.Method, Briefer: f.Briefer, Receiver: f.Receiver, Note: f.Note, PacketHash: st.Hash, RecordedBy: v.User.Name})
	if err != nil {
		return err
	}
	return v.Go(fmt.Sprintf("/packets/%s/%s", st.Month, st.Retailer), "saved")
}
