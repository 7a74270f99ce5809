package fault

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"
)

// row is a letter as the ledger has it, read past the program.
type row struct {
	id, channel, state, run, fileHash, messageID string
	generation                                   int
}

// ledger reads every dispatch. On SQLite nothing may be running.
func (h *house) ledger() []row {
	h.t.Helper()
	db := h.openDB()
	defer db.Close()
	rows, err := db.Query(`SELECT letter_id, channel, state, run_id, file_hash, message_id, generation FROM dispatch ORDER BY letter_id, generation`)
	h.must(err)
	defer rows.Close()
	var all []row
	for rows.Next() {
		var r row
		h.must(rows.Scan(&r.id, &r.channel, &r.state, &r.run, &r.fileHash, &r.messageID, &r.generation))
		all = append(all, r)
	}
	h.must(rows.Err())
	return all
}

func (h *house) openDB() *sql.DB {
	h.t.Helper()
	driver, target := "postgres", h.db
	if h.db == "" {
		driver, target = "sqlite", h.path("ledger.db")
	}
	db, err := sql.Open(driver, target)
	h.must(err)
	return db
}

// states counts letters by state.
func states(all []row) map[string]int {
	n := make(map[string]int)
	for _, r := range all {
		n[r.state]++
	}
	return n
}

func told(n map[string]int) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(n)) {
		parts = append(parts, fmt.Sprintf("%s %d", k, n[k]))
	}
	return strings.Join(parts, ", ")
}

// waiting is how many letters are still on their way.
func waiting(n map[string]int) int {
	return n["queued_email"] + n["deferred"] + n["claimed"] + n["handing_over"] + n["queued_print"] + n["in_print_run"]
}
