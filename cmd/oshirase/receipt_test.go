package main

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"oshirase/letters"
)

// cp932 writes a CSV as the mailing house's Excel would.
func (o *office) cp932(name string, lines ...string) string {
	o.t.Helper()
	text, err := japanese.ShiftJIS.NewEncoder().String(strings.Join(lines, "\r\n") + "\r\n")
	if err != nil {
		o.t.Fatal(err)
	}
	return o.file(name, text)
}

// printedIDs are the letters of every manifest with their pages, those of the
// largest run first: a run of which a receipt names no letter is not among its
// accounts, and a run may hold one letter alone.
func (o *office) printedIDs() (ids []letters.ID, pages map[letters.ID]int) {
	o.t.Helper()
	manifests, err := filepath.Glob(filepath.Join(o.home, "print", "*", "manifest.json"))
	if err != nil {
		o.t.Fatal(err)
	}
	pages = make(map[letters.ID]int)
	others := make(map[letters.ID]int) // of the same run
	for _, path := range manifests {
		b, err := os.ReadFile(path)
		if err != nil {
			o.t.Fatal(err)
		}
		var m struct {
			Items []struct {
				Letter letters.ID `json:"letter"`
				Pages  int        `json:"pages"`
			} `json:"items"`
		}
		if err := json.Unmarshal(b, &m); err != nil {
			o.t.Fatal(err)
		}
		for _, it := range m.Items {
			ids = append(ids, it.Letter)
			pages[it.Letter], others[it.Letter] = it.Pages, len(m.Items)
		}
	}
	slices.SortFunc(ids, func(a, b letters.ID) int { return cmp.Or(others[b]-others[a], cmp.Compare(a, b)) })
	return ids, pages
}

func receiptOf(t *testing.T, answer string) receiptJSON {
	t.Helper()
	var r receiptJSON
	if err := json.Unmarshal([]byte(answer), &r); err != nil {
		t.Fatalf("not a receipt: %v\n%s", err, answer)
	}
	return r
}

func (r receiptJSON) sum() (n accountJSON) {
	for _, a := range r.Runs {
		n.Letters, n.Posted, n.Withdrawn = n.Letters+a.Letters, n.Posted+a.Posted, n.Withdrawn+a.Withdrawn
		n.Remade, n.Decided, n.Missing = n.Remade+a.Remade, n.Decided+a.Decided, n.Missing+a.Missing
	}
	return n
}

// TestReceiptsReconcileToZero: a first receipt leaves letters missing, made
// again and pulled, and names every stranger; a second one settles all.
func TestReceiptsReconcileToZero(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		o := newOffice(t, db)
		o.sentMonth(60)
		ids, pages := o.printedIDs()
		stranger, err := letters.NewID(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		mailed := o.in(letters.Accepted)[0]
		lines := []string{"差出報告書,,,", "お問合せ番号,状態,投函日,頁数"}
		for i, id := range ids {
			switch i {
			case 0: // forgotten
			case 1:
				lines = append(lines, id.Groups()+",抜き取り,2023/2/8,")
			case 2:
				lines = append(lines, id.Groups()+",再作成,2023/2/8,")
			default:
				lines = append(lines, fmt.Sprintf("%s,投函済,令和5年2月8日,%d", id.Groups(), pages[id]))
			}
		}
		lines[len(lines)-1] = ids[len(ids)-1].Groups() + ",投函済,令和5年2月8日,9"
		first := o.cp932("receipt.csv", append(lines, stranger.Groups()+",投函済,,", mailed.Groups()+",投函済,,", "1.23E+15,投函済,,")...)
		out, _ := o.ends(5, "print", "receipt", first, "--json")
		r := receiptOf(t, out)
		if r.Applied != len(ids)-1 || len(r.Unknown) != 1 || r.Unknown[0].Letter != stranger || r.Unknown[0].Column != "お問合せ番号" {
			t.Errorf("applied %d of %d, unknown %+v", r.Applied, len(ids), r.Unknown)
		}
		if len(r.Unexpected) != 1 || r.Unexpected[0].Letter != mailed || r.Unexpected[0].Stands != letters.Accepted {
			t.Errorf("unexpected %+v", r.Unexpected)
		}
		if len(r.PagesDiffer) != 1 || r.PagesDiffer[0].Pages != 9 || len(r.Problems) != 1 || r.Problems[0].Code != "receipt_id_damaged" {
			t.Errorf("pages differ %+v, problems %+v", r.PagesDiffer, r.Problems)
		}
		if n := r.sum(); n.Letters != len(ids) || n.Missing != 1 || n.Withdrawn != 1 || n.Remade != 1 || n.Posted != len(ids)-3 {
			t.Errorf("accounts %+v", n)
		}
		o.ok("reconcile")
		before := o.ok("status", "--json")
		if _, errs := o.ends(4, "print", "receipt", first); !strings.Contains(errs, "同じ内容") {
			t.Errorf("the same receipt again is not named: %s", errs)
		}
		if o.ok("status", "--json") != before {
			t.Error("the same receipt changed something")
		}
		if text := o.ok("status", "2023-02"); !strings.Contains(text, "抜取") {
			t.Errorf("status does not show what was pulled:\n%s", text)
		}
		second := o.cp932("receipt2.csv", "通知番号,状態", ids[0].Groups()+",差出済", ids[2].Groups()+",発送済")
		r = receiptOf(t, o.ok("print", "receipt", second, "--json"))
		if n := r.sum(); n.Missing+n.Remade != 0 || n.Posted+n.Withdrawn != n.Letters {
			t.Errorf("not settled: %+v", n)
		}
		o.returns(ids)
	})
}

