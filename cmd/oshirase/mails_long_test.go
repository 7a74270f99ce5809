//go:build long

package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"oshirase/batch/email"
	"oshirase/letters"
)

// mailMonth is the number of mails of TestMails: the incident report's number
// of contracts, each for a person of its own. OSHIRASE_MAILS changes it.
const mailMonth = 44_855

// TestMails sends a month of mails through the commands to the sink, which
// keeps each on its disk before it answers, and says how many were accepted,
// came twice, or are lost.
func TestMails(t *testing.T) {
	n := mailMonth
	if v := os.Getenv("OSHIRASE_MAILS"); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil {
			t.Fatal(err)
		}
	}
	o := newOffice(t, "")
	sink, err := email.StartSink(filepath.Join(o.home, "mails"), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	for k, v := range map[string]string{"HOST": "127.0.0.1", "PORT": strconv.Itoa(sink.Port()), "FROM": "oshirase@example.jp",
		"RETURN_DOMAIN": "bounce.example.jp", "PER_MINUTE": "0", "SENDERS": "2"} {
		o.env["OSHIRASE_MAIL_"+k] = v
	}
	o.ok("sample", "--contracts", "200", "--encoding", "utf8", "--out", filepath.Join(o.home, "lists"))
	o.ok("import", "2023-02", "--as", "hana", "--retailers", filepath.Join(o.home, "lists", "retailers.csv"), o.mailList(n))
	o.ok("render", "2023-02", "--as", "hana", "--date", "2023-02-08")
	o.ok("approve", "2023-02", "--as", "jiro")
	o.ok("release", "2023-02", "--as", "jiro", "--expect", strconv.Itoa(n))
	start := time.Now()
	work := counts(t, o.ok("work", "--once", "--json"))
	took := time.Since(start)
	once, twice := received(t, sink)
	accepted := o.in(letters.Accepted)
	lost := 0
	for _, id := range accepted {
		if !once[email.MessageID(id, 1, "bounce.example.jp")] {
			lost++
		}
	}
	t.Logf("%d mails: accepted %v, at the sink %d, twice %d, lost %d, %.1f mails/s", n, work["accepted"], len(once), twice, lost,
		float64(n)/took.Seconds())
	if int(work["accepted"]) != n || len(accepted) != n || len(once) != n || twice != 0 || lost != 0 {
		t.Errorf("%v accepted, %d in the ledger, %d at the sink, %d twice, %d lost, want %d and none twice or lost",
			work["accepted"], len(accepted), len(once), twice, lost, n)
	}
	o.ok("reconcile")
}

// received is what the sink holds: each Message-ID, and how many came again.
func received(t *testing.T, sink *email.Sink) (once map[string]bool, twice int) {
	t.Helper()
	entries, err := sink.Entries()
	if err != nil {
		t.Fatal(err)
	}
	once = make(map[string]bool, len(entries))
	for _, e := range entries {
		if once[e.MessageID] || e.Recipients != 1 {
			twice++
		}
		once[e.MessageID] = true
	}
	return once, twice
}

// mailList is a list of n contracts, each of another person who wants mail,
// made from the plainest row of a sample list.
func (o *office) mailList(n int) string {
	o.t.Helper()
	content, err := os.ReadFile(filepath.Join(o.home, "lists", "list.csv"))
	if err != nil {
		o.t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(content), "\ufeff"))).ReadAll()
	if err != nil {
		o.t.Fatal(err)
	}
	at := func(name string) int { return slices.Index(rows[0], name) }
	plain := slices.IndexFunc(rows, func(r []string) bool {
		return r[at("個人法人区分")] == "個人" && r[at("需要種別")] == "低圧" && r[at("閲覧システム")] == "CC" && r[at("小売電気事業者コード")] != "" &&
			r[at("閲覧項目")] != "" && r[at("取扱区分")] == "" && r[at("非常災害対応")] == "" && r[at("最終保障供給")] == "" && r[at("郵便番号")] != ""
	})
	if plain < 0 {
		o.t.Fatalf("no plain row under %q", rows[0])
	}
	out := [][]string{rows[0]}
	for i := range n {
		r := slices.Clone(rows[plain])
		for name, v := range map[string]string{"供給地点特定番号": fmt.Sprintf("09%020d", i+1), "契約名義": fmt.Sprintf("電力 太郎%d", i),
			"契約名義カナ": "", "連絡先電話番号": "", "通知方法": "メール", "メールアドレス": fmt.Sprintf("taro%d@example.jp", i)} {
			if at(name) >= 0 {
				r[at(name)] = v
			}
		}
		out = append(out, r)
	}
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(out); err != nil {
		o.t.Fatal(err)
	}
	return o.file("mails.csv", b.String())
}
