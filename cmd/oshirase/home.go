package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"oshirase/fonts"
	"oshirase/letters/audit"
	"oshirase/letters/postal"
	"oshirase/letters/store"
	"oshirase/templates"
)

// house is an opened home: settings, words, ledger. Parts that cost time are
// opened when a command first needs them.
type house struct {
	p     *program
	cfg   config
	id    string // of this home, for the journal
	set   *templates.Set
	store *store.Store

	library *fonts.Library
	postal  *postal.Data
	made    string // version(), once it is known
}

// openWithin reads the settings and opens the ledger, making both on first use.
// It waits as long as told for a database that is away.
func (p *program) openWithin(ctx context.Context, limit time.Duration) (*house, error) {
	h, err := p.openWords()
	if err != nil {
		return nil, err
	}
	if h.id, err = homeID(p.inHome("home.id"), p.random); err != nil {
		return nil, fmt.Errorf("read home id: %w", err)
	}
	target, o := p.ledger(h.cfg), store.Options{Now: p.now, Random: p.random}
	if p.freshLedger(h.cfg) {
		if err := store.Migrate(ctx, target, o); err != nil {
			return nil, fmt.Errorf("make ledger: %w", err)
		}
	}
	err = p.atStart(ctx, limit, func() (err error) {
		h.store, err = store.Open(ctx, target, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	return h, nil
}

// openWords reads settings and templates alone.
func (p *program) openWords() (*house, error) {
	if err := os.MkdirAll(p.homeDir, 0o700); err != nil {
		return nil, fmt.Errorf("make home: %w", err)
	}
	cfg, err := p.readConfig()
	if err != nil {
		return nil, err
	}
	set, err := p.readTemplates()
	if err != nil {
		return nil, err
	}
	return &house{p: p, cfg: cfg, set: set}, nil
}

// readTemplates lays HOME/incident over the shipped templates, and in a demo
// home the made-up values between them.
func (p *program) readTemplates() (*templates.Set, error) {
	var overlays []fs.FS
	if p.isDemo() {
		overlays = append(overlays, templates.DemoOverlay())
	}
	if dir := p.inHome("incident"); isDir(dir) {
		overlays = append(overlays, os.DirFS(dir))
	}
	set, err := templates.Load(templates.Shipped(), overlays...)
	if err != nil {
		return nil, fail(exitProblems, "templates", err, p.faultOf(err))
	}
	return set, nil
}

// faultOf says the first fault of a wording in the shipped words; another error
// stands for itself.
func (p *program) faultOf(err error) string {
	if fault, ok := errors.AsType[*templates.FileError](err); ok {
		key := fault.Key
		switch {
		case fault.Code == "stray" && key != "":
			key = p.words.sentence("template_meant", key)
		case fault.Code == "syntax":
			key = p.at(key)
		}
		return p.words.sentence("template_"+fault.Code, fault.File, strconv.Itoa(fault.Line), key)
	}
	faults, ok := errors.AsType[templates.Faults](err)
	shipped, broken := templates.Load(templates.Shipped())
	if !ok || broken != nil {
		return err.Error()
	}
	reason, advice := shipped.Problem(faults[0])
	return faults[0].File + ": " + reason + "。" + advice
}

// isDemo reports whether the home was made by demo.
func (p *program) isDemo() bool {
	_, err := os.Stat(p.inHome("demo"))
	return err == nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// ledger is the URL of PostgreSQL or the path of SQLite's file.
func (p *program) ledger(c config) string {
	if c.DB != "" {
		return c.DB
	}
	return p.inHome("ledger.db")
}

// onPostgres reports whether the ledger is on PostgreSQL.
func onPostgres(c config) bool {
	return strings.HasPrefix(c.DB, "postgres://") || strings.HasPrefix(c.DB, "postgresql://")
}

// freshLedger reports whether there is no SQLite ledger yet. An empty
// PostgreSQL database is made ready by migrate, never by chance.
func (p *program) freshLedger(c config) bool {
	if onPostgres(c) {
		return false
	}
	_, err := os.Stat(p.ledger(c))
	return errors.Is(err, fs.ErrNotExist)
}

// homeID reads the home's identity, drawing it on first use.
func homeID(path string, random io.Reader) (string, error) {
	b, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(b)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var raw [8]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", err
	}
	id := hex.EncodeToString(raw[:])
	return id, writeFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, id+"\n")
		return err
	})
}

func (h *house) close() error { return h.store.Close() }

// faces opens the fonts, with the house's own beside the shipped ones.
func (h *house) faces() (*fonts.Library, error) {
	if h.library != nil {
		return h.library, nil
	}
	var o fonts.Options
	if dir := h.p.inHome("fonts"); isDir(dir) {
		o.HouseDir = os.DirFS(dir)
	}
	lib, err := fonts.Open(o)
	if err != nil {
		return nil, fmt.Errorf("open fonts: %w", err)
	}
	h.library = lib
	return lib, nil
}

// towns opens the postal data: the house's, or the shipped one.
func (h *house) towns() (*postal.Data, error) {
	if h.postal != nil {
		return h.postal, nil
	}
	data, err := h.readTowns()
	if err != nil {
		return nil, fmt.Errorf("read postal data: %w", err)
	}
	h.postal = data
	return data, nil
}

func (h *house) readTowns() (*postal.Data, error) {
	f, err := os.Open(h.p.postalFile())
	if errors.Is(err, fs.ErrNotExist) {
		return postal.Load()
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return postal.Read(f)
}

// looks opens the audit chain for writing.
func (h *house) looks() (*audit.Writer, func() error, error) {
	log, closeLog, err := h.chain()
	if err != nil {
		return nil, nil, err
	}
	return audit.NewWriter(log, h.p.now), closeLog, nil
}

// look records who looks at what and why, before anything is shown.
func (h *house) look(ctx context.Context, action, object, by, reason string) error {
	return h.note(ctx, audit.Entry{Actor: by, Action: action, Object: object, Reason: reason, Outcome: "shown", Client: "terminal"})
}

// note puts a record into the audit chain, durably.
func (h *house) note(ctx context.Context, e audit.Entry) (err error) {
	w, closeLog, err := h.looks()
	if err != nil {
		return fail(exitFailed, "audit", err)
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	if err := w.Look(ctx, e); err != nil {
		return fail(exitFailed, "audit", err)
	}
	return nil
}

// withHome opens the home, runs the command and closes it.
func (p *program) withHome(ctx context.Context, run func(h *house) error) error {
	return p.withHomeWithin(ctx, noWait, run)
}

// withHomeWithin is withHome for a command that waits for its ledger.
func (p *program) withHomeWithin(ctx context.Context, limit time.Duration, run func(h *house) error) (err error) {
	h, err := p.openWithin(ctx, limit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	return run(h)
}
