package desk

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"oshirase/letters"
)

// MonthSteps are the steps of a month that are taken at the desk, as the
// commands take them.
type MonthSteps interface {
	// Approvable is what an approval of the month's letters, or of its
	// packets, would bind to now. An error says why there is nothing to
	// approve; Refusal of the options tells it.
	Approvable(ctx context.Context, m letters.Month, packets bool) (Approvable, error)
	// Approve binds to the hash that the person saw; another one now is a
	// conflict.
	Approve(ctx context.Context, m letters.Month, packets bool, by, hash string) error
	// Proof writes the letters most likely to be wrong as one PDF.
	Proof(ctx context.Context, m letters.Month, w io.Writer) error
	// Propose records the first person's proposal over letters.
	Propose(ctx context.Context, p letters.Proposal) (int64, error)
}

// Approvable is what would be approved: how many letters or packets, and the
// hash over them.
type Approvable struct {
	Count int
	Hash  string
}

// monthPage is what month.html gets.
type monthPage struct {
	boardMonth
	Files   []letters.SourceFile
	Letters approvalBox
	Packets approvalBox
}

// approvalBox is one of the two approvals of a month, as a person finds it.
type approvalBox struct {
	Month letters.Month
	Kind  string // letters or packets
	Done  bool
	Again bool // letters made since the approval
	By    string
	At    int64
	Approvable
	Why string // why it cannot be approved, or not by this person; "" when it can
	May bool   // the person has the role
}

func monthRoutes() []Route {
	both, approve := []letters.Role{letters.RolePrepare, letters.RoleApprove}, []letters.Role{letters.RoleApprove}
	return []Route{
		{Method: http.MethodGet, Path: "/board/{month}", Roles: both, Serve: (*Desk).month},
		{Method: http.MethodPost, Path: "/board/{month}/proof", Roles: both, Fresh: true, Serve: (*Desk).proof},
		{Method: http.MethodPost, Path: "/board/{month}/approve", Roles: approve, Fresh: true, Serve: (*Desk).approve},
	}
}

func monthViews() []view { return []view{{"month", monthPage{}}} }

func (d *Desk) month(v *Visit) error {
	page, err := d.monthPage(v)
	if err != nil {
		return err
	}
	return v.Show("month", page)
}

func (d *Desk) monthPage(v *Visit) (page monthPage, err error) {
	m, err := letters.ParseMonth(v.Path("month"))
	if err != nil {
		return page, refuse(http.StatusNotFound, "not_found")
	}
	info, err := d.o.Ledger.Month(v.Context(), m)
	if err != nil {
		return page, err
	}
	states, _, err := d.o.Ledger.StateCounts(v.Context(), m)
	if err != nil {
		return page, err
	}
	page.boardMonth = boardOf(info, states)
	if page.Files, err = d.o.Ledger.Files(v.Context(), m); err != nil {
		return page, err
	}
	page.Letters = approvalBox{Month: m, Kind: "letters", Done: info.State == letters.MonthApproved, By: info.ApprovedBy, At: info.ApprovedAt}
	page.Packets = approvalBox{Month: m, Kind: "packets", Done: info.PacketsHash != "", By: info.PacketsBy, At: info.PacketsAt}
	for _, box := range []*approvalBox{&page.Letters, &page.Packets} {
		if err := d.fillBox(v, info, box); err != nil {
			return page, err
		}
	}
	return page, nil
}

// fillBox finds out what would be approved and what stands in the way.
func (d *Desk) fillBox(v *Visit, info letters.MonthInfo, box *approvalBox) error {
	box.May = v.User.Role == letters.RoleApprove
	if box.Done && box.Kind == "packets" {
		return nil
	}
	what, err := d.o.Steps.Approvable(v.Context(), info.Month, box.Kind == "packets")
	if err != nil {
		told, known := d.o.Refusal(err)
		if known && box.Done {
			return nil
		}
		if !known {
			return fmt.Errorf("what to approve of %s: %w", info.Month, err)
		}
		box.Why = d.words.sentence(told.Key, told.Args...)
		return nil
	}
	box.Approvable, box.Again, box.Done = what, box.Done, false
	for _, p := range info.PreparedBy {
		if p == v.User.Name {
			box.Why = d.words.sentence("same_person")
		}
	}
	return nil
}

func (d *Desk) approve(v *Visit) error {
	m, err := letters.ParseMonth(v.Path("month"))
	if err != nil {
		return refuse(http.StatusNotFound, "not_found")
	}
	kind, hash := v.Form("kind"), v.Form("hash")
	if kind != "letters" && kind != "packets" || len(hash) != 64 {
		return refuse(http.StatusBadRequest, "bad_form")
	}
	if err := v.Record("approve", string(m), kind, "tried"); err != nil {
		return err
	}
	if err := d.o.Steps.Approve(v.Context(), m, kind == "packets", v.User.Name, hash); err != nil {
		return err
	}
	return v.Go("/board/"+string(m), "approved")
}

// proof gives the proof set for a reason. The pages show people's data, so
// the look is recorded before the first byte.
func (d *Desk) proof(v *Visit) error {
	page, err := d.monthPage(v)
	if err != nil {
		return err
	}
	reason := v.Form("reason")
	if reason == "" {
		return v.Problems("month", page, v.problem("reason", "reason_missing"))
	}
	var b bytes.Buffer
	if err := d.o.Steps.Proof(v.Context(), page.Month, &b); err != nil {
		return err
	}
	if err := v.Record("proof", string(page.Month), cutText(reason, 100), "shown"); err != nil {
		return err
	}
	return v.Send("application/pdf", "proof-"+string(page.Month)+".pdf", b.Bytes())
}
