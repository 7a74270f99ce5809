package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// ErrBroken says that an earlier fsync failed. What reached the disk is then
// unknown, and a second fsync may claim success for pages the kernel has
// dropped; so this process appends no more. What it could not sync is taken
// back.
var ErrBroken = errors.New("audit file failed and takes no more records")

// file is what appending needs; the tests put a failing one in its place.
type file interface {
	io.ReaderAt
	io.Writer
	Sync() error
	Truncate(size int64) error
}

// File is a chain in a file of JSON lines. `serve` and the commands of other
// processes append to the same file: each append locks it, reads what others
// wrote meanwhile, chains, writes, syncs, unlocks.
type File struct {
	path string
	lock *os.File
	out  file

	mu     sync.Mutex
	head   Head
	size   int64 // bytes up to the end of head
	broken error
}

// OpenFile opens the chain's file, making it when it is missing. It changes
// nothing in it and does not verify it: an append checks the last row and
// what others add from then on, Verify checks all.
func OpenFile(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open audit file: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		f.Close()
		return nil, fmt.Errorf("open audit file: %w", err)
	}
	return &File{path: path, lock: f, out: f}, nil
}

// Close gives the file up.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken == nil {
		f.broken = os.ErrClosed
	}
	return f.lock.Close()
}

// AppendChained is Sequencer's. The end of a torn row, left by a process that
// died in its write, is moved to path.torn: that row was never acknowledged.
func (f *File) AppendChained(ctx context.Context, build func(Head) ([]Record, error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken != nil {
		return fmt.Errorf("%w: %w", ErrBroken, f.broken)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.flock(syscall.LOCK_EX); err != nil {
		return err
	}
	defer f.flock(syscall.LOCK_UN)
	if err := f.catchUp(true); err != nil {
		return err
	}
	records, err := build(f.head)
	if err != nil || len(records) == 0 {
		return err
	}
	return f.write(records)
}

func (f *File) flock(how int) error {
	for {
		err := syscall.Flock(int(f.lock.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// catchUp reads and checks what others appended since this process last
// looked. The caller holds the lock, so what is torn stays torn.
func (f *File) catchUp(repair bool) error {
	info, err := f.lock.Stat()
	if err != nil {
		return err
	}
	if info.Size() < f.size {
		return &BadRow{f.head.N, Missing}
	}
	if f.size == 0 {
		f.jump(info.Size())
	}
	rest := io.NewSectionReader(f.out, f.size, info.Size()-f.size)
	for r, err := range rows(rest, f.head.N) {
		if bad, ok := errors.AsType[*BadRow](err); ok && bad.Fault == Torn && repair {
			return f.cut(info.Size())
		}
		if err != nil {
			return err
		}
		if fault := r.follows(f.head); fault != "" {
			return &BadRow{f.head.N + 1, fault}
		}
		line, err := r.Line()
		if err != nil {
			return err
		}
		f.head, f.size = Head{r.N, r.Hash}, f.size+int64(len(line))+1
	}
	return nil
}

// maxRow is more bytes than a row can have: six members of maxMember bytes,
// each byte escaped, and the rest.
const maxRow = 6*6*maxMember + 1024

// jump starts at the last whole row, so that a command that records one look
// need not read years of them; Verify is what reads them all. Where the tail
// does not look right it does nothing, and catchUp reads from the start and
// names the row.
func (f *File) jump(size int64) {
	from := max(0, size-2*maxRow)
	tail := make([]byte, size-from)
	if _, err := f.out.ReadAt(tail, from); err != nil {
		return
	}
	end := bytes.LastIndexByte(tail, '\n')
	if end < 0 {
		return
	}
	start := bytes.LastIndexByte(tail[:end], '\n') + 1
	if start == 0 {
		return // the only row, or no row at all
	}
	last, err := ParseLine(tail[start:end], 0)
	before := Head{last.N - 1, last.Prev}
	if err == nil && last.follows(before) == "" {
		f.head, f.size = before, from+int64(start)
	}
}

// cut moves what follows the last good row to the end of another file, so
// that nothing that ever stood here is lost.
func (f *File) cut(size int64) error {
	aside, err := os.OpenFile(f.path+".torn", os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(aside, io.NewSectionReader(f.out, f.size, size-f.size))
	if err == nil {
		_, err = aside.Write([]byte{'\n'})
	}
	if err := errors.Join(err, aside.Sync(), aside.Close()); err != nil {
		return err
	}
	return f.out.Truncate(f.size)
}

func (f *File) write(records []Record) error {
	var buf []byte
	for _, r := range records {
		line, err := r.Line()
		if err != nil {
			return err
		}
		buf = append(append(buf, line...), '\n')
	}
	if _, err := f.out.Write(buf); err != nil {
		// A full disk passes: take the half back, and the next look may
		// be recorded again once there is room.
		return errors.Join(err, f.out.Truncate(f.size))
	}
	if err := f.out.Sync(); err != nil {
		// The system has given these pages up, so that the next process's
		// fsync would succeed without them and leave a hole under what it
		// adds: nobody was shown anything for them, and they go.
		f.broken = errors.Join(err, f.out.Truncate(f.size))
		return fmt.Errorf("%w: %w", ErrBroken, f.broken)
	}
	last := records[len(records)-1]
	f.head, f.size = Head{last.N, last.Hash}, f.size+int64(len(buf))
	return nil
}

// Head is Log's.
func (f *File) Head(ctx context.Context) (Head, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return Head{}, err
	}
	if err := f.flock(syscall.LOCK_SH); err != nil {
		return Head{}, fmt.Errorf("audit head: %w", err)
	}
	defer f.flock(syscall.LOCK_UN)
	err := f.catchUp(false)
	if bad, ok := errors.AsType[*BadRow](err); ok && bad.Fault == Torn {
		err = nil // never acknowledged; the next append mends it
	}
	if err != nil {
		return Head{}, fmt.Errorf("audit head: %w", err)
	}
	return f.head, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
