package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"oshirase/batch/desk"
	"oshirase/batch/metrics"
)

func (p *program) cmdServe() *cobra.Command {
	var listen string
	c := p.command("serve", func(cmd *cobra.Command, _ []string) error {
		err := p.withHomeWithin(cmd.Context(), startWaits, func(h *house) error {
			if listen != "" {
				h.cfg.Desk.Listen = listen
			}
			return h.serve(cmd.Context())
		})
		return p.untilStopped(cmd.Context(), err)
	})
	c.Args = args(cobra.NoArgs)
	c.Flags().StringVar(&listen, "listen", "", p.words.flag("listen"))
	return c
}

// servingJSON says where the desk answers.
type servingJSON struct {
	URL string `json:"url"`
}

// serve is the command serve: the desk, until it is told to stop.
func (h *house) serve(ctx context.Context) (err error) {
	if faults := h.cfg.deskFaults(); len(faults) > 0 {
		f := faults[0]
		return fail(exitUsage, f.Code, errors.New("desk settings have faults"), append([]string{f.Key}, f.Args...)...)
	}
	if h.cfg.Desk.open() {
		return fail(exitRefused, "serve_open", errors.New("beyond this machine without TLS"), h.cfg.Desk.Listen)
	}
	secure, err := h.cfg.Desk.tls()
	if err != nil {
		return fail(exitUsage, "serve_tls", err)
	}
	count := &metrics.Desk{}
	d, closeDesk, err := h.newDesk(ctx, count)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDesk()) }()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", h.cfg.Desk.Listen)
	if err != nil {
		return fail(exitFailed, "serve_listen", err, h.cfg.Desk.Listen)
	}
	stopWatch, err := h.watch(ctx, "serve", h.cfg.Metrics.ServeListen, nil, count)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer func() { err = errors.Join(err, stopWatch()) }()
	if err := h.p.report("serve", servingJSON{h.cfg.Desk.address(l.Addr())}); err != nil {
		return errors.Join(err, l.Close())
	}
	var anchoring sync.WaitGroup
	defer anchoring.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	anchoring.Go(func() { h.anchorDaily(ctx) })
	return d.Serve(ctx, l, secure)
}

// anchorDaily signs the audit chain's head once a day, while the desk serves.
func (h *house) anchorDaily(ctx context.Context) {
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		if _, _, err := h.anchorDay(ctx); err != nil && ctx.Err() == nil {
			h.p.log.LogAttrs(ctx, slog.LevelError, "anchor the audit chain", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			return
		case <-hourly.C:
		}
	}
}

// newDesk joins the desk with ledger, audit chain and templates.
func (h *house) newDesk(ctx context.Context, count *metrics.Desk) (*desk.Desk, func() error, error) {
	if err := h.store.PrepareDesk(ctx); err != nil {
		return nil, nil, err
	}
	looks, closeLooks, err := h.looks()
	if err != nil {
		return nil, nil, fail(exitFailed, "audit", err)
	}
	chain, closeChain, err := h.deskChain(ctx)
	if err != nil {
		return nil, nil, errors.Join(fail(exitFailed, "audit", err), closeLooks())
	}
	closeAll := func() error { return errors.Join(closeChain(), closeLooks()) }
	// This opens what is else opened on first use: requests come side by side.
	pages, err := h.deskPages()
	if err != nil {
		return nil, nil, errors.Join(err, closeAll())
	}
	public, proxies, err := h.cfg.Desk.outside()
	if err != nil {
		return nil, nil, errors.Join(err, closeAll())
	}
	signOn, err := h.cfg.signOn()
	if err != nil {
		return nil, nil, errors.Join(err, closeAll())
	}
	d, err := desk.New(desk.Options{
		Templates: h.set, Ledger: h.store, Audit: recorder{looks, count}, Chain: chain, Steps: deskSteps{h}, Refusal: h.deskRefusal,
		Now: h.p.now, Random: h.p.random, Log: slog.New(slog.NewJSONHandler(h.p.err, nil)),
		Secure: h.cfg.Desk.secure(), PublicURL: public, Proxies: proxies, SignOn: signOn,
		Limits: desk.Limits{PerSecond: float64(h.cfg.Desk.PerSecond), Burst: 6 * h.cfg.Desk.PerSecond},
		Looks:  h.cfg.Desk.lookLimits(), Pages: pages, Packets: deskPackets{h}, Pause: holdBack, Answered: count.Answered,
	})
	if err != nil {
		return nil, nil, errors.Join(fail(exitProblems, "templates", err, err.Error()), closeAll())
	}
	return d, closeAll, nil
}

// tls reads the certificate; nil without one.
func (c deskConfig) tls() (*tls.Config, error) {
	if c.TLSCertFile == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(c.TLSCertFile, c.TLSKeyFile)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}
