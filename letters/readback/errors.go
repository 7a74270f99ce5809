package readback

import (
	"errors"
	"fmt"
)

// Errors of the package; every error that is returned is one of these.
var (
	// ErrMalformed says that a file is broken or is no file of its kind.
	ErrMalformed = errors.New("malformed file")
	// ErrNotUnderstood says that a file may be sound but uses something that
	// this package does not read, so that it cannot vouch for it.
	ErrNotUnderstood = errors.New("not understood")
	// ErrTooLarge says that a limit was reached before the end of a file.
	ErrTooLarge = errors.New("too large")
	// ErrNoPage says that a document has no page of a number.
	ErrNoPage = errors.New("no such page")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrMalformed)
}

func notUnderstood(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrNotUnderstood)
}

// guard turns a panic of a reading library into an error: a broken file must
// not end the program.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = malformed("reading stopped")
	}
}
