//go:build failpoint

package failpoint

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// steps counts the durable steps of each kind.
var steps = struct {
	sync.Mutex
	n map[string]int
}{n: make(map[string]int)}

// Fail counts the step and gives the error that the environment asks for at
// this one: "fsync@3=EIO", or "fsync@3+=EIO" for it and all that follow. The
// step is then not done, as on a disk that lost it.
func Fail(step, path string) error {
	at, name, _ := strings.Cut(os.Getenv("OSHIRASE_FAIL"), "=")
	at, count, _ := strings.Cut(at, "@")
	if at != step {
		return nil
	}
	count, onwards := strings.CutSuffix(count, "+")
	n, err := strconv.Atoi(count)
	if err != nil {
		panic(err) // the harness asked for something else
	}
	steps.Lock()
	defer steps.Unlock()
	steps.n[step]++
	if steps.n[step] != n && !(onwards && steps.n[step] > n) {
		return nil
	}
	Record("failed", path, step)
	errno := map[string]syscall.Errno{"EIO": syscall.EIO, "ENOSPC": syscall.ENOSPC}[name]
	return &fs.PathError{Op: step, Path: path, Err: errno}
}
