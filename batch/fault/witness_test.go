package fault

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/smtp"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// witness is the mail server in its own process.
type witness struct {
	record, log string
	port        string
}

// received is one mail that the witness has.
type received struct {
	MessageID string            `json:"message_id"`
	SHA256    string            `json:"sha256"`
	Rcpt      []string          `json:"rcpt"`
	Files     map[string]string `json:"files"`
	Ending    string            `json:"ending"`
}

func startWitness(t testing.TB, h *house, endings string, seed uint64, flags ...string) *witness {
	t.Helper()
	bin := shared.build(t, "witness", "batch/fault/witness")
	w := &witness{record: h.path("witness.jsonl"), log: h.path("relay.log")}
	c := exec.Command(bin, append(flags, "--record", w.record, "--log", w.log, "--endings", endings, "--seed", fmt.Sprint(seed), "--clock", h.path("clock"))...)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	h.must(err)
	h.must(c.Start())
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	h.must(err)
	w.port = strings.TrimSpace(line)
	h.vars["OSHIRASE_MAIL_HOST"], h.vars["OSHIRASE_MAIL_PORT"] = "127.0.0.1", w.port
	return w
}

// stranger is the domain of a system that shares the relay.
const stranger = "@other.example.jp"

// knock has another system send a mail through the relay, as all day long, so
// that its log reaches over this moment and shows it at work.
func (w *witness) knock(h *house) {
	h.t.Helper()
	var err error
	for range 50 { // its endings befall this mail too
		if err = w.foreign(); err == nil {
			return
		}
	}
	h.t.Fatalf("no mail of another system gets through: %v", err)
}

func (w *witness) foreign() error {
	c, err := smtp.Dial("127.0.0.1:" + w.port)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Mail("cron" + stranger); err != nil {
		return err
	}
	if err := c.Rcpt("root" + stranger); err != nil {
		return err
	}
	d, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(d, "Message-ID: <%d%s>\r\n\r\nnothing new\r\n", time.Now().UnixNano(), stranger); err != nil {
		return err
	}
	return d.Close()
}

// has reads which of our mails the witness has written down.
func (w *witness) has(t testing.TB) []received {
	t.Helper()
	raw, err := os.ReadFile(w.record)
	if err != nil {
		t.Fatal(err)
	}
	var all []received
	for line := range bytes.Lines(raw) {
		var r received
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // being written
		}
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(r.MessageID, stranger+">") {
			all = append(all, r)
		}
	}
	return all
}

// letterOf is the letter ID of a Message-ID, "<ID.gN@domain>".
func letterOf(messageID string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(messageID, "<"), ".g")
	return id
}

// compareMails holds the ledger's mails against the witness: I5 and I7, and
// that nobody got a letter twice. It returns what is broken.
func compareMails(all []row, has []received) (broken []string) {
	count := make(map[string]int)
	files := make(map[string]received)
	for _, r := range has {
		id := letterOf(r.MessageID)
		count[id]++
		files[id] = r
		if len(r.Rcpt) != 1 {
			broken = append(broken, fmt.Sprintf("mail of letter %s went to %d recipients", id, len(r.Rcpt)))
		}
	}
	known := make(map[string]bool)
	for _, r := range all {
		known[r.id] = true
		broken = append(broken, compareMail(r, count[r.id], files[r.id])...)
	}
	for id := range count {
		if !known[id] {
			broken = append(broken, fmt.Sprintf("letter %s: the witness has it, the ledger does not know it", id))
		}
	}
	return broken
}

// account counts the letters that nobody received and that did not end
// otherwise, and those that were received more than once.
func account(all []row, has []received) (lost, twice int) {
	count := make(map[string]int)
	for _, r := range has {
		count[letterOf(r.MessageID)]++
	}
	for _, r := range all {
		if count[r.id] == 0 && r.state != "failed_5xx" {
			lost++
		}
		if count[r.id] > 1 {
			twice++
		}
	}
	return lost, twice
}

func compareMail(r row, count int, has received) (broken []string) {
	if count > 1 {
		broken = append(broken, fmt.Sprintf("letter %s: sent %d times", r.id, count))
	}
	switch r.state {
	case "accepted":
		if count == 0 {
			broken = append(broken, fmt.Sprintf("letter %s: accepted, but the witness does not have it", r.id))
		}
	case "uncertain", "handing_over":
	default:
		if count > 0 {
			broken = append(broken, fmt.Sprintf("letter %s: %s, but the witness has it (%s)", r.id, r.state, has.Ending))
		}
	}
	if count == 0 {
		return broken
	}
	for name, sum := range has.Files {
		if sum != r.fileHash {
			broken = append(broken, fmt.Sprintf("letter %s: %s is not the approved file", r.id, name))
		}
	}
	if len(has.Files) != 1 {
		broken = append(broken, fmt.Sprintf("letter %s: %d files attached", r.id, len(has.Files)))
	}
	return broken
}
