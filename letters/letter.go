package letters

// Recipient is one person or company at one address (受取人).
type Recipient struct {
	Name       string
	Kana       string
	Kind       CustomerKind
	PostalCode string // 7 digits
	Address    string
	Building   string
	Mail       string // "" on paper
	Phone      string // digits; for checking callers, never printed
}

// Case is one contract viewed in one system: the facts that a letter tells of
// it.
type Case struct {
	ID           int64 // ledger's number; 0 before it is stored
	SupplyPoint  string
	DemandPlace  string
	System       SystemCode
	RetailerCode string // at the time of viewing; "" for 最終保障供給
	RetailerName string
	Supply       Supply
	LastResort   bool
	Version      int        // of its facts, from 1
	Confirmed    []ItemCode // 閲覧が確認された項目, catalogue order
	Unrecorded   bool       // at least one viewing has no record of its items
	First, Last  Date
}

// LetterKind tells a first letter from one that adds to or corrects it.
type LetterKind string

const (
	First         LetterKind = "first"
	Supplementary LetterKind = "supplementary" // names the earlier letters, tells what is new
	Corrected     LetterKind = "corrected"     // names the letter it corrects
)

// Letter is everything that its pages and its mail are made from: one
// recipient, one month, all its cases.
type Letter struct {
	ID         ID
	Generation int // 1 = first sending
	Month      Month
	Kind       LetterKind
	Refers     []ID // earlier letters that this one names
	Channel    Channel
	Date       Date   // printed date, the planned posting date
	DocumentNo string // 文書番号, "" = none
	Recipient  Recipient
	Cases      []Case // by supply point, then system
}

// LastResortOnly reports whether every contract of the letter is 最終保障供給;
// such a letter never speaks of ご契約の小売電気事業者.
func (l *Letter) LastResortOnly() bool {
	for _, c := range l.Cases {
		if !c.LastResort {
			return false
		}
	}
	return len(l.Cases) > 0
}

// Contracts counts the letter's distinct supply points.
func (l *Letter) Contracts() int {
	seen := make(map[string]bool, len(l.Cases))
	for _, c := range l.Cases {
		seen[c.SupplyPoint] = true
	}
	return len(seen)
}

// Rendering says what was made of a letter. Approval binds to ContentHash.
type Rendering struct {
	Renderer        string // renderer version
	TemplateVersion string // of the wording, incident and geometry, postal data and house faces used
	ContentHash     string // hex SHA-256 over page contents, face hashes and geometry
	FileHash        string // hex SHA-256 of the single PDF
	FileSize        int64
	PageHashes      []string // hex SHA-256 of each page's uncompressed content
	Pages           int
	Envelope        string   // "naga3" (長形3号) or "kaku2" (角形2号)
	Barcode         bool     // whether the address carries a カスタマバーコード
	Class           string   // print class: envelope-barcode-sheets, e.g. naga3-b1-s2
	Notes           []Reason // what a person should know: why no barcode, which honorific; not stored
}

// Retailer is one line of the retailer list (小売電気事業者一覧).
type Retailer struct {
	Code       string
	Name       string
	Department string
	PostalCode string
	Address    string
	Contact    string // 担当者
	Mail       string
}
