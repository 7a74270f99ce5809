package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func open(t *testing.T, dir string) *Archive {
	t.Helper()
	a, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func read(t *testing.T, a *Archive, name string) string {
	t.Helper()
	r, err := a.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// everything lists all that lies below dir, staging included.
func everything(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, path); err == nil && rel != "." && rel != staging {
			all = append(all, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPutIsFoundByNameAndHash(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "archive")
	a := open(t, dir)
	got, err := a.Put("2023-02/runs/R1.pdf", text("page"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("page"))
	want := Entry{"2023-02/runs/R1.pdf", hex.EncodeToString(sum[:]), 4}
	if got != want {
		t.Errorf("Put = %v, want %v", got, want)
	}
	if s := read(t, a, want.Name); s != "page" {
		t.Errorf("Get gave %q", s)
	}
	if e, err := a.Stat(want.Name); err != nil || e != want {
		t.Errorf("Stat = %v, %v, want %v", e, err, want)
	}
	if err := a.Verify(want.Name, want.SHA256); err != nil {
		t.Errorf("Verify: %v", err)
	}
	for _, p := range []string{"", "2023-02", "2023-02/runs"} {
		if m := mode(t, filepath.Join(dir, p)); m != 0o700 {
			t.Errorf("directory %q has mode %o", p, m)
		}
	}
	if m := mode(t, filepath.Join(dir, want.Name)); m != 0o600 {
		t.Errorf("file has mode %o", m)
	}
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestVerifyFindsOneFlippedBit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, dir)
	e, err := a.Put("a.pdf", text("page"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.pdf"), []byte("pagd"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := a.Verify("a.pdf", e.SHA256); !errors.Is(err, ErrMismatch) {
		t.Errorf("Verify = %v, want ErrMismatch", err)
	}
	if err := a.Verify("b.pdf", e.SHA256); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Verify of a missing file = %v, want ErrNotExist", err)
	}
}

// TestForgetRemovesOneFolder: a month's files go, those of months whose names
// begin alike stay, and a second time finds nothing to do. A name that leads
// elsewhere removes nothing.
func TestForgetRemovesOneFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, dir)
	for _, name := range []string{"2023-02/letters/a.pdf", "2023-02/b.pdf", "2023-02b/c.pdf", "2023-03/d.pdf"} {
		if _, err := a.Put(name, text(name)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := a.Forget("2023-02"); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"2023-02b", "2023-02b/c.pdf", "2023-03", "2023-03/d.pdf"}
	if got := everything(t, dir); !slices.Equal(got, want) {
		t.Errorf("left %q, want %q", got, want)
	}
	for _, bad := range []string{"", ".", "..", "../2023-03", "/2023-03", "2023-03/../2023-02b"} {
		if err := a.Forget(bad); err == nil {
			t.Errorf("Forget(%q) said nothing", bad)
		}
	}
	if got := everything(t, dir); !slices.Equal(got, want) {
		t.Errorf("after names that lead elsewhere: %q, want %q", got, want)
	}
	if _, err := a.Put("2023-02/b.pdf", text("new")); err != nil {
		t.Errorf("put again: %v", err)
	}
}

func TestPutTwice(t *testing.T) {
	t.Parallel()
	a := open(t, t.TempDir())
	if _, err := a.Put("x", text("one")); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Put("x", text("one")); err != nil {
		t.Errorf("the same bytes again: %v", err)
	}
	if _, err := a.Put("x", text("two")); !errors.Is(err, ErrExists) {
		t.Errorf("other bytes: %v, want ErrExists", err)
	}
	if s := read(t, a, "x"); s != "one" {
		t.Errorf("now %q stands there", s)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	a := open(t, t.TempDir())
	for _, name := range []string{"", "/x", "x/", "a//b", "..", "a/../b", ".staging/x", "a/.hidden",
		"a b", "手紙", "a\x00", "a\\b", strings.Repeat("a", 241)} {
		if _, err := a.Put(name, text("x")); !errors.Is(err, ErrBadName) {
			t.Errorf("Put(%q) = %v, want ErrBadName", name, err)
		}
		if _, err := a.Get(name); !errors.Is(err, ErrBadName) {
			t.Errorf("Get(%q) = %v, want ErrBadName", name, err)
		}
	}
	for _, name := range []string{"a", "a/b-c_d.E9"} {
		if err := CheckName(name); err != nil {
			t.Errorf("CheckName(%q) = %v", name, err)
		}
	}
	if _, err := a.Get("missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Get of a missing file = %v", err)
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	dir := t.TempDir()
	a := open(t, dir)
	_, err := a.Put("x", func(w io.Writer) error {
		io.WriteString(w, "half")
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("Put = %v, want the writer's own error", err)
	}
	_, err = a.PutFolder("run", func(dir string) error {
		os.WriteFile(filepath.Join(dir, "half"), []byte("half"), 0o600)
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("PutFolder = %v, want the writer's own error", err)
	}
	if all := everything(t, dir); len(all) != 0 {
		t.Errorf("left behind: %v", all)
	}
}

func TestConcurrentPutOfOneName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, dir)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := map[string]int{}
	for i := range 16 {
		wg.Go(func() {
			body := strings.Repeat(fmt.Sprint(i%2), 100_000)
			_, err := a.Put("x", text(body))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won[body[:1]]++
			case !errors.Is(err, ErrExists):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	first := read(t, a, "x")[:1]
	if len(won) != 1 || won[first] != 8 {
		t.Errorf("succeeded %v, in the file %q: want the eight writers of one content", won, first)
	}
	if all := everything(t, dir); len(all) != 1 {
		t.Errorf("left behind: %v", all)
	}
}

func fillTwo(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "print"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "print", "1.pdf"), []byte("pages"), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "manifest.csv"), []byte("ids"), 0o644)
}

func TestFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, dir)
	for range 2 { // the second time is the same again
		got, err := a.PutFolder("runs/R1", fillTwo)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || got[0].Name != "runs/R1/manifest.csv" || got[1].Name != "runs/R1/print/1.pdf" {
			t.Fatalf("PutFolder = %v", got)
		}
	}
	if s := read(t, a, "runs/R1/print/1.pdf"); s != "pages" {
		t.Errorf("file in folder = %q", s)
	}
	if m := mode(t, filepath.Join(dir, "runs/R1/print")); m != 0o700 {
		t.Errorf("directory mode %o", m)
	}
	if m := mode(t, filepath.Join(dir, "runs/R1/manifest.csv")); m != 0o600 {
		t.Errorf("file mode %o", m)
	}
	_, err := a.PutFolder("runs/R1", func(dir string) error {
		return os.WriteFile(filepath.Join(dir, "manifest.csv"), []byte("ids"), 0o600)
	})
	if !errors.Is(err, ErrExists) {
		t.Errorf("other files: %v, want ErrExists", err)
	}
	if got, err := a.List("runs/R1"); err != nil || len(got) != 2 {
		t.Errorf("List = %v, %v", got, err)
	}
}

func TestFolderRefusesWhatIsNoFile(t *testing.T) {
	t.Parallel()
	fills := map[string]func(string) error{
		"empty":    func(string) error { return nil },
		"link":     func(d string) error { return os.Symlink("/etc/passwd", filepath.Join(d, "x")) },
		"bad name": func(d string) error { return os.WriteFile(filepath.Join(d, "電力"), nil, 0o600) },
	}
	for what, fill := range fills {
		dir := t.TempDir()
		if _, err := open(t, dir).PutFolder("run", fill); !errors.Is(err, ErrBadFolder) && !errors.Is(err, ErrBadName) {
			t.Errorf("%s: %v", what, err)
		}
		if all := everything(t, dir); len(all) != 0 {
			t.Errorf("%s left behind: %v", what, all)
		}
	}
}

// TestChild is not a test: it is the process that the next tests start.
func TestChild(t *testing.T) {
	dir := os.Getenv("ARCHIVE_CHILD_DIR")
	if dir == "" {
		return
	}
	a := open(t, dir)
	switch os.Getenv("ARCHIVE_CHILD_DOES") {
	case "hang in file":
		a.Put("x", func(w io.Writer) error {
			io.WriteString(w, "half")
			return hang()
		})
	case "hang in folder":
		a.PutFolder("run", func(dir string) error {
			os.WriteFile(filepath.Join(dir, "half"), []byte("half"), 0o600)
			return hang()
		})
	case "fill the disk":
		limit := syscall.Rlimit{Cur: 64 << 10, Max: 64 << 10}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		_, err := a.Put("x", func(w io.Writer) error {
			w.Write(make([]byte, 1<<20)) // error swallowed on purpose
			return nil
		})
		_, folderErr := a.PutFolder("run", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "x"), make([]byte, 1<<20), 0o600)
		})
		fmt.Println("too big:", errors.Is(err, syscall.EFBIG), errors.Is(folderErr, syscall.EFBIG))
	}
}

