package archive

import (
	"errors"
	"fmt"
	"strings"
)

// ErrBadName says that a name is not a relative slash path of
// [A-Za-z0-9._-] parts, or that a part starts with a dot (which also rules
// out "." and ".." and the staging directory).
var ErrBadName = errors.New("not an archive name")

// maxName keeps whole paths far below PATH_MAX (4096 bytes) and parts below
// NAME_MAX (255 bytes).
const maxName = 240

// CheckName returns ErrBadName unless the name may be used in an archive.
func CheckName(name string) error {
	if len(name) > maxName {
		return fmt.Errorf("%d bytes: %w", len(name), ErrBadName)
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || !allIn(part, nameBytes) {
			// The name itself is not repeated: it was refused because
			// nobody knows what stands in it.
			return ErrBadName
		}
	}
	return nil
}

const nameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

func allIn(s, set string) bool {
	for i := range len(s) {
		if strings.IndexByte(set, s[i]) < 0 {
			return false
		}
	}
	return true
}
