package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/lib/pq"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"oshirase/letters"
)

// What the ledger refuses. Callers match with errors.Is.
var (
	ErrNotFound     = errors.New("not in the ledger")
	ErrConflict     = letters.ErrConflict
	ErrUnreachable  = errors.New("the database cannot be reached")
	ErrDenied       = errors.New("the database does not let us in")
	ErrApproved     = errors.New("the month is approved")
	ErrNotApproved  = errors.New("the month is not approved")
	ErrNotRendered  = errors.New("letters wait for rendering")
	ErrNoPreparer   = errors.New("no preparer is recorded")
	ErrSamePerson   = errors.New("who prepared it cannot approve it")
	ErrSameContent  = errors.New("the same content was taken in before")
	ErrTooMany      = errors.New("too many for now: the supervisor must look first")
	ErrSchemaNewer  = errors.New("the ledger is of a newer program")
	ErrSchemaOlder  = errors.New("the ledger's schema is older than the program: run migrate")
	errNoClock      = errors.New("options without a clock")
	errNotOnSQLite  = errors.New("only on PostgreSQL")
	errNotOnPostgre = errors.New("only on SQLite")
)

// SameContentError is ErrSameContent with the month and the number of the
// file that holds the content already.
type SameContentError struct {
	Month  letters.Month
	FileID int64
}

func (e *SameContentError) Error() string {
	return fmt.Sprintf("%v in %s as file %d", ErrSameContent, e.Month, e.FileID)
}

// Unwrap makes errors.Is find ErrSameContent.
func (e *SameContentError) Unwrap() error { return ErrSameContent }

// answer is what PostgreSQL says without its text: messages and details hold
// values of rows (a name that is no number, the row that fails a check).
type answer struct{ err *pq.Error }

func (a answer) Unwrap() error { return a.err }

func (a answer) Error() string {
	e := a.err
	text := fmt.Sprintf("postgres answers %s %s", e.Code, e.Code.Name())
	for _, of := range []string{e.Table, e.Column, e.Constraint} {
		if of != "" {
			text += " " + of
		}
	}
	return text
}

// unsaid leaves out the text of what the driver gives back; it stands where
// the driver is called, before anything is wrapped around it.
func unsaid(err error) error {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		if _, done := errors.AsType[answer](err); !done {
			return answer{e}
		}
	}
	return err
}

func isTooMany(err error) bool  { return errors.Is(err, ErrTooMany) }
func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }

// taken reports whether a unique key that a statement would have made stands
// already.
func taken(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == "23505"
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// translate turns what both drivers say into the errors above. A unique key
// that is taken and two transactions that cannot both be are conflicts; any
// other constraint is a defect of the program and stays what it is.
func translate(err error) error {
	err = unsaid(err)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if e, ok := errors.AsType[*pq.Error](err); ok {
		switch e.Code {
		case "23505", "40001", "40P01":
			return fmt.Errorf("%w: %s %s", ErrConflict, e.Code, e.Constraint)
		case "3D000": // no such database
			return fmt.Errorf("%w: %w", ErrDenied, err)
		}
		if e.Code.Class() == "28" { // no such user, wrong password, not from here
			return fmt.Errorf("%w: %w", ErrDenied, err)
		}
	}
	if cutOff(err) {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return fmt.Errorf("%w: %s", ErrConflict, e.Error())
		}
	}
	return err
}
