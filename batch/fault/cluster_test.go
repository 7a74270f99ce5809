package fault

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"testing"
)

// cluster is a PostgreSQL of this test's own, which it may crash. Commits wait
// for the log (synchronous_commit), so that a crash of the server loses none;
// fsync is off, since the machine itself does not crash.
type cluster struct {
	t    testing.TB
	dir  string
	bin  string
	as   []string
	port int
}

func startCluster(t testing.TB) *cluster {
	t.Helper()
	c := &cluster{t: t, bin: postgresBin(t)}
	var err error
	if c.dir, err = os.MkdirTemp("", "oshirase-pg-"); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 { // the server refuses to run as root
		name := "nobody"
		if _, err := user.Lookup("postgres"); err == nil {
			name = "postgres"
		}
		c.as = []string{"runuser", "-u", name, "--"}
		if out, err := exec.Command("chown", name, c.dir).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	t.Cleanup(func() {
		_ = c.command("pg_ctl", "-D", c.data(), "-m", "immediate", "-w", "stop").Run()
		_ = os.RemoveAll(c.dir)
	})
	c.do("initdb", "-D", c.data(), "-U", "oshirase", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
	c.start()
	return c
}

func postgresBin(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(found) == 0 {
		t.Fatal("PostgreSQL server programs are missing; install postgresql (15 or newer)")
	}
	return slices.Max(found)
}

// start starts the server on a port of its own. A port that was free a moment
// ago may be taken now: then another is tried.
func (c *cluster) start() {
	c.t.Helper()
	var err error
	for range 20 {
		c.port = freePort(c.t)
		if err = c.try("pg_ctl", "-D", c.data(), "-w", "-t", "60", "-l", filepath.Join(c.dir, "log"), "-o",
			fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c full_page_writes=off -c max_connections=100", c.port), "start"); err == nil {
			return
		}
	}
	c.t.Fatal(err)
}

// freePort is a port on which nobody listens. It lies below those that the
// system gives to connections, of which one could take it while its server is
// down.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 10_000 + rand.IntN(5_000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	line := append(slices.Clone(c.as), append([]string{filepath.Join(c.bin, name)}, args...)...)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir = "/"
	return cmd
}

// do runs a server program.
func (c *cluster) do(name string, args ...string) {
	c.t.Helper()
	if err := c.try(name, args...); err != nil {
		c.t.Fatal(err)
	}
}

// try is do that may fail. The program's output goes to a file: the server it
// starts keeps what it inherits.
func (c *cluster) try(name string, args ...string) error {
	c.t.Helper()
	log := filepath.Join(c.dir, name+".out")
	out, err := os.Create(log)
	if err != nil {
		c.t.Fatal(err)
	}
	defer out.Close()
	cmd := c.command(name, args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(log)
		server, _ := os.ReadFile(filepath.Join(c.dir, "log")) // there may be none yet
		return fmt.Errorf("%s: %w\n%s%s", name, err, said, server)
	}
	return nil
}

// crash restarts the server as after a crash: every session ends at once,
// whatever it was doing.
func (c *cluster) crash() {
	c.t.Helper()
	c.do("pg_ctl", "-D", c.data(), "-m", "immediate", "-w", "-t", "60", "restart")
}

func (c *cluster) url(db string) string {
	return fmt.Sprintf("postgres://oshirase@127.0.0.1:%d/%s?sslmode=disable", c.port, db)
}
