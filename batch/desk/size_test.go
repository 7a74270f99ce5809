package desk

import (
	"fmt"
	"strings"
	"testing"

	"oshirase/letters"
)

// pageMost is how large a page may be, in bytes of HTML.
const pageMost = 60 << 10

// TestFullPagesStaySmall: five years of months, a call center of a hundred
// people, every retailer of the incident, a page of the longest records.
func TestFullPagesStaySmall(t *testing.T) {
	t.Parallel()
	td := newTestDesk(t)
	var retailers []letters.Retailer
	for i := range 198 {
		retailers = append(retailers, letters.Retailer{Code: fmt.Sprintf("A%04d", i), Name: "見本小売電気株式会社 第" + fmt.Sprint(i) + "支社"})
	}
	for i := range 60 {
		m := letters.Month(fmt.Sprintf("%04d-%02d", 2019+i/12, 1+i%12))
		must(t, td.store.EnsureMonth(t.Context(), m))
		if i == 59 {
			must(t, td.store.PutRetailers(t.Context(), m, retailers))
		}
	}
	for i := range 100 {
		must(t, td.store.AddUser(t.Context(), letters.User{Name: fmt.Sprintf("callcenter-%03d", i), Role: letters.RoleCallCenter, PasswordHash: "x"}))
		must(t, td.store.BeginSession(t.Context(), letters.Session{TokenHash: hashed(fmt.Sprint(i)), User: fmt.Sprintf("callcenter-%03d", i), Way: "local",
			Client: "192.0.2.123", BeganAt: td.clock().UnixMicro(), SeenAt: td.clock().UnixMicro(), ProvedAt: td.clock().UnixMicro()}))
	}
	for range auditMost {
		must(t, td.audit.Record(t.Context(), Record{Actor: "callcenter-001", Action: "unmask", Object: "1234567890123456",
			Reason: strings.Repeat("理由", 12), Outcome: "shown", Client: "192.0.2.123"}))
	}
	td.audit.people = 50
	for role, paths := range map[letters.Role][]string{
		letters.RolePrepare: {"/board", "/board/2023-12", "/decisions"},
		letters.RoleAdmin:   {"/users", "/users/retail", "/sessions"},
		letters.RoleAudit:   {"/audit", "/access", "/access?skip=20", "/access?skip=40", "/access?skip=x", "/chain"},
	} {
		b := td.as(role)
		for _, path := range paths {
			p := b.get(path)
			t.Logf("%s: %d bytes", path, len(p.body))
			if p.status != 200 || len(p.body) > pageMost {
				t.Errorf("%s: status %d, %d bytes, at most %d", path, p.status, len(p.body), pageMost)
			}
		}
	}
}
