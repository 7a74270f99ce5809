package main

import (
	"strings"
	"testing"

	"oshirase/letters/store"
)

// TestPasswordsAreCostly: what `user` stores is argon2id with 19 MiB and two
// passes (OWASP, password storage).
func TestPasswordsAreCostly(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	o.ok("user", "add", "kana", "--role", "callcenter")
	o.ok("user", "password", "hana")
	o.ledger(func(s *store.Store) {
		for _, name := range []string{"kana", "hana"} {
			if u, err := s.User(t.Context(), name); err != nil || !strings.HasPrefix(u.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") {
				t.Errorf("%s has %q, %v", name, u.PasswordHash, err)
			}
		}
	})
}
