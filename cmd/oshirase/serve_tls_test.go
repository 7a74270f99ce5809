package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

// certificate makes a key and a certificate for this machine in the home.
func (o *office) certificate() *x509.CertPool {
	o.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		o.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		o.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		o.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	pool.AppendCertsFromPEM(public)
	o.env["OSHIRASE_DESK_TLS_CERT_FILE"] = o.file("desk.crt", string(public))
	o.env["OSHIRASE_DESK_TLS_KEY_FILE"] = o.file("desk.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	return pool
}

func TestServeWithACertificate(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	pool := o.certificate()
	at := o.serving()
	if !strings.HasPrefix(at, "https://127.0.0.1:") {
		t.Fatalf("the desk answers at %s", at)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at+"/signin",
		strings.NewReader(url.Values{"name": {"hana"}, "password": {officePassword}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	cookie := res.Header.Get("Set-Cookie")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(cookie, "__Host-oshirase=") || !strings.Contains(cookie, "Secure") {
		t.Errorf("status %d, cookie %q", res.StatusCode, cookie)
	}
}

// TestServeBesideWork: on a SQLite ledger the desk answers while a work makes
// its print runs and a list is taken in.
func TestServeBesideWork(t *testing.T) {
	t.Parallel()
	o := newDeskOffice(t)
	at := o.serving()
	month := string(letters.MonthOf(o.now))
	o.ok("approve", month, "--as", "jiro")
	dry := counts(t, o.ok("release", month, "--only", "print", "--json"))
	o.ok("release", month, "--only", "print", "--as", "jiro", "--expect", fmt.Sprint(dry["total"]))
	done := make(chan int, 1)
	go func() { code, _, _ := o.run("work", "--once"); done <- code }()
	working := true
	for answers := 0; working && answers < 50; answers++ { // the desk slows down whoever asks more
		res, err := http.Get(at + "/signin")
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("the desk answers %d, %v", res.StatusCode, err)
		}
		select {
		case code := <-done:
			done <- code
			working = false
			t.Logf("%d answers while work ran", answers+1)
		default:
		}
	}
	if code := <-done; code != exitDone && code != exitWaits {
		t.Errorf("work ended with %d", code)
	}
	o.ok("reconcile")
}