// hang says that the work has begun and waits to be killed. It waits on
// standard input, so that it also ends with its parent.
func hang() error {
	fmt.Println("ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func child(dir, does string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), "ARCHIVE_CHILD_DIR="+dir, "ARCHIVE_CHILD_DOES="+does)
	return cmd
}

func TestKilledWriterLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, does := range []string{"hang in file", "hang in folder"} {
		dir := t.TempDir()
		cmd := child(dir, does)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cmd.StdinPipe(); err != nil { // held open until the child is killed
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
			t.Fatalf("%s: child said %q, %v", does, line, err)
		}
		before := everything(t, dir)
		a := open(t, dir) // must leave the work in hand of the living child alone
		if after := everything(t, dir); len(before) == 0 || len(after) != len(before) {
			t.Errorf("%s: swept %v down to %v while its maker lives", does, before, after)
		}
		cmd.Process.Kill()
		cmd.Wait()
		if _, err := a.Get("x"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: half a file is visible: %v", does, err)
		}
		if _, err := a.PutFolder("run", fillTwo); err != nil {
			t.Errorf("%s: %v", does, err)
		}
		for _, name := range everything(t, dir) {
			if !strings.HasPrefix(name, "run") {
				t.Errorf("%s: leftover %s was not swept", does, name)
			}
		}
	}
}

func TestFullDiskLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, err := child(dir, "fill the disk").CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("too big: true true")) {
		t.Fatalf("child: %v\n%s", err, out)
	}
	if all := everything(t, dir); len(all) != 0 {
		t.Errorf("left behind: %v", all)
	}
}
