package desk

import (
	"context"
	"net/http"
	"strconv"
	"unicode/utf8"

	"oshirase/letters"
)

// SupervisionLedger is what the supervisor's and 広報's lists need of the ledger.
type SupervisionLedger interface {
	Supervisions(ctx context.Context) ([]letters.Supervision, error)
	See(ctx context.Context, id int64, by, answer string) error
	OpenWishes(ctx context.Context) ([]letters.Wish, error)
	DecideWish(ctx context.Context, id int64, accept bool, by, answer string, decision int64) error
}

// supervisionPage is what supervision.html gets.
type supervisionPage struct {
	Open, Seen []letters.Supervision
	Mine       string // who is signed in: nobody answers for themselves
	Typed      map[int64]string
}

func supervisionViews() []view {
	return []view{{"supervision", supervisionPage{}}, {"wishes", wishesPage{}}}
}

func supervisionRoutes() []Route {
	lead := []letters.Role{letters.RoleCallCenter}
	return []Route{
		{Method: http.MethodGet, Path: "/supervision", Roles: lead, Lead: true, Nav: "supervision", Serve: (*Desk).supervision},
		{Method: http.MethodPost, Path: "/supervision/{id}", Roles: lead, Lead: true, Serve: (*Desk).see},
		{Method: http.MethodGet, Path: "/wishes", Roles: []letters.Role{letters.RolePrepare}, Nav: "wishes", Serve: (*Desk).wishes},
		{Method: http.MethodPost, Path: "/wishes/{id}", Roles: []letters.Role{letters.RolePrepare}, Serve: (*Desk).decideWish},
	}
}

// supervision lists misses, 支援措置 and unusual looking-up. Letter IDs stand
// in it, so the look is recorded.
func (d *Desk) supervision(v *Visit) error { return d.showSupervision(v, nil) }

func (d *Desk) showSupervision(v *Visit, typed map[int64]string, faults ...Problem) error {
	if err := v.Record("supervision", "list", "supervision", "shown"); err != nil {
		return err
	}
	list, err := d.o.Ledger.Supervisions(v.Context())
	if err != nil {
		return err
	}
	page := supervisionPage{Mine: v.User.Name, Typed: typed}
	for _, s := range list {
		if s.SeenAt == 0 {
			page.Open = append(page.Open, s)
		} else {
			page.Seen = append(page.Seen, s)
		}
	}
	if len(faults) > 0 {
		return v.Problems("supervision", page, faults...)
	}
	return v.Show("supervision", page)
}

// pathID is the number in the path.
func (v *Visit) pathID() (int64, error) {
	id, err := strconv.ParseInt(v.Path("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, refuse(http.StatusNotFound, "not_found")
	}
	return id, nil
}

// answerOf is what was typed as an answer, or the fault of it.
func (v *Visit) answerOf(field string) (string, []Problem) {
	answer := v.Form("answer")
	switch {
	case answer == "":
		return answer, []Problem{v.problem(field, "answer_missing")}
	case utf8.RuneCountInString(answer) > noteMost:
		return answer, []Problem{v.problem(field, "note_long")}
	}
	return answer, nil
}

func (d *Desk) see(v *Visit) error {
	id, err := v.pathID()
	if err != nil {
		return err
	}
	answer, faults := v.answerOf("answer" + v.Path("id"))
	if len(faults) > 0 {
		return d.showSupervision(v, map[int64]string{id: answer}, faults...)
	}
	if err := v.Record("supervision", "item "+v.Path("id"), "supervision", "done"); err != nil {
		return err
	}
	if err := d.o.Ledger.See(v.Context(), id, v.User.Name, answer); err != nil {
		return err
	}
	return v.Go("/supervision", "saved")
}
