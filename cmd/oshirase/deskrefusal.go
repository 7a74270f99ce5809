package main

import (
	"errors"
	"net/http"

	"oshirase/batch"
	"oshirase/batch/desk"
	"oshirase/letters"
	"oshirase/letters/store"
)

// deskRefusal says which sentence of the desk an error of the steps is. It is
// the only such place.
func (h *house) deskRefusal(err error) (desk.Refusal, bool) {
	if err == nil {
		return desk.Refusal{}, false
	}
	if l, ok := errors.AsType[*store.LetterError](err); ok {
		return h.letterRefusal(l)
	}
	for _, k := range deskRefusals() {
		if errors.Is(err, k.Err) {
			k.Err = err
			return k, true
		}
	}
	// A sentence of the command line that names what is wrong with the wording.
	if f, ok := errors.AsType[*failure](err); ok && f.Code == exitRefused && (f.Key == "wording" || f.Key == "wording_faulty") {
		return desk.Refusal{Status: http.StatusConflict, Key: "wording", Args: f.Args, Err: err}, true
	}
	if f, ok := errors.AsType[*failure](err); ok && f.Key == "decide_folder" {
		return desk.Refusal{Status: http.StatusConflict, Key: f.Key, Args: f.Args, Err: err}, true
	}
	return desk.Refusal{}, false
}

func deskRefusals() []desk.Refusal {
	return []desk.Refusal{
		{Err: store.ErrNotFound, Status: http.StatusNotFound, Key: "not_found"},
		{Err: letters.ErrBadMonth, Status: http.StatusNotFound, Key: "not_found"},
		{Err: store.ErrSamePerson, Status: http.StatusForbidden, Key: "same_person"},
		{Err: store.ErrOwnProposal, Status: http.StatusForbidden, Key: "own_proposal"},
		{Err: store.ErrDecided, Status: http.StatusConflict, Key: "decide_decided"},
		{Err: store.ErrNotRendered, Status: http.StatusConflict, Key: "not_rendered"},
		{Err: store.ErrNoPreparer, Status: http.StatusConflict, Key: "no_preparer"},
		{Err: store.ErrApproved, Status: http.StatusConflict, Key: "approved_already"},
		{Err: store.ErrNotApproved, Status: http.StatusConflict, Key: "not_approved"},
		{Err: store.ErrConflict, Status: http.StatusConflict, Key: "conflict"},
		{Err: batch.ErrMonthApproved, Status: http.StatusConflict, Key: "approved_already"},
		{Err: batch.ErrChanged, Status: http.StatusConflict, Key: "conflict"},
		{Err: batch.ErrStale, Status: http.StatusConflict, Key: "stale"},
		{Err: batch.ErrNothing, Status: http.StatusConflict, Key: "nothing"},
		{Err: store.ErrPurged, Status: http.StatusGone, Key: "purged"},
		{Err: store.ErrTooMany, Status: http.StatusTooManyRequests, Key: "too_fast"},
		{Err: batch.ErrReasonPersonal, Status: http.StatusUnprocessableEntity, Key: "reason_personal"},
		{Err: batch.ErrReasonEmpty, Status: http.StatusConflict, Key: "reason_missing"},
		{Err: batch.ErrNoLetters, Status: http.StatusConflict, Key: "decide_empty"},
	}
}

// letterRefusal names the letter over which a proposal is refused.
func (h *house) letterRefusal(l *store.LetterError) (desk.Refusal, bool) {
	for _, k := range []struct {
		err error
		key string
	}{
		{store.ErrNotFound, "letter_unknown"}, {store.ErrMoved, "decide_moved"}, {store.ErrPending, "decide_pending"},
		{store.ErrNoAddress, "decide_no_address"}, {store.ErrSameAddress, "decide_same_address"},
		{store.ErrNoMail, "decide_no_mail"}, {store.ErrTold, "decide_told"}, {store.ErrPurged, "decide_purged"}, {letters.ErrTransition, "decide_not_for"},
	} {
		if errors.Is(l.Err, k.err) {
			state := ""
			if l.State != "" {
				state = h.set.Words().Get("state", string(l.State))
			}
			return desk.Refusal{Status: http.StatusConflict, Key: k.key, Args: []string{l.ID.Groups(), state}, Err: l}, true
		}
	}
	return desk.Refusal{}, false
}
