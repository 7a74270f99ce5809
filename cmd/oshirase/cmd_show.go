package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"oshirase/letters"
	"oshirase/letters/audit"
	"oshirase/letters/store"
)

// lookFlags are the flags of every command that shows a person's data.
type lookFlags struct{ by, reason string }

func (f *lookFlags) add(c *cobra.Command, p *program) {
	c.Flags().StringVar(&f.by, "as", "", p.words.flag("as"))
	c.Flags().StringVar(&f.reason, "reason", "", p.words.flag("reason"))
}

// permitted signs the person in and writes the look to the audit chain. Only
// then may anything be shown.
func (h *house) permitted(ctx context.Context, f lookFlags, action, object string, roles ...letters.Role) error {
	if f.reason == "" {
		return fail(exitUsage, "reason_missing", errors.New("no reason given"))
	}
	if err := h.p.signIn(ctx, h.store, f.by, roles...); err != nil {
		return err
	}
	if err := h.look(ctx, action, object, f.by, f.reason); err != nil {
		return err
	}
	return h.agentMay(ctx, f.by, letters.ID(object))
}

// agentMay holds a call-center agent at the terminal to the desk's rules: the
// look-up is counted with the others, and a letter under 支援措置 is as one
// that does not exist.
func (h *house) agentMay(ctx context.Context, by string, id letters.ID) error {
	u, err := h.store.User(ctx, by)
	if err != nil || u.Role != letters.RoleCallCenter {
		return err
	}
	if err := h.store.CountSearch(ctx, by, h.cfg.Desk.lookLimits()); errors.Is(err, store.ErrTooMany) {
		told := h.note(ctx, audit.Entry{Actor: by, Action: "lookup", Object: string(id), Reason: "limit", Outcome: "stopped", Client: "terminal"})
		return errors.Join(fail(exitRefused, "looks_stopped", err), told)
	} else if err != nil {
		return err
	}
	s, err := h.store.Subject(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && s.Shelter {
		return fail(exitFailed, "letter_unknown", store.ErrNotFound)
	}
	return err
}

func (p *program) cmdShow() *cobra.Command {
	var f lookFlags
	c := p.command("show ID", func(cmd *cobra.Command, given []string) error {
		id, err := letters.ParseID(given[0])
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error {
			err := h.permitted(cmd.Context(), f, "show", string(id), letters.RolePrepare, letters.RoleApprove, letters.RoleCallCenter)
			if err != nil {
				return err
			}
			return h.show(cmd.Context(), id)
		})
	})
	c.Args = args(cobra.ExactArgs(1))
	f.add(c, p)
	return c
}

// showJSON is one letter's story.
type showJSON struct {
	ID          letters.ID         `json:"id"`
	Month       letters.Month      `json:"month"`
	Kind        letters.LetterKind `json:"kind"`
	Channel     letters.Channel    `json:"channel"`
	Name        string             `json:"name"`
	PostalCode  string             `json:"postal_code"`
	Address     string             `json:"address"`
	Building    string             `json:"building"`
	Refers      []letters.ID       `json:"refers"`
	Cases       []caseJSON         `json:"cases"`
	Generations []generationJSON   `json:"generations"`
	Events      []eventJSON        `json:"events"`
	Decisions   []decisionJSON     `json:"decisions"`
	Suggestions []suggestionJSON   `json:"suggestions"`
	Receipts    []reportedJSON     `json:"receipts"`
}

// reportedJSON is what printer or post said of the letter.
type reportedJSON struct {
	Generation int                   `json:"generation"`
	Said       string                `json:"said"`
	Date       letters.Date          `json:"date"`
	Reason     string                `json:"reason,omitempty"`
	Pages      int                   `json:"pages,omitempty"`
	Result     letters.ReceiptResult `json:"result"`
}

type caseJSON struct {
	SupplyPoint string   `json:"supply_point"`
	System      string   `json:"system"`
	Confirmed   []string `json:"confirmed"`
	Rest        []string `json:"rest"`
	Unrecorded  bool     `json:"unrecorded"`
	First       string   `json:"first"`
	Last        string   `json:"last"`
}

type generationJSON struct {
	Generation  int            `json:"generation"`
	State       letters.State  `json:"state"`
	Hold        letters.Reason `json:"hold,omitempty"`
	Pages       int            `json:"pages"`
	ContentHash string         `json:"content_hash"`
	Wording     string         `json:"template_version"` // which version of wording and incident it was made from
	Renderer    string         `json:"renderer"`
	RunID       string         `json:"run,omitempty"`
	MessageID   string         `json:"message_id,omitempty"`
	Reply       string         `json:"reply,omitempty"`
	Decision    int64          `json:"decision,omitempty"`
}

type eventJSON struct {
	At    string        `json:"at"`
	Actor string        `json:"actor"`
	From  letters.State `json:"from"`
	To    letters.State `json:"to"`
	Ref   string        `json:"ref,omitempty"`
}

