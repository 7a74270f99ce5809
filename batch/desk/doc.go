// Package desk is the web desk: server-rendered Japanese pages for 広報, 承認,
// 小売対応, コールセンター, 監査 and 管理. It shows little, to the right person,
// for a reason, and remembers. It works without JavaScript.
//
// # To add a page
//
// One page is one file here and one template in templates/desk:
//
//  1. Write NAME.html in templates/desk with {{define "title"}} and
//     {{define "main"}}; both get the page's data as dot. A title holds no
//     letter ID and nothing personal. Shared parts stand in layout.html and
//     parts.html; words in words.toml beside them.
//  2. Write name.go with the data type and the methods func (d *Desk)
//     name(v *Visit) error. End with v.Show, v.Problems (a form with faults),
//     v.Go (after every POST) or an error: refuse(status, key) is a sentence of
//     words.toml, any other error is told as "something failed" and logged.
//  3. Add its rows to a …Routes function and its template to a …Views function;
//     Routes and views join them. Each row says who may: nothing is open by
//     default. A row with Nav stands in the menu of its roles, and the first
//     one is their home.
//  4. Add each row to the table in matrix_test.go: a route without one fails.
//
// What a page shows of a person is recorded first with v.Record, and not shown
// when that fails. State changes by POST alone. A row marked Fresh asks for
// the password again when it was last given more than ten minutes ago. What
// was typed is never lost: a POST that meets an old session is kept, and sent
// on after signing in.
//
// The ledger is the interfaces of this package (Ledger); *store.Store has
// their methods. newTestDesk in server_test.go starts a desk over a real
// ledger with one person of each role.
package desk
