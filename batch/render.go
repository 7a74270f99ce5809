package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"

	"oshirase/letters"
)

// Press makes the pages of one letter and writes its PDF to w. Every worker
// has a press of its own; it keeps nothing from one letter to the next.
// *HoldError says that the letter needs a person; any other error is a fault.
type Press interface {
	Make(l *letters.Letter, w io.Writer) (letters.Rendering, error)
}

// HoldError says why a letter cannot go out as it is. Points are the
// characters that no face has, as a person reads them: 葛 U+845B+U+E0100.
type HoldError struct {
	Reason letters.Reason
	Points []string
}

func (e *HoldError) Error() string { return "letter is held: " + string(e.Reason) }

// RenderLedger is what render needs of the ledger.
type RenderLedger interface {
	Month(ctx context.Context, m letters.Month) (letters.MonthInfo, error)
	AddPreparer(ctx context.Context, m letters.Month, user string) error
	SetPosting(ctx context.Context, m letters.Month, d letters.Date, documentNo string) error
	PostAgain(ctx context.Context, m letters.Month, d, today letters.Date, documentNo, renderer, template, by string) (waiting int, err error)
	Letters(ctx context.Context, m letters.Month, states []letters.State, each func(letters.Letter, letters.Dispatch) error) error
	SaveRenderings(ctx context.Context, r []letters.RenderResult, actor string, at time.Time) error
}

// RenderOrder is one call of render.
type RenderOrder struct {
	Month      letters.Month
	By         string
	Date       letters.Date
	DocumentNo string
	All        bool                                                                   // also letters that are rendered already
	Edition    Edition                                                                // in force now
	Keep       func(id letters.ID, generation int, write func(io.Writer) error) error // nil = hashes only
}

// RenderSummary counts what render did.
type RenderSummary struct {
	Rendered, Held, Failed, Pages int
}

// Renderer renders a month with one press a worker.
type Renderer struct {
	Ledger   RenderLedger
	NewPress func() Press
	Workers  int
	Now      func() time.Time
	Log      *slog.Logger
	Progress func(done int) // may be nil
}

// saveEvery is how many results one transaction records.
const saveEvery = 500

// Render makes every planned letter of a month. It can be stopped and run
// again: what is recorded is not made twice. In an approved month these are the
// next generations and the letters that a decision let go, with a date of their
// own; ErrMonthApproved when there are none.
func (r *Renderer) Render(ctx context.Context, o RenderOrder) (RenderSummary, error) {
	info, err := r.Ledger.Month(ctx, o.Month)
	if err != nil {
		return RenderSummary{}, err
	}
	if info.State == letters.MonthApproved {
		return r.again(ctx, o, info)
	}
	if err := r.Ledger.AddPreparer(ctx, o.Month, o.By); err != nil {
		return RenderSummary{}, fmt.Errorf("record preparer: %w", err)
	}
	if err := r.Ledger.SetPosting(ctx, o.Month, o.Date, o.DocumentNo); err != nil {
		return RenderSummary{}, fmt.Errorf("set printed date of %s: %w", o.Month, err)
	}
	states := []letters.State{letters.Planned, letters.RenderFailed}
	if o.All || o.Keep != nil {
		states = append(states, letters.Rendered)
	}
	return r.run(ctx, o, states)
}

// again renders what an approved month sends again. Its approver can prepare
// nothing in it.
func (r *Renderer) again(ctx context.Context, o RenderOrder, info letters.MonthInfo) (RenderSummary, error) {
	if o.By != "" && o.By == info.ApprovedBy {
		return RenderSummary{}, ErrApproverRenders
	}
	today := letters.DateOf(r.Now())
	n, err := r.Ledger.PostAgain(ctx, o.Month, o.Date, today, o.DocumentNo, o.Edition.Renderer, o.Edition.Template, o.By)
	if err != nil {
		return RenderSummary{}, fmt.Errorf("set printed date of what %s sends again: %w", o.Month, err)
	}
	if n == 0 {
		return RenderSummary{}, ErrMonthApproved
	}
	if err := r.Ledger.AddPreparer(ctx, o.Month, o.By); err != nil {
		return RenderSummary{}, fmt.Errorf("record preparer: %w", err)
	}
	return r.run(ctx, o, []letters.State{letters.Planned, letters.RenderFailed})
}

// piece is one letter on its way through the presses.
type piece struct {
	letter   letters.Letter
	dispatch letters.Dispatch
}

