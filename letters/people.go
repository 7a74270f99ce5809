package letters

import (
	"errors"
	"fmt"
	"strings"
)

// Role is what a person may do. Separation of duties is by person as well:
// who prepared a month never approves it.
type Role string

const (
	RolePrepare    Role = "prepare"    // 広報
	RoleApprove    Role = "approve"    // 承認
	RoleRetail     Role = "retail"     // 小売対応
	RoleCallCenter Role = "callcenter" // コールセンター
	RoleAudit      Role = "audit"      // 監査
	RoleAdmin      Role = "admin"      // 管理
)

// ErrBadRole says that a word is none of the six roles.
var ErrBadRole = errors.New("not a role")

// ParseRole accepts the six words of Role.
func ParseRole(s string) (Role, error) {
	switch r := Role(s); r {
	case RolePrepare, RoleApprove, RoleRetail, RoleCallCenter, RoleAudit, RoleAdmin:
		return r, nil
	}
	return "", fmt.Errorf("%q: %w", s, ErrBadRole)
}

// User is a member of staff. PasswordHash is an argon2id PHC string, "" for
// somebody who signs in through the house's identity provider only.
type User struct {
	Name         string
	Role         Role
	PasswordHash string
	Disabled     bool
	Lead         bool   // leads 小売対応 or コールセンター
	Subject      string // the identity provider's name for this person, "" = none
}

// CanLead reports whether a role has a lead: 小売対応 and コールセンター do.
func (r Role) CanLead() bool { return r == RoleRetail || r == RoleCallCenter }

// codesMost is how many bytes of codes one record of the audit chain names: it
// holds 400 at most.
const codesMost = 300

// JoinCodes writes retailers' codes with commas between, in as many texts as an
// audit record each can hold: at least one, "" when there are none.
func JoinCodes(codes []string) []string {
	out := []string{""}
	for _, code := range codes {
		last := &out[len(out)-1]
		switch {
		case *last == "":
			*last = code
		case len(*last)+1+len(code) > codesMost:
			out = append(out, code)
		default:
			*last += "," + code
		}
	}
	return out
}

// Session is one person's stay at the desk. Instants are µs UTC.
type Session struct {
	TokenHash string // hex SHA-256 of the cookie's token
	User      string
	Way       string // local or oidc
	Client    string // the address it was begun from
	BeganAt   int64
	SeenAt    int64
	ProvedAt  int64 // when the person last proved who they are
	EndedAt   int64 // 0 while it lasts
}

// ErrBadUserName says that a string is not a user name.
var ErrBadUserName = errors.New("not a user name")

// ParseUserName accepts 1 to 40 of a-z, 0-9, '.', '-' and '_': a user name
// stands in events and logs.
func ParseUserName(s string) (string, error) {
	if s == "" || len(s) > 40 || strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_')
	}) {
		return "", ErrBadUserName
	}
	return s, nil
}

// PasswordLeast is how many characters a password has at least.
const PasswordLeast = 12
