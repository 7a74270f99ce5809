package letters

// Purge is a month whose personal data two people have had deleted (消去), or
// which one of them proposes to delete. Counts, states, events, hashes and the
// audit chain stay.
type Purge struct {
	Month       Month
	Reason      string
	Letters     int // of the month, as they were proposed
	ProposedBy  string
	ProposedAt  int64  // µs
	ConfirmedBy string // "" while it is a proposal
	ConfirmedAt int64  // µs
	FinishedAt  int64  // µs, when the last file was gone too; 0 = not yet
}

// Purgeable is what a purge of a month takes.
type Purgeable struct {
	Letters    int   `json:"letters"`
	Rows       int   `json:"rows"`       // of lists
	Recipients int   `json:"recipients"` // with those that decisions corrected
	Cases      int   `json:"cases"`
	Calls      int   `json:"calls"` // with the name of somebody who called for another
	Inquiries  int   `json:"inquiries"`
	Wishes     int   `json:"wishes"`
	Undone     int   `json:"undone"` // letters on their way, wishes and supervisor's entries without an answer, open proposals
	Last       int64 `json:"-"`      // µs, when a letter or an inquiry last moved
}
