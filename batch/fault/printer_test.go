package fault

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/crypto/ssh"

	"oshirase/batch/fault/reader"
)

// printer is the printing company's SFTP server in its own process.
type printer struct {
	t                     testing.TB
	root, fetched         string
	record, script        string
	port, hostKey, signIn string
	in                    io.Writer
	out                   *bufio.Reader
}

// showing is one entry of the printer's record.
type showing struct {
	Run     string            `json:"run"`
	How     string            `json:"how"`
	Files   map[string]string `json:"files"`
	Fetched bool              `json:"fetched"`
	Ending  string            `json:"ending"`
}

func startPrinter(t testing.TB, endings string, seed uint64) *printer {
	t.Helper()
	dir := t.TempDir()
	p := &printer{t: t, root: filepath.Join(dir, "root"), fetched: filepath.Join(dir, "fetched"), record: filepath.Join(dir, "record.jsonl"),
		script: filepath.Join(dir, "endings"), signIn: filepath.Join(dir, "key")}
	for _, d := range []string{p.root, p.fetched} {
		p.must(os.Mkdir(d, 0o700))
	}
	p.endings(endings)
	p.must(os.WriteFile(p.record, nil, 0o600))
	p.must(os.WriteFile(p.signIn+".pub", []byte(p.key(p.signIn)), 0o600))
	c := exec.Command(shared.build(t, "printer", "batch/fault/printer"), "--root", p.root, "--fetched", p.fetched, "--record", p.record,
		"--keys", p.signIn+".pub", "--endings", p.script, "--seed", fmt.Sprint(seed), fmt.Sprintf("--plain=%t", seed/2%2 == 0))
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	p.must(err)
	p.in, err = c.StdinPipe()
	p.must(err)
	p.must(c.Start())
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	})
	p.out = bufio.NewReader(out)
	p.port, p.hostKey = p.line(), p.line()
	return p
}

func (p *printer) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *printer) line() string {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	p.must(err)
	return strings.TrimSpace(line)
}

// key draws a key, writes it where that is asked, and returns its public part.
func (p *printer) key(path string) string {
	p.t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	p.must(err)
	block, err := ssh.MarshalPrivateKey(private, "")
	p.must(err)
	signer, err := ssh.NewSignerFromKey(private)
	p.must(err)
	if path != "" {
		p.must(os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	}
	return string(ssh.MarshalAuthorizedKey(signer.PublicKey()))
}

// endings changes how sessions end from now on.
func (p *printer) endings(script string) {
	p.t.Helper()
	p.must(os.WriteFile(p.script+".new", []byte(script), 0o600))
	p.must(os.Rename(p.script+".new", p.script))
}

// vars are the settings of a home that knows the server.
func (p *printer) vars() map[string]string {
	out := make(map[string]string)
	for key, value := range map[string]string{"HOST": "127.0.0.1", "PORT": p.port, "USER": "oshirase", "KEY_FILE": p.signIn, "HOST_KEY": p.hostKey, "DIR": "."} {
		out["OSHIRASE_PRINT_SFTP_"+key] = value
	}
	return out
}

// stranger are the settings of a home that knows the server by another key.
func (p *printer) stranger() map[string]string {
	return map[string]string{"OSHIRASE_PRINT_SFTP_HOST_KEY": p.key("")}
}

// quiet waits until no session is open: nothing changes any more.
func (p *printer) quiet() { p.t.Helper(); p.tell("quiet") }

// catchUp waits likewise, and has the server do what it has put off.
func (p *printer) catchUp() { p.t.Helper(); p.tell("catch up") }

func (p *printer) tell(what string) {
	p.t.Helper()
	_, err := io.WriteString(p.in, what+"\n")
	p.must(err)
	p.line()
}

// shown is everything that the company's staff could ever see.
func (p *printer) shown() []showing {
	p.t.Helper()
	raw, err := os.ReadFile(p.record)
	p.must(err)
	var all []showing
	for line := range bytes.Lines(raw) {
		var s showing
		p.must(json.Unmarshal(line, &s))
		all = append(all, s)
	}
	return all
}

// tally counts how the sessions ended in which a run appeared.
func (p *printer) tally() string {
	n := make(map[string]int)
	for _, s := range p.shown() {
		n[s.Ending]++
	}
	return told(n)
}

// left names the temporary folders on the server.
func (p *printer) left() []string {
	p.t.Helper()
	found, err := filepath.Glob(filepath.Join(p.root, ".part-*"))
	p.must(err)
	return found
}

// wrong says what the staff saw that it must never see: a run twice, one that
// did not appear by a rename, one that is not whole, and one that changed
// after it appeared.
func (p *printer) wrong(now []reader.Folder) (broken []string) {
	p.t.Helper()
	shown := make(map[string]showing)
	for _, s := range p.shown() {
		if s.How != "rename" {
			broken = append(broken, fmt.Sprintf("run %s: %s where the printer sees it (%s)", s.Run, s.How, s.Ending))
			continue
		}
		if before, ok := shown[s.Run]; ok {
			broken = append(broken, fmt.Sprintf("run %s was handed over twice (%s, then %s)", s.Run, before.Ending, s.Ending))
		}
		shown[s.Run] = s
	}
	for _, f := range now {
		s, ok := shown[f.Run]
		switch {
		case !ok:
			broken = append(broken, fmt.Sprintf("run %s stands before the printer and never appeared", f.Run))
		case len(f.Faults) > 0:
			broken = append(broken, fmt.Sprintf("run %s is not whole before the printer (%s): %v", f.Run, s.Ending, f.Faults))
		case !maps.Equal(s.Files, p.sums(f.Run)):
			broken = append(broken, fmt.Sprintf("run %s changed after it appeared (%s)", f.Run, s.Ending))
		}
	}
	return broken
}

// sums reads the files of a run wherever it stands.
func (p *printer) sums(run string) map[string]string {
	p.t.Helper()
	dir := filepath.Join(p.fetched, run)
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		dir = filepath.Join(p.root, run)
	}
	entries, err := os.ReadDir(dir)
	p.must(err)
	out := make(map[string]string)
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		p.must(err)
		sum := sha256.Sum256(content)
		out[e.Name()] = hex.EncodeToString(sum[:])
	}
	return out
}
