package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/pkg/sftp"
)

// slow is how long each request takes under that ending.
const slow = 3 * time.Millisecond

// folder serves the root in one session, to its ending.
type folder struct {
	*server
	conn   net.Conn
	n      int // of the session
	ending string

	mu     sync.Mutex
	writes int // that are still answered well
}

func (h *folder) at(name string) string { return filepath.Join(h.root, filepath.Clean("/"+name)) }

// visible is the folder that the staff would see at a path, "" for none.
func visible(name string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(filepath.Clean("/"+name), "/"), "/")
	if strings.HasPrefix(first, ".") {
		return ""
	}
	return first
}

// seen writes down that a folder was changed which the staff could see.
func (h *folder) seen(name, how string) error {
	if run := visible(name); run != "" {
		return h.keep(entry{Run: run, How: how, Ending: h.ending})
	}
	return nil
}

func (h *folder) wait() {
	if h.ending == "slow" {
		time.Sleep(slow)
	}
}

// touch is called at each request that names a path.
func (h *folder) touch(name string) {
	h.wait()
	h.due(strings.Split(strings.TrimPrefix(filepath.Clean("/"+name), "/"), "/")[0])
}

// hold puts a rename off until a later session has named the folder a number
// of times, or the server is told to go through with it.
func (h *folder) hold(name string, do func()) {
	h.server.mu.Lock()
	defer h.server.mu.Unlock()
	h.held[strings.TrimPrefix(filepath.Clean("/"+name), "/")] = &late{do: do, left: 1 + h.n%20}
}

func (h *folder) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	h.touch(r.Filepath)
	return os.Open(h.at(r.Filepath))
}

func (h *folder) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	h.touch(r.Filepath)
	if err := h.seen(r.Filepath, "write"); err != nil {
		return nil, err
	}
	flags := os.O_CREATE | os.O_WRONLY
	if r.Pflags().Excl {
		flags |= os.O_EXCL
	}
	f, err := os.OpenFile(h.at(r.Filepath), flags, 0o600)
	return &file{f, h}, err
}

// file is a file being written, to the session's ending.
type file struct {
	*os.File
	h *folder
}

func (f *file) WriteAt(b []byte, at int64) (int, error) {
	f.h.wait()
	f.h.mu.Lock()
	f.h.writes--
	over := f.h.writes < 0
	f.h.mu.Unlock()
	switch {
	case over && f.h.ending == "cut-upload":
		_, _ = f.File.WriteAt(b[:len(b)/2], at)
		return 0, f.h.conn.Close()
	case over && f.h.ending == "full":
		n, _ := f.File.WriteAt(b[:len(b)/2], at)
		return n, syscall.ENOSPC
	case over && f.h.ending == "torn":
		_, err := f.File.WriteAt(b[:len(b)/2], at)
		return len(b), err
	}
	return f.File.WriteAt(b, at)
}

func (h *folder) Filecmd(r *sftp.Request) error {
	h.touch(r.Filepath)
	switch r.Method {
	case "Mkdir":
		if h.ending == "denied" {
			return sftp.ErrSSHFxPermissionDenied
		}
		if err := h.seen(r.Filepath, "mkdir"); err != nil {
			return err
		}
		return os.Mkdir(h.at(r.Filepath), 0o700)
	case "Remove", "Rmdir":
		if err := h.seen(r.Filepath, "remove"); err != nil {
			return err
		}
		return os.Remove(h.at(r.Filepath))
	case "Rename":
		if _, err := os.Lstat(h.at(r.Target)); err == nil {
			return os.ErrExist // as OpenSSH without its own extension
		}
		return h.PosixRename(r)
	case "Setstat":
		return nil
	}
	return sftp.ErrSSHFxOpUnsupported
}

// PosixRename makes a folder appear, or not, as the session ends.
func (h *folder) PosixRename(r *sftp.Request) error {
	cut := func(err error) error { _ = h.conn.Close(); return err }
	if strings.HasSuffix(h.ending, "-away") || h.ending == "away-before" {
		h.goAway()
	}
	switch h.ending {
	case "refuse-rename":
		return sftp.ErrSSHFxPermissionDenied
	case "cut-before", "away-before":
		return cut(nil)
	case "lost-answer", "lost-fetched", "lost-away":
		return cut(h.appear(r))
	case "late", "late-fetched", "late-away":
		h.hold(r.Filepath, func() { _ = h.appear(r) }) // it may be gone meanwhile: then nothing appears
		return cut(nil)
	}
	return h.appear(r)
}

// appear renames a folder to where the staff sees it, or into what was taken
// away, and writes it down.
func (h *folder) appear(r *sftp.Request) error {
	run := visible(r.Target)
	fetched := strings.HasSuffix(h.ending, "fetch") || strings.HasSuffix(h.ending, "fetched")
	to := h.at(r.Target)
	if fetched {
		to = filepath.Join(h.fetched, run)
		if _, err := os.Lstat(to); err == nil {
			to += ".again"
		}
	}
	if err := os.Rename(h.at(r.Filepath), to); err != nil {
		return err
	}
	sums, err := hashes(to)
	if err != nil {
		return err
	}
	return h.keep(entry{Run: run, How: "rename", Files: sums, Fetched: fetched, Ending: h.ending})
}

func (h *folder) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	h.touch(r.Filepath)
	if r.Method != "List" {
		info, err := os.Lstat(h.at(r.Filepath))
		return listing{info}, err
	}
	entries, err := os.ReadDir(h.at(r.Filepath))
	if err != nil {
		return nil, err
	}
	var out listing
	for _, e := range entries {
		if info, err := e.Info(); err == nil { // else it was taken away this moment
			out = append(out, info)
		}
	}
	return out, nil
}

// Lstat is Filelist, which follows no link.
func (h *folder) Lstat(r *sftp.Request) (sftp.ListerAt, error) { return h.Filelist(r) }

type listing []os.FileInfo

func (l listing) ListAt(to []os.FileInfo, from int64) (int, error) {
	if from >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(to, l[from:])
	if n < len(to) {
		return n, io.EOF
	}
	return n, nil
}
