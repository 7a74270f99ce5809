package main

import (
	"strings"
	"testing"
)

// TestServeRefusesToBeOpenInPlain: personal data never crosses the house in
// plain because somebody forgot a setting.
func TestServeRefusesToBeOpenInPlain(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	secret := o.file("secret", "hush\n")
	for _, c := range []struct {
		name  string
		set   map[string]string
		args  []string
		ended int
		says  string
	}{
		{"all addresses", nil, []string{"--listen", "0.0.0.0:0"}, exitRefused, "暗号化なし"},
		{"any address", nil, []string{"--listen", ":0"}, exitRefused, "暗号化なし"},
		{"another machine's network", nil, []string{"--listen", "192.0.2.1:8480"}, exitRefused, "暗号化なし"},
		{"a proxy without https", map[string]string{"OSHIRASE_DESK_TRUSTED_PROXY": "10.0.0.5"}, []string{"--listen", "0.0.0.0:0"}, exitUsage, "desk.public_url"},
		{"no address", nil, []string{"--listen", "8480"}, exitUsage, "desk.listen"},
		{"certificate without key", map[string]string{"OSHIRASE_DESK_TLS_CERT_FILE": secret}, nil, exitUsage, "desk.tls_key_file"},
		{"no certificate in it", map[string]string{"OSHIRASE_DESK_TLS_CERT_FILE": secret, "OSHIRASE_DESK_TLS_KEY_FILE": secret}, nil, exitUsage, "証明書"},
		{"open by certificate, without a name", map[string]string{"OSHIRASE_DESK_TLS_CERT_FILE": secret, "OSHIRASE_DESK_TLS_KEY_FILE": secret},
			[]string{"--listen", "0.0.0.0:0"}, exitUsage, "desk.public_url"},
		{"provider in plain", map[string]string{"OSHIRASE_OIDC_ISSUER": "http://idp.example.jp", "OSHIRASE_OIDC_CLIENT_ID": "desk",
			"OSHIRASE_OIDC_CLIENT_SECRET_FILE": secret, "OSHIRASE_DESK_PUBLIC_URL": "https://desk.example.jp"}, nil, exitUsage, "oidc.issuer"},
		{"provider without the desk's address", map[string]string{"OSHIRASE_OIDC_ISSUER": "https://idp.example.jp", "OSHIRASE_OIDC_CLIENT_ID": "desk",
			"OSHIRASE_OIDC_CLIENT_SECRET_FILE": secret}, nil, exitUsage, "desk.public_url"},
		{"no passwords and no provider", map[string]string{"OSHIRASE_OIDC_ONLY": "true"}, nil, exitUsage, "oidc.issuer"},
	} {
		for k, v := range c.set {
			o.env[k] = v
		}
		code, _, errs := o.run(append([]string{"serve"}, c.args...)...)
		if code != c.ended || !strings.Contains(errs, c.says) {
			t.Errorf("%s: ended with %d, want %d: %s", c.name, code, c.ended, errs)
		}
		for k := range c.set {
			delete(o.env, k)
		}
	}
}