// show is the command show.
func (h *house) show(ctx context.Context, id letters.ID) error {
	l, dispatches, err := h.store.Letter(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return fail(exitFailed, "letter_unknown", err)
	}
	if err != nil {
		return err
	}
	events, err := h.store.Events(ctx, id)
	if err != nil {
		return fmt.Errorf("read events of %s: %w", id, err)
	}
	r := l.Recipient
	out := showJSON{ID: id, Month: l.Month, Kind: l.Kind, Channel: l.Channel, Name: r.Name,
		PostalCode: r.PostalCode, Address: r.Address, Building: r.Building, Refers: append([]letters.ID{}, l.Refers...)}
	for _, c := range l.Cases {
		out.Cases = append(out.Cases, h.caseOf(c))
	}
	for _, d := range dispatches {
		r := d.Rendering
		out.Generations = append(out.Generations, generationJSON{d.Generation, d.State, d.HoldReason, r.Pages,
			r.ContentHash, r.TemplateVersion, r.Renderer, d.RunID, d.MessageID, d.Reply, d.DecisionID})
	}
	for _, e := range events {
		out.Events = append(out.Events, eventJSON{instant(e.At), e.Actor, e.From, e.To, e.Ref})
	}
	if err := h.tellDecisions(ctx, &out); err != nil {
		return err
	}
	return h.p.report("show", out)
}

// tellDecisions adds what people decided, what the program proposes and what
// printer and post reported of the letter.
func (h *house) tellDecisions(ctx context.Context, out *showJSON) error {
	out.Decisions, out.Suggestions, out.Receipts = []decisionJSON{}, []suggestionJSON{}, []reportedJSON{}
	decisions, err := h.store.DecisionsOf(ctx, out.ID)
	if err != nil {
		return err
	}
	for _, d := range decisions {
		row := decisionOf(d)
		row.Letters = []letters.ID{out.ID} // the others are nobody's business here
		out.Decisions = append(out.Decisions, row)
	}
	suggested, err := h.store.SuggestionsOf(ctx, out.ID)
	if err != nil {
		return err
	}
	for _, s := range suggested {
		out.Suggestions = append(out.Suggestions, suggestionOf(s))
	}
	lines, err := h.store.ReceiptLines(ctx, out.ID)
	for _, l := range lines {
		out.Receipts = append(out.Receipts, reportedJSON{l.Generation, l.State, l.Reported, l.Reason, l.Pages, l.Result})
	}
	return err
}

func (h *house) caseOf(c letters.Case) caseJSON {
	in := h.set.Incident()
	return caseJSON{SupplyPoint: c.SupplyPoint, System: in.System(c.System).Name,
		Confirmed: itemNames(in, c.Confirmed), Rest: itemNames(in, in.Rest(c)), Unrecorded: c.Unrecorded,
		First: h.set.Date(c.First), Last: h.set.Date(c.Last)}
}

func itemNames(in *letters.Incident, codes []letters.ItemCode) []string {
	out := []string{}
	for _, code := range codes {
		out = append(out, in.Item(code).Name)
	}
	return out
}

func (p *program) cmdPDF() *cobra.Command {
	var f lookFlags
	var to string
	c := p.command("pdf ID", func(cmd *cobra.Command, given []string) error {
		id, err := letters.ParseID(given[0])
		if err != nil {
			return err
		}
		return p.withHome(cmd.Context(), func(h *house) error {
			err := h.permitted(cmd.Context(), f, "pdf", string(id), letters.RolePrepare, letters.RoleApprove, letters.RoleCallCenter)
			if err != nil {
				return err
			}
			if to == "" {
				to = fmt.Sprintf("%s.pdf", id)
			}
			return h.pdf(cmd.Context(), id, to)
		})
	})
	c.Args = args(cobra.ExactArgs(1))
	f.add(c, p)
	c.Flags().StringVarP(&to, "out", "o", "", p.words.flag("out_file"))
	return c
}

// pdf is the command pdf: the letter's very pages again. They are made anew
// and proved equal by their content hash; where wording or renderer have
// changed since, the archived file is given, and the report says which.
func (h *house) pdf(ctx context.Context, id letters.ID, to string) error {
	l, dispatches, err := h.store.Letter(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return fail(exitFailed, "letter_unknown", err)
	}
	if err != nil {
		return err
	}
	if err := h.unpurged(ctx, l.Month); err != nil {
		return err
	}
	d := dispatches[len(dispatches)-1]
	body, source, err := h.pagesAgain(ctx, &l, d)
	if err != nil {
		return err
	}
	if err := writeFile(to, func(w io.Writer) error { _, err := w.Write(body); return err }); err != nil {
		return fmt.Errorf("write pages of letter %s: %w", id, err)
	}
	return h.p.report("pdf", struct {
		ID     letters.ID `json:"id"`
		File   string     `json:"file"`
		Source string     `json:"source"` // rendered or archived
		Proved bool       `json:"proved"`
	}{id, to, source, d.Rendering.ContentHash != ""})
}

func (h *house) pagesAgain(ctx context.Context, l *letters.Letter, d letters.Dispatch) ([]byte, string, error) {
	newPress, err := h.presses()
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	r, err := newPress().Make(l, &b)
	if err != nil {
		return nil, "", fmt.Errorf("render letter %s: %w", l.ID, err)
	}
	if d.Rendering.ContentHash == "" || r.ContentHash == d.Rendering.ContentHash {
		return b.Bytes(), "rendered", nil
	}
	body, err := h.kept(ctx, keptName(l.Month, l.ID, d.Generation), d.Rendering.FileHash)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", fail(exitRefused, "pages_changed", errors.New("pages differ from those recorded and none are archived"))
	}
	return body, "archived", err
}