// run feeds letters to the workers and records their results in chunks. The
// first error stops the feed; everything made until then is recorded.
func (r *Renderer) run(ctx context.Context, o RenderOrder, states []letters.State) (RenderSummary, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	todo, done := make(chan piece, 64), make(chan letters.RenderResult, 64)
	go func() {
		defer close(todo)
		err := r.Ledger.Letters(ctx, o.Month, states, func(l letters.Letter, d letters.Dispatch) error {
			select {
			case todo <- piece{l, d}:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		if err != nil {
			stop(err)
		}
	}()
	var workers sync.WaitGroup
	for range max(1, r.Workers) {
		workers.Go(func() { r.work(o, todo, done, stop) })
	}
	go func() { workers.Wait(); close(done) }()
	sum, err := r.record(o, done, stop)
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return sum, err
}

// work makes letters until there are none.
func (r *Renderer) work(o RenderOrder, todo <-chan piece, done chan<- letters.RenderResult, stop func(error)) {
	press := r.NewPress()
	for p := range todo {
		res, err := makeOne(press, o, &p)
		if err != nil {
			stop(fmt.Errorf("render letter %s: %w", p.letter.ID, err))
			return
		}
		if res.Failed {
			r.Log.Error("letter failed", slog.String("letter_id", string(p.letter.ID)), slog.String("why", res.Why))
			press = r.NewPress() // after a fault nothing of it is trusted
		}
		done <- res
	}
}

// errNotWritten is a fault of Keep: it reported neither pages nor an error.
var errNotWritten = errors.New("pages were not asked for")

// makeOne renders one letter. A panic or a fault in one letter makes that
// letter render_failed and never stops the batch; err is set only when its
// file could not be kept, and then the result must not be recorded.
func makeOne(press Press, o RenderOrder, p *piece) (res letters.RenderResult, err error) {
	res = letters.RenderResult{LetterID: p.letter.ID, Generation: p.dispatch.Generation, Token: p.dispatch.Token}
	made := errNotWritten
	write := func(w io.Writer) error {
		res.Rendering, made = attempt(press, &p.letter, w)
		return made
	}
	if o.Keep != nil {
		err = o.Keep(p.letter.ID, p.dispatch.Generation, write)
	} else {
		_ = write(io.Discard) // made holds the error
	}
	var hold *HoldError
	switch {
	case made == errNotWritten: // Keep never asked for the pages
		return res, errors.Join(made, err)
	case errors.As(made, &hold):
		res.Hold = hold.Reason
	case made != nil:
		res.Failed = true
		res.Why = made.Error()
	case err != nil:
		return res, err
	}
	return res, nil
}

func attempt(press Press, l *letters.Letter, w io.Writer) (out letters.Rendering, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = letters.Rendering{}, panicked(r)
		}
	}()
	return press.Make(l, w)
}

// panicked says what kind of panic it was and in which functions, without its
// value, which may be a piece of a name or an address.
func panicked(value any) error {
	var at []string
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for more := true; more && len(at) < 12; {
		var f runtime.Frame
		f, more = frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			at = append(at, f.Function)
		}
	}
	return fmt.Errorf("panic (%T) while drawing in %s", value, strings.Join(at, " < "))
}

// record writes results into the ledger, in chunks, until none come.
func (r *Renderer) record(o RenderOrder, done <-chan letters.RenderResult, stop func(error)) (sum RenderSummary, err error) {
	buf := make([]letters.RenderResult, 0, saveEvery)
	flush := func() {
		if len(buf) == 0 || err != nil {
			return
		}
		// Not the call's context: what is made is recorded even when stopped.
		if err = r.Ledger.SaveRenderings(context.Background(), buf, o.By, r.Now()); err != nil {
			stop(err)
			return
		}
		for _, res := range buf {
			sum.add(res)
		}
		buf = buf[:0]
		if r.Progress != nil {
			r.Progress(sum.Rendered + sum.Held + sum.Failed)
		}
	}
	for res := range done {
		if buf = append(buf, res); len(buf) == saveEvery {
			flush()
		}
	}
	flush()
	return sum, err
}

func (s *RenderSummary) add(r letters.RenderResult) {
	switch {
	case r.Hold != "":
		s.Held++
	case r.Failed:
		s.Failed++
	default:
		s.Rendered++
		s.Pages += r.Rendering.Pages
	}
}
