package letters

// ReceiptFile is a file of printer, post or relay that was taken in.
type ReceiptFile struct {
	ID      int64
	Kind    ReceiptKind
	SHA256  string // hex, of its bytes
	Name    string // base name, as the operator knows it
	Lines   int
	TakenAt int64
}

// ReceiptKind says who reported.
type ReceiptKind string

const (
	PrinterReceipt ReceiptKind = "receipt"  // 差出報告
	ReturnedMail   ReceiptKind = "returned" // 返戻郵便の一覧
	RelayEvidence  ReceiptKind = "evidence" // the relay's log
)

// ReceiptResult is what became of a reported line.
type ReceiptResult string

const (
	LineApplied       ReceiptResult = "applied"       // it changed the letter, or counts (再作成)
	LineKnown         ReceiptResult = "known"         // the ledger said so already
	LineUnknown       ReceiptResult = "unknown"       // no such letter
	LineUnexpected    ReceiptResult = "unexpected"    // the letter was never in a print run
	LineContradiction ReceiptResult = "contradiction" // the ledger says otherwise; nothing was changed
)

// ReceiptLine is one reported line with what became of it. Generation is 0 for
// a letter that the ledger does not know.
type ReceiptLine struct {
	Row        int
	LetterID   ID
	Generation int
	State      string // posted, withdrawn, remade, returned
	Reported   Date   // "" when not given
	Reason     string // code of 返戻理由, "" when not given
	Pages      int    // 0 when not reported
	Result     ReceiptResult
}

// RunAccount holds a print run against all that was reported of it: Letters =
// Posted + Withdrawn + Remade + Decided + Missing. A letter that came back was
// posted; one that was made again counts as Remade until it is posted; one that
// nobody reported but two people settled is Decided.
type RunAccount struct {
	RunID     string
	Month     Month
	State     string
	PostOn    Date
	Letters   int
	Posted    int
	Withdrawn int
	Remade    int
	Decided   int
	Missing   int
}
