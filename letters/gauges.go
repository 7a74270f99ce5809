package letters

// Gauges are the ledger's figures for those who watch the machine. They carry
// no ID and no person's data.
type Gauges struct {
	States       []StateGauge
	Moves        []MoveGauge
	Homes        []HomeGauge
	Leases       int   // letters that a worker holds
	LeaseEnds    int64 // µs, when the first of them ends; 0 = none is held
	MailPaused   bool  // a person has paused the mails
	MailBraked   int64 // µs, since when the mails stopped by themselves; 0 = they did not
	Unresumed    bool  // a restored backup waits for two people
	OpenDecision int   // proposals that wait for a second person
	Held         []HeldGauge
	Runs         []RunGauge
	Supervision  int // entries that the supervisor of the call center has not answered
}

// StateGauge counts the letters whose newest generation stands in a state, and
// says since when the first of them does.
type StateGauge struct {
	State   State
	Channel Channel
	Letters int
	Since   int64 // µs
}

// MoveGauge counts how often letters have come to a state, and when last.
type MoveGauge struct {
	State State
	Count int
	Last  int64 // µs
}

// HomeGauge is the last journal line of a home that the ledger knows.
type HomeGauge struct {
	Home string
	N    int64
}

// HeldGauge is how many letters are held for one reason.
type HeldGauge struct {
	Reason  Reason
	Letters int
}

// RunGauge is how many print runs are in a state, and their letters.
type RunGauge struct {
	State   string
	Runs    int
	Letters int
}
