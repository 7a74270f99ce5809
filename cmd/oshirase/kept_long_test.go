//go:build long

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
	"oshirase/letters/archive/s3test"
)

// onStore gives an office the settings of an S3 store.
func (o *office) onStore(s *s3test.Server, caFile string) {
	o.env["OSHIRASE_ARCHIVE_URL"] = s.Bucket + "/house"
	o.env["OSHIRASE_ARCHIVE_ACCESS_KEY_FILE"] = o.file("access", s3test.Access+"\n")
	o.env["OSHIRASE_ARCHIVE_SECRET_KEY_FILE"] = o.file("secret", s3test.Secret+"\n")
	o.env["OSHIRASE_ARCHIVE_CA_FILE"] = caFile
}

// TestKeptOnAStore: two machines of one ledger keep their letters on a real S3
// server over TLS, and each reads back what the other kept.
func TestKeptOnAStore(t *testing.T) {
	t.Parallel()
	ca := s3test.NewAuthority(t)
	server := s3test.Start(t, ca.Certificate(t, "127.0.0.1", time.Now().Add(time.Hour))...)
	first := newOffice(t, postgres(t))
	second := &office{t: t, home: filepath.Join(t.TempDir(), "home"), db: first.db, now: first.now, env: map[string]string{}}
	if err := os.MkdirAll(second.home, 0o700); err != nil {
		t.Fatal(err)
	}
	second.file("demo", "")
	second.env["OSHIRASE_PASSWORD_FILE"] = second.file("password", officePassword+"\n")
	both := []*office{first, second}
	for _, o := range both {
		o.onStore(server, ca.File)
	}
	here, elsewhere := first.keep("2023-01", 12, 1), second.keep("2023-02", 14, 2)
	for _, o := range both {
		o.reword()
		if entries, _ := os.ReadDir(filepath.Join(o.home, "archive")); len(entries) != 0 {
			t.Errorf("%d letters are kept in the home", len(entries))
		}
	}
	object := func(name string) string { return filepath.Join(server.Dir, "house", name) }
	for i, o := range both {
		read := []string{keptName("2023-01", here[i], 1), keptName("2023-02", elsewhere[i], 1)}
		o.readsBack(here[i], object(read[0]))
		o.readsBack(elsewhere[i], object(read[1]))
	}
	for _, id := range append(here, elsewhere...) { // all that were kept, from the machine that did not
		o, month := second, "2023-01"
		if _, err := os.Stat(object(keptName("2023-02", id, 1))); err == nil {
			o, month = first, "2023-02"
		}
		want, err := os.ReadFile(object(keptName(letters.Month(month), id, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := o.pdfOf(id); err != nil || string(got) != string(want) {
			t.Errorf("letter %s: %d bytes, want %d; %v", id, len(got), len(want), err)
		}
	}
	t.Logf("%d letters read back from the other machine", len(here)+len(elsewhere))
}

// TestStoreCertificates: a certificate that does not fit is named in one
// sentence, when writing and when reading, and a fitting one of the system's
// authorities needs no setting.
func TestStoreCertificates(t *testing.T) {
	t.Parallel()
	ca := s3test.NewAuthority(t)
	soon := time.Now().Add(time.Hour)
	server := s3test.Start(t, ca.Certificate(t, "127.0.0.1", soon)...)
	o := newOffice(t, "")
	o.onStore(server, ca.File)
	id := o.keep("2023-02", 12, 1)[0]
	o.reword()
	for name, store := range map[string]struct {
		server *s3test.Server
		ca     string
	}{
		"another authority": {server, s3test.NewAuthority(t).File},
		"no authority":      {server, ""},
		"another host":      {s3test.Start(t, ca.Certificate(t, "archive.example.jp", soon)...), ca.File},
	} {
		o.onStore(store.server, store.ca)
		for _, line := range [][]string{
			{"pdf", string(id), "--as", "hana", "--reason", "照会", "-o", filepath.Join(t.TempDir(), "x.pdf")},
			{"render", "2023-02", "--as", "hana", "--date", "2023-02-08", "--keep"},
		} {
			begun := time.Now()
			if _, errs := o.ends(1, line...); strings.Count(errs, "証明書が") != 1 {
				t.Errorf("%s: %s says %q", name, line[0], errs)
			}
			t.Logf("%s: %s refused after %s", name, line[0], time.Since(begun).Round(100*time.Millisecond))
		}
	}
	o.onStore(server, o.file("text.pem", "no certificate"))
	if _, errs := o.ends(2, "pdf", string(id), "--as", "hana", "--reason", "照会"); !strings.Contains(errs, "PEM") {
		t.Errorf("a file without a certificate: %s", errs)
	}
	o.onStore(&s3test.Server{Bucket: "https://127.0.0.1:1/letters"}, ca.File)
	if _, errs := o.ends(1, "pdf", string(id), "--as", "hana", "--reason", "照会"); !strings.Contains(errs, "保管先のサーバーが使えません") {
		t.Errorf("a store that is away: %s", errs)
	}
	o.onStore(server, "")
	o.systemRoots(string(id), ca.File)
}

// systemRoots runs the program itself on a machine whose system knows the
// authority.
func (o *office) systemRoots(id, ca string) {
	o.t.Helper()
	program := filepath.Join(o.t.TempDir(), "oshirase")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		o.t.Fatalf("%v\n%s", err, out)
	}
	for file, want := range map[string]int{ca: 0, os.DevNull: 1} {
		c := exec.Command(program, "--home", o.home, "pdf", id, "--as", "hana", "--reason", "照会", "-o", filepath.Join(o.t.TempDir(), "x.pdf"))
		c.Env = []string{"SSL_CERT_FILE=" + file, "SSL_CERT_DIR=" + o.t.TempDir()}
		for k, v := range o.env {
			if v != "" {
				c.Env = append(c.Env, k+"="+v)
			}
		}
		out, _ := c.CombinedOutput()
		if got := c.ProcessState.ExitCode(); got != want {
			o.t.Errorf("with the system's authorities in %s it ends with %d, want %d: %s", filepath.Base(file), got, want, out)
		}
	}
}
