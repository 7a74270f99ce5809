package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"oshirase/batch/printing/sftptest"
	"oshirase/letters"
	"oshirase/letters/store"
)

// dropOffice is an office whose released letters wait for a printing company
// with a server of its own.
func dropOffice(t *testing.T) (*office, *sftptest.Server, int) {
	t.Helper()
	o, server := newOffice(t, ""), sftptest.Start(t)
	for key, value := range map[string]string{"HOST": "127.0.0.1", "PORT": strconv.Itoa(server.Port()), "USER": "oshirase",
		"KEY_FILE": server.KeyFile(t), "HOST_KEY": server.HostKey(), "DIR": "/"} {
		o.env["OSHIRASE_PRINT_SFTP_"+key] = value
	}
	o.approvedMonth(20, 1)
	o.ok("release", "2023-02", "--only", "print", "--as", "jiro", "--expect",
		strconv.Itoa(int(counts(t, o.ok("release", "2023-02", "--only", "print", "--json"))["total"])))
	return o, server, len(o.in(letters.QueuedPrint))
}

// beforePrinter counts how often each letter stands in a folder that the printing
// company can see.
func beforePrinter(t *testing.T, server *sftptest.Server) map[letters.ID]int {
	t.Helper()
	manifests, err := filepath.Glob(filepath.Join(server.Dir, "[0-9]*", "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[letters.ID]int)
	for _, path := range manifests {
		var m struct {
			Items []struct {
				Letter letters.ID `json:"letter"`
			} `json:"items"`
		}
		b, err := os.ReadFile(path)
		if err := errors.Join(err, json.Unmarshal(b, &m)); err != nil {
			t.Fatal(err)
		}
		for _, it := range m.Items {
			seen[it.Letter]++
		}
	}
	return seen
}

// allOnce holds what the printing company was shown against the ledger: every
// letter, once.
func (o *office) allOnce(server *sftptest.Server, want int) {
	o.t.Helper()
	seen := beforePrinter(o.t, server)
	for id, n := range seen {
		if n != 1 {
			o.t.Errorf("letter %s was handed over %d times", id, n)
		}
	}
	if got := len(o.in(letters.HandedOver)); got != want || len(seen) != want {
		o.t.Errorf("%d letters handed over, %d shown, want %d", got, len(seen), want)
	}
	o.ok("reconcile")
}

func TestWorkDropsRuns(t *testing.T) {
	t.Parallel()
	o, server, n := dropOffice(t)
	o.ok("work", "--once")
	o.allOnce(server, n)
	o.ok("work", "--once")
	o.allOnce(server, n)
}

// A server with another key than the known one gets nothing and is named; the
// run stays, and goes once when the key is right.
func TestWorkRefusesAnotherHostKey(t *testing.T) {
	t.Parallel()
	o, server, n := dropOffice(t)
	right := o.env["OSHIRASE_PRINT_SFTP_HOST_KEY"]
	o.env["OSHIRASE_PRINT_SFTP_HOST_KEY"] = string(ssh.MarshalAuthorizedKey(sftptest.NewKey(t).PublicKey()))
	for range 2 {
		_, errs := o.ends(1, "work", "--once")
		if !strings.Contains(errs, "印刷会社のサーバー（127.0.0.1）の鍵が、登録したもの") {
			t.Errorf("the key is not named: %s", errs)
		}
	}
	if entries, err := os.ReadDir(server.Dir); err != nil || len(entries) != 0 {
		t.Errorf("a stranger's server got %v, %v", entries, err)
	}
	if stays := len(o.in(letters.InPrintRun)); stays == 0 || len(o.in(letters.HandedOver)) != 0 {
		t.Errorf("%d letters stay in their run", stays)
	}
	o.env["OSHIRASE_PRINT_SFTP_HOST_KEY"] = right
	o.ok("work", "--once")
	o.allOnce(server, n)
}

// The line is cut between upload and rename, and the server is gone: nobody
// can tell. The run is never handed over again; after two people's word its
// letters go, once, in another.
func TestWorkLeavesAnUnansweredDropUncertain(t *testing.T) {
	t.Parallel()
	o, server, n := dropOffice(t)
	server.Set(sftptest.Faults{CutBefore: true})
	o.ends(5, "work", "--once")
	doubtful := o.in(letters.Uncertain)
	if len(doubtful) == 0 || o.runStates()["uncertain"] != 1 {
		t.Fatalf("%d letters uncertain, runs %v", len(doubtful), o.runStates())
	}
	server.Set(sftptest.Faults{})
	for range 2 {
		o.ends(5, "work", "--once")
	}
	seen := beforePrinter(t, server)
	for _, id := range doubtful {
		if seen[id] != 0 {
			t.Errorf("uncertain letter %s was handed over", id)
		}
	}
	if len(seen) != n-len(doubtful) {
		t.Errorf("%d of the %d others were shown", len(seen), n-len(doubtful))
	}
	left := func() []string {
		found, err := filepath.Glob(filepath.Join(server.Dir, ".part-*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if len(left()) != 1 {
		t.Errorf("while nobody has decided %v stands on the server, want the temporary folder", left())
	}
	o.ok("decide", "--waiting", "uncertain", "--propose", "not_received", "--reason", "印刷会社に確かめた", "--as", "hana")
	o.ok("decide", "--decision", "1", "--confirm", "--as", "jiro")
	if states := o.runStates(); states["uncertain"] != 0 || states["given_back"] != 1 {
		t.Errorf("runs after the decision: %v", states)
	}
	o.ok("work", "--once")
	o.allOnce(server, n)
	if len(left()) != 0 {
		t.Errorf("after the decision %v still stands on the server", left())
	}
}

// runStates counts the month's print runs by state.
func (o *office) runStates() map[string]int {
	o.t.Helper()
	states := make(map[string]int)
	o.ledger(func(s *store.Store) {
		runs, err := s.Runs(o.t.Context(), "2023-02")
		if err != nil {
			o.t.Fatal(err)
		}
		for _, r := range runs {
			states[r.State]++
		}
	})
	return states
}
