package printing

import (
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/pkg/sftp"
)

// serverError is an error of the printer's server without its words, which are
// another's and may hold anything.
type serverError struct{ err error }

// unsaid keeps an error and leaves its text out; nil stays nil.
func unsaid(err error) error {
	if err == nil {
		return nil
	}
	return serverError{err}
}

func (e serverError) Unwrap() error { return e.err }

func (e serverError) Error() string {
	if s, ok := errors.AsType[*sftp.StatusError](e.err); ok {
		return fmt.Sprintf("the server answers with status %d", s.Code)
	}
	if n, ok := errors.AsType[*net.OpError](e.err); ok {
		if s, ok := errors.AsType[*os.SyscallError](n.Err); ok {
			return n.Op + ": " + s.Err.Error()
		}
		return n.Op + " failed"
	}
	for _, known := range []error{os.ErrNotExist, os.ErrPermission, os.ErrExist, os.ErrDeadlineExceeded, net.ErrClosed, sftp.ErrSSHFxConnectionLost} {
		if errors.Is(e.err, known) {
			return known.Error()
		}
	}
	return fmt.Sprintf("error of type %T", innermost(e.err))
}

func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
