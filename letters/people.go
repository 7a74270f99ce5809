package letters

import (
	"errors"
	"fmt"
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

// User is a member of staff. PasswordHash is an argon2id PHC string.
type User struct {
	Name         string
	Role         Role
	PasswordHash string
	Disabled     bool
}
