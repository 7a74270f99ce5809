package fault

import (
	"fmt"
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
	c.port = freePort(t)
	c.do("pg_ctl", "-D", c.data(), "-w", "-t", "60", "-l", filepath.Join(c.dir, "log"), "-o",
		fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c full_page_writes=off -c max_connections=100", c.port), "start")
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

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	line := append(slices.Clone(c.as), append([]string{filepath.Join(c.bin, name)}, args...)...)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir = "/"
	return cmd
}

// do runs a server program. Its output goes to a file: the server it starts
// keeps what it inherits.
func (c *cluster) do(name string, args ...string) {
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
		c.t.Fatalf("%s: %v\n%s", name, err, said)
	}
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
