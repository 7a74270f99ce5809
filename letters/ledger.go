package letters

// SourceFile is one list that was taken in.
type SourceFile struct {
	ID          int64
	Month       Month
	SHA256      string // hex, of its bytes
	Bytes       int64
	Name        string // base name, as the operator knows it
	Format      string // csv, tsv, xlsx
	Encoding    string
	RowsRead    int // letter + merged + excluded + held + rejected, always
	State       FileState
	ImportedBy  string
	StagedAt    int64 // µs UTC, as every instant of the ledger
	ActivatedAt int64 // 0 while staging
	WithdrawnAt int64 // 0 unless withdrawn
}

// FileState tells a file that is being read from one that counts.
type FileState string

const (
	FileStaging   FileState = "staging"   // not yet visible; swept at the next import
	FileActive    FileState = "active"    // its rows count
	FileWithdrawn FileState = "withdrawn" // 取下げ
)

// KeyedRow is a row with the keys under which it is folded. A rejected row
// carries its number alone.
type KeyedRow struct {
	Row
	CaseKey   string // 供給地点特定番号, 契約名義, system and retailer
	PersonKey string // 契約名義, 郵便番号, 住所, 方書, 個人法人区分, カナ, 電話番号
	FoldKey   string // as PersonKey without カナ and 電話番号
	Rejected  bool
}

// PlanRow is what planning needs of a row: no name and no address.
type PlanRow struct {
	FileID     int64
	No         int
	CaseKey    string
	PersonKey  string
	FoldKey    string
	Supply     Supply
	System     SystemCode
	Items      []ItemCode
	First      Date
	Last       Date
	Channel    Channel
	MailKey    string // hash of the mail address, "" without one
	Kana       string // hash, "" when not given
	Phone      string // hash, "" when not given
	Kind       CustomerKind
	KindGiven  bool
	PlaceKey   string // hash of 需要場所, "" when not given
	PointKey   string // hash of 供給地点特定番号
	Disaster   bool
	LastResort bool
	Rejected   bool
	Held       []Reason
}

// ToldCase is a case of an earlier month's letter that is not cancelled.
type ToldCase struct {
	CaseKey     string
	FoldKey     string
	Version     int
	Confirmed   []ItemCode
	Unrecorded  bool
	First, Last Date
	LetterID    ID
	Month       Month
	Kind        LetterKind // of the letter; a corrected one takes the place of what was told before
	Wrong       bool       // two people decided that the letter is to be corrected
}

// StoredLetter is what the ledger already holds of a month that is planned anew.
type StoredLetter struct {
	ID        ID
	PersonKey string
	Facts     string // hash of everything the letter tells
	State     State
	Token     int64
}

// RowRef names a row of the ledger.
type RowRef struct {
	FileID int64
	No     int
}

// PlannedRow is a row's outcome. Case and Letter are "" when it has none.
type PlannedRow struct {
	RowRef
	Outcome Outcome
	Reason  Reason
	Case    int // index into Plan.Cases, -1 = none
	Letter  ID
}

// PlannedCase is one case with the row that its plain facts are copied from.
type PlannedCase struct {
	Lead        RowRef
	CaseKey     string
	Version     int
	Confirmed   []ItemCode
	Unrecorded  bool
	First, Last Date
	Letter      ID // "" when the case is told by no letter of this month
}

// PlannedLetter is one letter with the row its recipient is copied from.
type PlannedLetter struct {
	ID        ID
	Lead      RowRef
	PersonKey string
	FoldKey   string
	Kind      LetterKind
	Refers    []ID
	Channel   Channel
	Facts     string
	Held      []Reason // not empty: held_review
	Notes     []Reason
	Keep      bool // stored already with the same facts: its state stays
}

// Plan is a whole month, made anew from all its rows at every change, so that
// taking one file back undoes exactly that file.
type Plan struct {
	Month    Month
	Rows     []PlannedRow
	Cases    []PlannedCase
	Letters  []PlannedLetter
	Cancel   []ID    // letters that the month no longer holds
	Activate []int64 // files that become visible with this plan
	Withdraw []int64 // files that are taken back with it
	Near     []NearMatch
	Counts   Counts // of this month alone, the five outcomes and letters
}

// NearMatch proposes two letters that may be for one person (名寄せ候補). The
// program never decides it.
type NearMatch struct {
	A, B ID
	Why  Reason
}

