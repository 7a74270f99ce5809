package desk

import (
	"slices"

	"oshirase/letters"
)

// Route is one row of the desk's table: what a request reaches, and who may.
type Route struct {
	Method string
	Path   string         // pattern of http.ServeMux
	Roles  []letters.Role // who may; never empty unless Public or Anyone
	Public bool           // without signing in
	Anyone bool           // everybody who is signed in
	Lead   bool           // of the roles, their lead only
	Fresh  bool           // wants a recent proof of who it is
	Nav    string         // key of [nav] in words.toml: stands in the menu
	Serve  func(*Desk, *Visit) error
}

// Routes is the whole table. Every request goes through a row of it.
func Routes() []Route {
	return slices.Concat(staticRoutes(), signInRoutes(), signOnRoutes(), homeRoutes(), monthRoutes(), decisionRoutes(), adminRoutes(), auditRoutes(), accountRoutes(),
		callRoutes(), supervisionRoutes(), retailerRoutes())
}

// may reports whether a person may use the route.
func (r Route) may(u letters.User) bool {
	switch {
	case r.Public:
		return true
	case u.Name == "" || u.Disabled:
		return false
	case r.Anyone:
		return true
	}
	return slices.Contains(r.Roles, u.Role) && (!r.Lead || u.Lead)
}
