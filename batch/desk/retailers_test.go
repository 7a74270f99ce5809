package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"oshirase/letters"
)

const retailersTried = 15

// withPackets makes packets of fifteen retailers, each in the care of one
// person, and signs these people in.
func (td *testDesk) withPackets() (codes []string, people []*browser) {
	td.t.Helper()
	ctx, m := td.t.Context(), letters.Month("2023-02")
	td.withLetters(taro())
	for i := range retailersTried {
		code, name := fmt.Sprintf("A%04d", i+1), fmt.Sprintf("retail%d", i)
		hash := fmt.Sprintf("%064x", i)
		must(td.t, td.store.PutPacket(ctx, letters.Packet{Month: m, Retailer: code, Contracts: 1, Rows: 1, Hash: hash,
			Files: []letters.PacketFile{{Name: "list.xlsx", SHA256: hash, Size: 9}}}))
		td.addUser(name, letters.RoleRetail, false)
		must(td.t, td.store.AssignRetailers(ctx, name, []string{code}))
		b := td.browser()
		b.signIn(name)
		codes, people = append(codes, code), append(people, b)
	}
	return codes, people
}

// TestEveryCrossRetailerPair asks for every retailer's pages as everybody, and
// for codes that do not exist: whatever is not in the person's care answers
// 404, and all 404 pages are the same.
func TestEveryCrossRetailerPair(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	codes, people := td.withPackets()
	strange := []string{"A0000", "A0016", "A1", "%2e%2e", "1", "A0001%20", "a0001"}
	pairs := 0
	for i, b := range people {
		absent := b.get("/packets/2023-02/NOWHERE").body
		for j, code := range append(append([]string(nil), codes...), strange...) {
			at := "/packets/2023-02/" + code
			for _, p := range []page{b.get(at), b.post(at+"/briefing", url.Values{"state": {"planned"}, "held_on": {"2023-02-10"}, "method": {"visit"}, "briefer": {"電力 花子"}}),
				b.post(at+"/file", url.Values{"name": {"list.xlsx"}})} {
				pairs++
				if i == j {
					if p.status == http.StatusNotFound {
						t.Errorf("person %d, own retailer %s: 404", i, code)
					}
					continue
				}
				if p.status != http.StatusNotFound || withoutRequest(p.body) != withoutRequest(absent) {
					t.Errorf("person %d, retailer %s: status %d, or a 404 of its own", i, code, p.status)
				}
			}
		}
		if p := b.get("/packets"); strings.Count(p.body, "/packets/2023-02/") != 1 {
			t.Errorf("person %d sees %d packets, want 1", i, strings.Count(p.body, "/packets/2023-02/"))
		}
	}
	t.Logf("%d requests", pairs)
}

// withoutRequest is a page without what tells two requests apart.
func withoutRequest(body string) string { return strings.TrimSpace(body) }

func TestDownloadNeedsApprovalAndProofAndLeavesAReceipt(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	codes, people := td.withPackets()
	b, at := people[0], "/packets/2023-02/"+codes[0]
	if p := b.post(at+"/file", url.Values{"name": {"list.xlsx"}}); p.status != http.StatusConflict {
		t.Errorf("before the approval: status %d, want 409", p.status)
	}
	td.approvePackets()
	td.pass(proofLasts + time.Second)
	if p := b.post(at+"/file", url.Values{"name": {"list.xlsx"}}); p.status == 200 {
		t.Error("downloaded without a recent proof")
	}
	b.signIn("retail0")
	if p := b.post(at+"/file", url.Values{"name": {"other.xlsx"}}); p.status != http.StatusNotFound {
		t.Errorf("a file that is not there: status %d", p.status)
	}
	p := b.post(at+"/file", url.Values{"name": {"list.xlsx"}})
	if p.status != 200 || p.body != "list.xlsx" || p.header.Get("X-Receipt") != "1" || !strings.HasPrefix(p.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("download: status %d, receipt %q", p.status, p.header.Get("X-Receipt"))
	}
	all := td.audit.all()
	if last := all[len(all)-1]; last.Action != "download" || last.Object != "2023-02 "+codes[0] || last.Reason != fmt.Sprintf("%064x", 0) {
		t.Errorf("recorded %+v", last)
	}
	if p := b.get(at); !strings.Contains(p.body, "retail0") || len(p.body) > 60<<10 {
		t.Errorf("the page does not show the receipt, or has %d bytes", len(p.body))
	}
}

func (td *testDesk) approvePackets() {
	td.t.Helper()
	ctx, m := td.t.Context(), letters.Month("2023-02")
	must(td.t, td.store.AddPreparer(ctx, m, "prepare"))
	hash, err := td.store.PacketsHash(ctx, m)
	must(td.t, err)
	must(td.t, td.store.ApprovePackets(ctx, m, "approve", hash, td.clock()))
}

func TestBriefingRecord(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	codes, people := td.withPackets()
	b, at := people[0], "/packets/2023-02/"+codes[0]
	form := url.Values{"state": {"done"}, "held_on": {"2023-02-20"}, "method": {"visit"}, "briefer": {"電力 花子"}, "note": {"質問なし"}}
	p := b.post(at+"/briefing", form)
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "今日まで") || !strings.Contains(p.body, "受けた方") || !strings.Contains(p.body, "質問なし") {
		t.Errorf("a briefing in the future to nobody: status %d", p.status)
	}
	form.Set("held_on", "2023-02-07")
	form.Set("receiver", "見本 一郎")
	if p := b.post(at+"/briefing", form); p.status != http.StatusSeeOther {
		t.Fatalf("record: status %d\n%s", p.status, p.body)
	}
	if p := b.get(at); !strings.Contains(p.body, "見本 一郎") || !strings.Contains(p.body, "訪問") {
		t.Error("the page does not show the record")
	}
	td.addUser("chief", letters.RoleRetail, true)
	lead := td.browser()
	lead.signIn("chief")
	if p := lead.get("/retailers"); strings.Contains(p.body, "見本 一郎") || !strings.Contains(p.body, "説明済") || strings.Count(p.body, ">A00") != 2*retailersTried {
		t.Errorf("the lead's page: status %d, %d cells", p.status, strings.Count(p.body, ">A00"))
	}
	if p := lead.get(at); p.status != http.StatusNotFound {
		t.Errorf("the lead, a packet not in her care: status %d", p.status)
	}
}
