package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"oshirase/batch/email"
	"oshirase/letters"
)

func (p *program) cmdDemo() *cobra.Command {
	var contracts int
	c := p.command("demo", func(cmd *cobra.Command, _ []string) error {
		return p.demo(cmd.Context(), contracts)
	})
	c.Args = args(cobra.NoArgs)
	c.Flags().IntVar(&contracts, "contracts", 300, p.words.flag("demo_contracts"))
	return c
}

// demoJSON says what the demo made and where.
type demoJSON struct {
	Home     string        `json:"home"`
	Month    letters.Month `json:"month"`
	Lists    string        `json:"lists"`
	Proof    string        `json:"proof"`
	Print    string        `json:"print"`
	Mails    string        `json:"mails"`
	Mailed   int           `json:"mailed"`
	Packets  string        `json:"packets"`
	Report   string        `json:"report"`
	Password string        `json:"password_file"`
}

// demo runs a whole month with made-up lists in a fresh home, through the same
// commands as a real one. Mails go to a sink on this machine.
func (p *program) demo(ctx context.Context, contracts int) (err error) {
	if _, err := os.Stat(p.homeDir); err == nil {
		return fail(exitRefused, "demo_exists", os.ErrExist, p.homeDir)
	}
	d := &demonstration{p: p, month: letters.MonthOf(p.now())}
	if err := d.prepare(); err != nil {
		return err
	}
	sink, err := email.StartSink(p.inHome("mails"), "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start mail sink: %w", err)
	}
	defer func() { err = errors.Join(err, sink.Close()) }()
	d.port = sink.Port()
	if err := d.steps(ctx, contracts); err != nil {
		return err
	}
	received, err := sink.Entries()
	if err != nil {
		return fmt.Errorf("read mail sink: %w", err)
	}
	return p.report("demo", demoJSON{Home: p.homeDir, Month: d.month, Lists: p.inHome("lists"),
		Proof: p.inHome("proofs", string(d.month)+".pdf"), Print: p.inHome("print"), Mails: p.inHome("mails"),
		Mailed: len(received), Packets: p.inHome("packets", string(d.month)), Report: p.inHome("reports"), Password: d.password})
}

// demonstration runs commands one after the other.
type demonstration struct {
	p        *program
	month    letters.Month
	password string
	port     int
}

// prepare makes the home, marks it as a demo's and draws a password.
func (d *demonstration) prepare() error {
	if err := os.MkdirAll(d.p.homeDir, 0o700); err != nil {
		return fmt.Errorf("make home: %w", err)
	}
	var raw [12]byte
	if _, err := io.ReadFull(d.p.random, raw[:]); err != nil {
		return fmt.Errorf("draw password: %w", err)
	}
	d.password = d.p.inHome("demo-password")
	return errors.Join(
		os.WriteFile(d.p.inHome("demo"), nil, 0o600),
		os.WriteFile(d.password, []byte(hex.EncodeToString(raw[:])+"\n"), 0o600))
}

// steps is the month, command by command.
func (d *demonstration) steps(ctx context.Context, contracts int) error {
	m, lists := string(d.month), d.p.inHome("lists")
	today := string(letters.DateOf(d.p.now()))
	for _, step := range [][]string{
		{"user", "add", "demo-prepare", "--role", "prepare"},
		{"user", "add", "demo-approve", "--role", "approve"},
		{"user", "add", "demo-callcenter", "--role", "callcenter"},
		{"user", "add", "demo-retail", "--role", "retail"},
		{"user", "add", "demo-audit", "--role", "audit"},
		{"user", "add", "demo-admin", "--role", "admin"},
		{"sample", "--contracts", strconv.Itoa(contracts), "--out", lists},
		{"import", m, "--as", "demo-prepare", "--retailers", filepath.Join(lists, "retailers.csv"), filepath.Join(lists, "list.csv")},
		{"check", m},
		{"proof", m, "--as", "demo-prepare", "--reason", "demo"},
		{"render", m, "--as", "demo-prepare", "--date", today},
		{"approve", m, "--as", "demo-approve"},
		{"packets", m},
		{"approve", m, "--packets", "--as", "demo-approve"},
	} {
		if _, err := d.run(ctx, step...); err != nil {
			return err
		}
	}
	if err := d.assign(ctx); err != nil {
		return err
	}
	return d.leave(ctx)
}

// demoRetailers is how many retailers demo-retail looks after.
const demoRetailers = 5

// assign gives demo-retail a few of the month's packets.
func (d *demonstration) assign(ctx context.Context) error {
	line := []string{"user", "retailers", "demo-retail"}
	p := &program{err: d.p.err, env: d.env, now: d.p.now, random: d.p.random, homeDir: d.p.homeDir, dbURL: d.p.dbURL, words: d.p.words, log: d.p.log}
	err := p.withHome(ctx, func(h *house) error {
		made, err := h.store.Packets(ctx, d.month)
		for _, packet := range made[:min(len(made), demoRetailers)] {
			line = append(line, packet.Retailer)
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err = d.run(ctx, line...)
	return err
}

// leave releases, works and proves.
func (d *demonstration) leave(ctx context.Context) error {
	m := string(d.month)
	dry, err := d.run(ctx, "release", m, "--json")
	if err != nil {
		return err
	}
	var n struct {
		Total int `json:"total"`
	}
	if err := json.Unmarshal(dry, &n); err != nil {
		return fmt.Errorf("read dry run: %w", err)
	}
	for _, step := range [][]string{
		{"release", m, "--as", "demo-approve", "--expect", strconv.Itoa(n.Total)},
		{"work", "--once"},
		{"report", m},
		{"reconcile"},
	} {
		if _, err := d.run(ctx, step...); err != nil {
			return err
		}
	}
	return nil
}

// run runs one command as a person would and returns what it printed. That
// something waits for a person is no failure of a demo.
func (d *demonstration) run(ctx context.Context, line ...string) ([]byte, error) {
	fmt.Fprintf(d.p.err, "$ oshirase %s\n", strings.Join(line, " "))
	var out bytes.Buffer
	p := &program{in: nil, out: &out, err: d.p.err, env: d.env, now: d.p.now, random: d.p.random}
	code := p.run(ctx, append([]string{"--home", d.p.homeDir}, line...))
	if code != exitDone && code != exitWaits {
		return nil, fail(code, "demo_step", fmt.Errorf("%s ended with %d", line[0], code), line[0])
	}
	if !bytes.HasPrefix(out.Bytes(), []byte("{")) {
		if _, err := d.p.err.Write(out.Bytes()); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// env is the environment of the demo's commands: its own sink and password,
// and none of the house's settings.
func (d *demonstration) env(key string) (string, bool) {
	switch key {
	case "OSHIRASE_PASSWORD_FILE":
		return d.password, true
	case "OSHIRASE_MAIL_HOST":
		return "127.0.0.1", true
	case "OSHIRASE_MAIL_PORT":
		return strconv.Itoa(d.port), true
	case "OSHIRASE_MAIL_FROM":
		return "oshirase@example.jp", true
	case "OSHIRASE_MAIL_RETURN_DOMAIN":
		return "bounce.example.jp", true
	case "OSHIRASE_MAIL_PER_MINUTE":
		return "60000", true
	case "OSHIRASE_DB":
		return d.p.dbURL, d.p.dbURL != ""
	}
	return "", false
}