// MonthInfo is the state of a month's batch.
type MonthInfo struct {
	Month       Month
	State       MonthState
	Date        Date // printed date
	DocumentNo  string
	Renderer    string
	Template    string // template version of its renderings
	BatchHash   string // over every letter's content hash, set by approval
	ApprovedBy  string
	ApprovedAt  int64
	PreparedBy  []string
	PacketsHash string // over every packet, set by approval of the packets
	PacketsBy   string
	PacketsAt   int64 // µs, 0 before the approval of the packets
	PurgedAt    int64 // µs, when its personal data were deleted; 0 = they were not
}

// MonthState is open until the second person's approval.
type MonthState string

const (
	MonthOpen     MonthState = "open"
	MonthApproved MonthState = "approved"
)

// Dispatch is one generation of a letter in the ledger.
type Dispatch struct {
	LetterID   ID
	Generation int
	Month      Month
	Channel    Channel
	State      State
	Token      int64 // fencing token: every transition adds one
	HoldReason Reason
	Rendering  Rendering
	PostOn     Date
	RunID      string
	MessageID  string
	Reply      string // the server's words after the final dot, without addresses
	Attempts   int
	RetryAt    int64
	DecisionID int64 // 0 for generation 1
}

// Event is one change of a letter's state, kept for ever, IDs only.
type Event struct {
	LetterID   ID
	Generation int
	Seq        int
	At         int64
	Actor      string // user name or worker id
	From, To   State
	Guard      Guard
	Ref        string // run id, decision, queue id …
}

// RenderResult is the result of rendering one letter: a Rendering, or the reason
// why it is held, or Failed.
type RenderResult struct {
	LetterID   ID
	Generation int
	Token      int64
	Rendering  Rendering
	Hold       Reason
	Failed     bool
	Why        string // the fault, for the log; IDs only
}

// Step is one compare-and-set change of state: it happens only when state
// and token still are as given.
type Step struct {
	LetterID   ID
	Generation int
	Token      int64
	From, To   State
	Guard      Guard
	Actor      string
	At         int64
	Ref        string
	Reply      string
	RetryAt    int64
	RunID      string
	MessageID  string
	Why        string // code of the reason for which it came back; stored with the program's proposal
	Untried    bool   // the mail server was not asked, or said nothing of this letter: the claim was no try
}

// PrintItem says where a letter stands in its print run.
type PrintItem struct {
	LetterID   ID
	Generation int
	Token      int64
	File       string
	FirstPage  int // from 1
	Pages      int
	FileHash   string

	ContentHash string // of the letter, as approved; read, never written with the item
}

// PrintRun is one folder handed to the printer (印刷ロット).
type PrintRun struct {
	ID       string
	Month    Month
	Class    string
	PostOn   Date
	State    string // making, handed_over, uncertain
	Letters  int
	Sheets   int
	Manifest string // SHA-256 of the manifest
	MadeAt   int64
}

// PacketRow is one line of a retailer's list: one contract in one system.
type PacketRow struct {
	SupplyPoint  string
	System       SystemCode
	Supply       Supply
	Confirmed    []ItemCode
	Unrecorded   bool
	First, Last  Date
	Notice       Notice
	RetailerCode string
}

// Notice is 通知状況 as a retailer may know it: 取扱区分 never shows.
type Notice string

const (
	NoticeTold      Notice = "told"      // 通知済
	NoticePreparing Notice = "preparing" // 準備中
	NoticeReturned  Notice = "returned"  // 返戻
)

// Packet is one retailer's briefing packet as it was made.
type Packet struct {
	Month     Month
	Retailer  string
	Contracts int
	Rows      int
	Hash      string // over the hashes of its files, in name order
	Files     []PacketFile
}

// PacketFile is a file of a packet with its hash.
type PacketFile struct {
	Name   string
	SHA256 string
	Size   int64
}

// FigureRow is a row as the Commission's figures count it.
type FigureRow struct {
	SupplyPoint  string
	System       SystemCode
	RetailerCode string
	Disaster     bool
	LastResort   bool
}

// Broken is one finding of reconcile: an invariant, how many rows break it,
// and the first IDs.
type Broken struct {
	Invariant string // I1 … I10
	Count     int
	IDs       []string
	Gone      int // of Count: the files are not there, as after a restoration
}
