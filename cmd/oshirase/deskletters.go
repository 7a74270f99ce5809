package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"sync"
	"time"

	"oshirase/batch"
	"oshirase/batch/desk"
	"oshirase/letters"
)

// deskPages shows letters at the desk with presses that are kept: making one
// costs more than a page does.
type deskPages struct {
	h        *house
	newPress func() batch.Press
	presses  sync.Pool
}

func (h *house) deskPages() (*deskPages, error) {
	newPress, err := h.presses()
	if err != nil {
		return nil, err
	}
	return &deskPages{h: h, newPress: newPress}, nil
}

func (p *deskPages) press() *press {
	if x, ok := p.presses.Get().(*press); ok {
		return x
	}
	return p.newPress().(*press)
}

// SVG is desk.LetterPages. A page that is no longer what was approved is not
// shown: the archived PDF is.
func (p *deskPages) SVG(_ context.Context, l letters.Letter, d letters.Dispatch, page int, w io.Writer) error {
	x := p.press()
	defer p.presses.Put(x)
	l.Generation = d.Generation
	_, r, err := x.pages(&l)
	if err != nil {
		return fmt.Errorf("lay out: %w", err)
	}
	if d.Rendering.ContentHash != "" && r.ContentHash != d.Rendering.ContentHash {
		return &desk.Refusal{Status: http.StatusConflict, Key: "pages_changed", Err: errors.New("pages differ from those recorded")}
	}
	in, _, err := x.input(&l)
	if err != nil {
		return err
	}
	return x.renderer.SVG(in, page, w)
}

// PDF is desk.LetterPages.
func (p *deskPages) PDF(ctx context.Context, l letters.Letter, d letters.Dispatch) ([]byte, error) {
	body, _, err := p.h.pagesAgain(ctx, &l, d)
	f, _ := errors.AsType[*failure](err)
	switch {
	case f == nil:
		return body, err
	case f.Key == "pages_changed":
		return nil, &desk.Refusal{Status: http.StatusConflict, Key: "pages_gone", Err: err}
	case f.Key == "archive_altered":
		return nil, &desk.Refusal{Status: http.StatusConflict, Key: f.Key, Err: err}
	case f.Key == "archive_store" || f.Key == "archive_certificate":
		return nil, &desk.Refusal{Status: http.StatusServiceUnavailable, Key: "archive_away", Err: err}
	}
	return nil, err
}

// deskPackets reads finished packets for the desk.
type deskPackets struct{ h *house }

// File is desk.PacketFiles. The file is proved by its hash before a byte of
// it leaves.
func (p deskPackets) File(ctx context.Context, made letters.Packet, f letters.PacketFile) ([]byte, error) {
	if !slices.Contains(made.Files, f) {
		return nil, fs.ErrNotExist
	}
	if err := p.h.unpurged(ctx, made.Month); err != nil {
		return nil, err
	}
	a, err := p.h.openPackets()
	if err != nil {
		return nil, err
	}
	name := folderOf(made) + "/" + f.Name
	if err := a.Verify(name, f.SHA256); err != nil {
		return nil, err
	}
	r, err := a.Get(name)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r)
	return body, errors.Join(err, r.Close())
}

// lookLimits are those of the settings: the look-up of that number alerts, or
// is refused; 0 is no limit.
func (c deskConfig) lookLimits() desk.LookLimits {
	return desk.LookLimits{Span: 10 * time.Minute, Alert: max(0, c.LooksAlert-1), Stop: max(0, c.LooksStop-1)}
}

// searchPause is how long a search without a number is held back.
const searchPause = 2 * time.Second

// holdBack waits, or ends with ctx.
func holdBack(ctx context.Context) error {
	t := time.NewTimer(searchPause)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
