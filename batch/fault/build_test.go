package fault

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// shop builds programs, each once for the whole run.
type shop struct {
	dir   string
	mu    sync.Mutex
	built map[string]*sync.Once
	fail  map[string]error
}

// shared is the shop of this test process; TestMain makes and removes it.
var shared *shop

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "oshirase-fault-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	shared = &shop{dir: dir, built: make(map[string]*sync.Once), fail: make(map[string]error)}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// build returns the path of a program; name tells apart what flags make of it.
func (s *shop) build(t testing.TB, name, pkg string, flags ...string) string {
	t.Helper()
	s.mu.Lock()
	once := s.built[name]
	if once == nil {
		once = new(sync.Once)
		s.built[name] = once
	}
	s.mu.Unlock()
	path := filepath.Join(s.dir, name)
	once.Do(func() {
		args := append([]string{"build", "-o", path}, flags...)
		out, err := exec.Command("go", append(args, "oshirase/"+pkg)...).CombinedOutput()
		if err != nil {
			s.mu.Lock()
			s.fail[name] = fmt.Errorf("build %s: %w\n%s", name, err, out)
			s.mu.Unlock()
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail[name]; err != nil {
		t.Fatal(err)
	}
	return path
}

// program is the real program with its failpoints.
func program(t testing.TB) string {
	return shared.build(t, "oshirase", "cmd/oshirase", "-tags", "failpoint")
}

// overlay writes changed sources for `go build -overlay` and returns the flag.
// The tree itself is not touched: a planted bug cannot get into the program.
func overlay(t testing.TB, name string, changed map[string]string) string {
	t.Helper()
	replace := make(map[string]string)
	for path, content := range changed {
		to := filepath.Join(shared.dir, name+"-"+filepath.Base(path))
		if err := os.WriteFile(to, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[path] = to
	}
	raw, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(shared.dir, name+"-overlay.json")
	if err := os.WriteFile(list, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return "-overlay=" + list
}

// size is a number of the run's size, from the environment.
func size(name string, small int) int {
	if n, err := strconv.Atoi(os.Getenv("FAULT_" + name)); err == nil {
		return n
	}
	return small
}

// seed is the run's seed, printed so that it can be replayed.
func seed(t testing.TB) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(os.Getenv("FAULT_SEED"), 10, 64)
	if err != nil {
		n = uint64(time.Now().UnixNano()) % 1_000_000
	}
	t.Logf("FAULT_SEED=%d", n)
	return n
}

// progress says where a long run stands, on standard error.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// module is the folder of go.mod.
func module(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
