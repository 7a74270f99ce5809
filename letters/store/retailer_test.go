package store

import (
	"errors"
	"fmt"
	"testing"

	"oshirase/letters"
)

// fifteen makes packets of fifteen retailers, each in the care of one person.
func fifteen(t testing.TB, s *Store) (codes, people []string) {
	t.Helper()
	must(t, s.EnsureMonth(t.Context(), feb))
	for i := range 15 {
		code, user := fmt.Sprintf("A%04d", i), fmt.Sprintf("retail%d", i)
		must(t, s.PutPacket(t.Context(), letters.Packet{Month: feb, Retailer: code, Contracts: i, Rows: i, Hash: sha(i),
			Files: []letters.PacketFile{{Name: "list.xlsx", SHA256: sha(100 + i), Size: 9}}}))
		must(t, s.AddUser(t.Context(), letters.User{Name: user, Role: letters.RoleRetail, PasswordHash: "x"}))
		must(t, s.AssignRetailers(t.Context(), user, []string{code}))
		codes, people = append(codes, code), append(people, user)
	}
	return codes, people
}

// TestEveryCrossRetailerPair asks for every retailer's packet as everybody:
// 15 of 225 pairs exist, the others are not found, in reading and in writing.
func TestEveryCrossRetailerPair(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		codes, people := fifteen(t, s)
		for i, user := range people {
			mine, err := s.RetailerStatuses(t.Context(), user)
			must(t, err)
			if len(mine) != 1 || mine[0].Retailer != codes[i] {
				t.Errorf("%s sees %+v", user, mine)
			}
			for j, code := range codes {
				_, _, read := s.AssignedPacket(t.Context(), user, feb, code)
				_, took := s.Download(t.Context(), letters.Download{Month: feb, Retailer: code, Name: "list.xlsx", SHA256: sha(1), PacketHash: sha(j), User: user})
				told := s.Brief(t.Context(), letters.Briefing{Month: feb, Retailer: code, State: "planned", HeldOn: "2023-02-10", Method: "visit",
					Briefer: "電力 花子", PacketHash: sha(j), RecordedBy: user})
				for _, err := range []error{read, took, told} {
					if (err == nil) != (i == j) || err != nil && !errors.Is(err, ErrNotFound) {
						t.Errorf("%s and %s: %v", user, code, err)
					}
				}
			}
		}
		all, err := s.AllRetailerStatuses(t.Context())
		must(t, err)
		if len(all) != 15 || all[3].Briefing != "planned" || all[3].Downloads != 1 || all[3].Before != -1 {
			t.Errorf("the lead sees %+v", all[3])
		}
		must(t, s.AssignRetailers(t.Context(), people[0], nil))
		if _, _, err := s.AssignedPacket(t.Context(), people[0], feb, codes[0]); !errors.Is(err, ErrNotFound) {
			t.Errorf("taken out of care: %v, want ErrNotFound", err)
		}
	})
}
