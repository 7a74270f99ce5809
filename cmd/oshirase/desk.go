package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"oshirase/batch/desk"
	"oshirase/batch/metrics"
	"oshirase/letters/audit"
)

// deskConfig is [desk] of the settings.
type deskConfig struct {
	Listen       string `toml:"listen"`
	PublicURL    string `toml:"public_url"`
	TLSCertFile  string `toml:"tls_cert_file"`
	TLSKeyFile   string `toml:"tls_key_file"`
	TrustedProxy string `toml:"trusted_proxy"`
	LooksAlert   int    `toml:"looks_alert"`
	LooksStop    int    `toml:"looks_stop"`
	PerSecond    int    `toml:"requests_per_second"`
}

// secure reports whether browsers reach the desk by https.
func (c deskConfig) secure() bool {
	return c.TLSCertFile != "" || strings.HasPrefix(c.PublicURL, "https://")
}

// open reports whether the desk would be reached from other machines in
// plain: neither a certificate nor a proxy that holds one.
func (c deskConfig) open() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && !loopback(host) && c.TLSCertFile == "" && (c.TrustedProxy == "" || !c.secure())
}

// address is the URL that a person opens.
func (c deskConfig) address(at net.Addr) string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/") + "/"
	}
	scheme := "http"
	if c.TLSCertFile != "" {
		scheme = "https"
	}
	return scheme + "://" + at.String() + "/"
}

// outside reads the public URL and the proxies.
func (c deskConfig) outside() (*url.URL, []netip.Prefix, error) {
	var public *url.URL
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || u.Path != "" && u.Path != "/" || u.Scheme != "https" && !loopback(u.Hostname()) {
			return nil, nil, errors.New("desk.public_url is not the address of a site")
		}
		public = u
	}
	var proxies []netip.Prefix
	for _, word := range strings.Fields(strings.ReplaceAll(c.TrustedProxy, ",", " ")) {
		p, err := netip.ParsePrefix(word)
		if ip, single := netip.ParseAddr(word); single == nil {
			p, err = netip.PrefixFrom(ip, ip.BitLen()), nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("desk.trusted_proxy: %w", err)
		}
		proxies = append(proxies, p)
	}
	return public, proxies, nil
}

// oidcConfig is [oidc] of the settings: the house's identity provider.
type oidcConfig struct {
	Issuer           string `toml:"issuer"`
	ClientID         string `toml:"client_id"`
	ClientSecretFile string `toml:"client_secret_file"`
	Scopes           string `toml:"scopes"`
	UserClaim        string `toml:"user_claim"`
	RoleClaim        string `toml:"role_claim"`
	Only             bool   `toml:"only"`
}

// signOn is the identity provider as the desk wants it; nil without one.
func (c *config) signOn() (*desk.SignOn, error) {
	o := c.OIDC
	if o.Issuer == "" {
		return nil, nil
	}
	secret, err := readSecret(o.ClientSecretFile)
	if err != nil {
		return nil, err
	}
	return &desk.SignOn{Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: secret, Scopes: strings.Fields(o.Scopes),
		UserClaim: o.UserClaim, RoleClaim: o.RoleClaim, Only: o.Only,
		ReturnURL: strings.TrimSuffix(c.Desk.PublicURL, "/") + "/signin/return"}, nil
}

// deskFaults names what cannot work in [desk] and [oidc].
func (c *config) deskFaults() []fault {
	var out []fault
	add := func(bad bool, key, code string, args ...string) {
		if bad {
			out = append(out, fault{key, code, args})
		}
	}
	k := c.Desk
	_, _, err := net.SplitHostPort(k.Listen)
	add(err != nil, "desk.listen", "setting_address")
	add(k.TLSCertFile != "" && k.TLSKeyFile == "", "desk.tls_key_file", "setting_missing")
	add(k.TLSCertFile == "" && k.TLSKeyFile != "", "desk.tls_cert_file", "setting_missing")
	add(k.TLSKeyFile != "" && !secretFile(k.TLSKeyFile), "desk.tls_key_file", "setting_secret")
	public := deskConfig{PublicURL: k.PublicURL}
	_, _, err = public.outside()
	add(err != nil, "desk.public_url", "setting_url")
	proxies := deskConfig{TrustedProxy: k.TrustedProxy}
	_, _, err = proxies.outside()
	add(err != nil, "desk.trusted_proxy", "setting_network")
	add(k.TrustedProxy != "" && !k.secure(), "desk.public_url", "setting_https")
	host, _, _ := net.SplitHostPort(k.Listen) // a fault of its own
	add(k.TLSCertFile != "" && !loopback(host) && k.PublicURL == "", "desk.public_url", "setting_missing")
	o := c.OIDC
	add(o.Issuer != "" && o.ClientID == "", "oidc.client_id", "setting_missing")
	add(o.Issuer != "" && !secretFile(o.ClientSecretFile), "oidc.client_secret_file", "setting_secret")
	add(o.Issuer != "" && k.PublicURL == "", "desk.public_url", "setting_missing")
	add(o.Issuer != "" && !safeURL(o.Issuer), "oidc.issuer", "setting_url")
	add(o.Issuer == "" && o.Only, "oidc.issuer", "setting_missing")
	return out
}

// safeURL reports whether an address is https, or on this machine.
func safeURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()))
}

// recorder writes the desk's looks to the audit chain.
type recorder struct {
	looks *audit.Writer
	count *metrics.Desk
}

// Record is desk.Recorder's.
func (r recorder) Record(ctx context.Context, e desk.Record) error {
	err := r.looks.Look(ctx, audit.Entry{Actor: e.Actor, Action: e.Action, Object: e.Object, Reason: e.Reason,
		Outcome: e.Outcome, Client: e.Client})
	if err == nil {
		r.count.Looked(e.Action, e.Outcome)
	}
	return err
}
