package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"oshirase/letters/disk"
)

// ErrLocked says that another process has the journal open for appending.
var ErrLocked = errors.New("journal is in use by another process")

// ErrBroken says that an earlier write or fsync failed. After a failed fsync
// nobody can know what reached the disk, and a second fsync may claim success
// for pages the kernel has dropped; so nothing is appended until the journal
// is opened anew.
var ErrBroken = errors.New("journal failed and takes no more entries")

// tail is how many bytes may be on their way to the disk at once: what a
// failed fsync can have lost, and is written again when the journal is opened.
const tail = 1 << 20

// file is what appending needs; the tests put a failing one in its place.
type file interface {
	io.Writer
	Sync() error
}

// Journal appends to one home's journal. Its methods may be called from
// several goroutines.
type Journal struct {
	path string
	home string
	lock io.Closer
	out  file
	torn int64

	turn chan struct{} // held by the one who writes

	mu      sync.Mutex
	waiting []*pending
	head    Head
	broken  error
}

// pending is one caller's entry on its way to the disk.
type pending struct {
	entry Entry
	done  chan struct{} // closed when head or err stand
	head  Head
	err   error
}

// Open verifies the whole chain and takes the journal for this process, or
// ErrLocked. A missing file is made, so whoever knows of an earlier journal
// of this home must look at Head. A torn last line, what a crash leaves of a
// write that was never acknowledged, is moved to path.torn; any other damage
// is ErrDamaged naming the line.
func Open(path, home string) (*Journal, error) {
	j, err := open(path, home)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return j, nil
}

func open(path, home string) (*Journal, error) {
	if home == "" || !isID(home) {
		return nil, fmt.Errorf("home: %w", ErrBadEntry)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{path: path, home: home, lock: f, out: disk.File{File: f, What: "journal"}, turn: make(chan struct{}, 1)}
	if err := j.prepare(f); err != nil {
		f.Close()
		return nil, err
	}
	return j, nil
}

func (j *Journal) prepare(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	if err != nil {
		return err
	}
	head, good, size, err := scan(f, j.home, nil)
	if err != nil {
		return err
	}
	j.head, j.torn = head, size-good
	if j.torn > 0 {
		if err := cut(f, j.path+".torn", good); err != nil {
			return err
		}
	}
	// Lines that an earlier process wrote but never synced, or whose fsync
	// failed, are written again and synced before anyone relies on them.
	if err := disk.Rewrite("journal at start", j.path, max(0, good-tail)); err != nil {
		return err
	}
	if err := disk.Sync("journal at start", f); err != nil {
		return err
	}
	return disk.SyncDir("journal", filepath.Dir(j.path))
}

// cut moves what follows the good bytes to the end of another file, so that
// nothing that ever stood here is lost.
func cut(f *os.File, aside string, good int64) error {
	if _, err := f.Seek(good, io.SeekStart); err != nil {
		return err
	}
	out, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, f)
	if err == nil {
		_, err = out.Write([]byte{'\n'})
	}
	err = errors.Join(err, disk.Sync("torn end of journal", out), out.Close())
	if err != nil {
		return err
	}
	return f.Truncate(good)
}

// Torn is how many bytes of a torn last line were cut off by Open.
func (j *Journal) Torn() int64 { return j.torn }

// Head returns the last line that is safely on disk.
func (j *Journal) Head() Head {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.head
}

// Close gives the journal up. Entries on their way are waited for; later
// ones are ErrBroken.
func (j *Journal) Close() error {
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken == nil {
		j.broken = os.ErrClosed
	}
	return j.lock.Close()
}

// Append writes one entry and returns its number and hash when it is on disk.
// An entry that cannot be taken is ErrBadEntry and changes nothing; after any
// failed write or fsync every call is ErrBroken, and whether the failed
// entries are on disk shows only at the next Open. The context is looked at
// before the entry is in line; from then on the answer is waited for, since a
// caller who does not know whether he is recorded cannot go on safely.
func (j *Journal) Append(ctx context.Context, e Entry) (Head, error) {
	return j.AppendAll(ctx, []Entry{e})
}

// AppendAll is Append for several entries, in their order, with one fsync.
// One that cannot be taken is ErrBadEntry for all of them. It returns the
// number and hash of the last.
func (j *Journal) AppendAll(ctx context.Context, entries []Entry) (Head, error) {
	for _, e := range entries {
		if err := e.check(); err != nil {
			return Head{}, fmt.Errorf("append to journal: %w", err)
		}
	}
	if err := ctx.Err(); err != nil {
		return Head{}, fmt.Errorf("append to journal: %w", err)
	}
	if len(entries) == 0 {
		return j.Head(), nil
	}
	group := make([]*pending, len(entries))
	for i, e := range entries {
		group[i] = &pending{entry: e, done: make(chan struct{})}
	}
	a := group[len(group)-1] // a group is committed as a whole: its last is done when all are
	j.mu.Lock()
	j.waiting = append(j.waiting, group...)
	j.mu.Unlock()
	select {
	case <-a.done:
	case j.turn <- struct{}{}:
		j.commit() // takes a with it, unless it is done already
		<-j.turn
	}
	if a.err != nil {
		return Head{}, fmt.Errorf("append to journal: %w", a.err)
	}
	return a.head, nil
}

// commit writes everything that waits with one write and one fsync. The
// caller holds the turn.
func (j *Journal) commit() {
	j.mu.Lock()
	batch, head, err := j.waiting, j.head, j.broken
	j.waiting = nil
	j.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	if err == nil {
		head, err = j.write(head, batch)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil && j.broken == nil {
		j.broken = err
	}
	if err == nil {
		j.head = head
	}
	for _, a := range batch {
		if err != nil {
			a.err = fmt.Errorf("%w: %w", ErrBroken, err)
		}
		close(a.done)
	}
}

func (j *Journal) write(head Head, batch []*pending) (Head, error) {
	var buf []byte
	for _, a := range batch {
		line, raw, err := chain(head, j.home, a.entry)
		if err != nil {
			return Head{}, err
		}
		buf = append(buf, raw...)
		head = Head{line.N, line.Hash}
		a.head = head
	}
	for part := range slices.Chunk(buf, tail) {
		if _, err := j.out.Write(part); err != nil {
			return Head{}, err
		}
		if err := j.out.Sync(); err != nil {
			return Head{}, err
		}
	}
	return head, nil
}

// Since yields, in order, the lines after number n that are on disk when the
// loop starts. It verifies from the first line on; damage ends the loop with
// an error that names the line.
func (j *Journal) Since(n int64) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		last := j.Head().N
		if n >= last {
			return
		}
		f, err := os.Open(j.path)
		if err != nil {
			yield(Line{}, fmt.Errorf("read journal: %w", err))
			return
		}
		defer f.Close()
		stopped := false
		head, _, _, err := scan(f, j.home, func(l Line) bool {
			stopped = l.N > n && !yield(l, nil)
			return !stopped && l.N < last
		})
		if err == nil && !stopped && head.N < last {
			err = fmt.Errorf("line %d: %w: it is gone", head.N+1, ErrDamaged)
		}
		if err != nil && !stopped {
			yield(Line{}, fmt.Errorf("read journal: %w", err))
		}
	}
}
