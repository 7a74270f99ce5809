package main

import (
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"oshirase/batch/printing"
)

// A disk that is full or failing has its own sentence; what else the system
// says is told as it is.
func TestDiskFaultsAreNamed(t *testing.T) {
	t.Parallel()
	at := func(op string, err error) error {
		return fmt.Errorf("step: %w", &fs.PathError{Op: op, Path: "x", Err: err})
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{at("sync", syscall.EIO), "disk_fault"},
		{at("write", syscall.EROFS), "disk_fault"},
		{at("write", syscall.ENOSPC), "disk_full"},
		{at("write", syscall.EDQUOT), "disk_full"},
		{fmt.Errorf("run: %w: %w", printing.ErrNotDurable, at("sync", syscall.EIO)), "print_not_durable"},
		{at("read", syscall.EIO), "failed"},
		{at("open", syscall.EIO), "failed"},
		{at("write", syscall.EPIPE), "failed"},
		{syscall.EIO, "failed"},
	} {
		if f := classify(c.err); f.Key != c.want || f.Code != exitFailed {
			t.Errorf("%v: %s %d, want %s", c.err, f.Key, f.Code, c.want)
		}
	}
}