// returns takes returned mail in: each waits with its reason and a proposal.
func (o *office) returns(ids []letters.ID) {
	t := o.t
	list := o.cp932("returned.csv", "通知番号,状態,返戻日,返戻理由", ids[0].Groups()+",返戻,2023-02-20,転居先不明",
		ids[3].Groups()+",返戻,2023-02-20,受取拒否", ids[4].Groups()+",返戻,2023-02-20,保管期間経過")
	out, _ := o.ends(5, "returned", list)
	if !strings.Contains(out, "返戻 3") {
		t.Errorf("returned said:\n%s", out)
	}
	listed := o.ok("decide", "--list")
	for _, word := range []string{"転居先不明", "郵送で送り直す", "受取拒絶", "代替措置とする"} {
		if !strings.Contains(listed, word) {
			t.Errorf("decide --list does not say %s:\n%s", word, listed)
		}
	}
	_, errs := o.ends(4, "decide", ids[0].Groups(), "--propose", "resend_print", "--reason", "もう一度送る", "--as", "hana")
	if !strings.Contains(errs, "改めた住所を示してください") || !strings.Contains(errs, ids[0].Groups()) {
		t.Errorf("to the address from which it came back: %s", errs)
	}
	o.ok("decide", ids[4].Groups(), "--propose", "resend_print", "--reason", "不在のため、もう一度送る", "--as", "hana")
	o.ok("decide", ids[0].Groups(), "--propose", "resend_print", "--reason", "転居先が分かった", "--recipients", o.readdress(ids[0]), "--as", "hana")
	o.ok("decide", ids[0].Groups(), "--confirm", "--as", "jiro")
	o.ok("decide", ids[3].Groups(), "--propose", "close_unreachable", "--reason", "受取を望まれないため", "--as", "hana")
	o.ok("decide", ids[3].Groups(), "--confirm", "--as", "jiro")
	o.ok("reconcile")
	again := o.cp932("cumulative.csv", "通知番号,状態,日付", ids[0].Groups()+",差出済,")
	if r := receiptOf(t, o.ok("print", "receipt", again, "--json")); r.Known != 1 || r.Applied != 0 {
		t.Errorf("a cumulative receipt of a letter that was sent again: %+v", r)
	}
	late := o.cp932("late.csv", "通知番号,状態", ids[0].Groups()+",抜取")
	out, _ = o.ends(5, "print", "receipt", late, "--json")
	if r := receiptOf(t, out); len(r.Unexpected) != 1 || r.Applied != 0 {
		t.Errorf("what nobody had reported of a letter that was sent again: %+v", r)
	}
	o.ok("reconcile")
}

// TestUselessReceiptsAreRefused: what cannot be read is said, and nothing kept.
func TestUselessReceiptsAreRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	for name, content := range map[string]string{"no heading": "a,b\n1,2\n", "not text": "PK\x03\x04\xff\xfe\x00", "empty": ""} {
		path := o.file("bad.csv", content)
		for range 2 { // it is not taken for the same receipt the second time
			if _, errs := o.ends(3, "print", "receipt", path); errs == "" {
				t.Errorf("%s: nothing said", name)
			}
		}
	}
	o.ends(2, "print", "receipt", filepath.Join(o.home, "missing.csv"))
}
