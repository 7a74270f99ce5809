package letters

import "time"

// Attribute is what a letter was found by, or a caller was checked by.
type Attribute string

// FoundBy values of a call, and MatchedBy values of a caller's check.
const (
	ByNumber       Attribute = "number"        // the お問合せ番号
	ByNamePostcode Attribute = "name_postcode" // a search by name and postcode
	ByNamePhone    Attribute = "name_phone"    // a search by name and last four digits
	CheckedPhone   Attribute = "phone"         // last four digits of the contact number
	CheckedName    Attribute = "name"          // name and postcode
	CheckedLead    Attribute = "lead"          // the supervisor took it over
)

// CallAnswer is what a look-up found. Shelter (支援措置) is told to nobody but
// the supervisor: the agent sees what stands for NotFound.
type CallAnswer string

const (
	CallFound    CallAnswer = "found"
	CallNotFound CallAnswer = "not_found"
	CallShelter  CallAnswer = "shelter"
)

// CallerKind is who calls.
type CallerKind string

const (
	CallerSelf   CallerKind = "self"   // ご本人
	CallerFamily CallerKind = "family" // ご家族, recorded as 代理人
	CallerAgent  CallerKind = "agent"  // 代理人
)

// Call is one call of somebody who asks about a letter, from the look-up to
// the recorded inquiry. Instants are µs UTC, 0 = not yet.
type Call struct {
	ID        string // 32 hex digits, drawn at random
	User      string
	LetterID  ID // "" when nothing was found
	FoundBy   Attribute
	Answer    CallAnswer
	OpenedAt  int64
	Misses    int
	MatchedBy Attribute
	MatchedAt int64
	Caller    CallerKind
	Proxy     string // name of family member or agent
	Purpose   string // purpose code, "" until chosen
	PurposeAt int64
	EndedAt   int64
}

// CallLimit ends a call that nobody ends: after it nothing of it is shown.
const CallLimit = 2 * time.Hour

// MissLimit is how many wrong answers of callers about one letter, within
// MissSpan, go to the supervisor; until the supervisor has seen them no caller
// of this letter is checked any more.
const (
	MissLimit = 3
	MissSpan  = 24 * time.Hour
)

// Subject is what a caller is checked by and a search shows masked.
type Subject struct {
	LetterID   ID
	Month      Month
	Kind       CustomerKind
	Name       string
	Kana       string
	PostalCode string
	Phone      string
	Shelter    bool // 支援措置, by this letter or by any row of the same person
}

// Field is a part of a letter that is shown masked until it is asked for.
type Field string

const (
	FieldName        Field = "name"
	FieldAddress     Field = "address"
	FieldPhone       Field = "phone"
	FieldSupplyPoint Field = "supply_point"
	FieldLetter      Field = "letter" // the letter as it was sent
)

// RevealSpan is how long an unmasked field stays unmasked.
const RevealSpan = time.Minute

// Reveal is a field that is shown unmasked, until an instant in µs UTC.
type Reveal struct {
	Field Field
	Until int64
}

// Inquiry is a recorded 問合せ.
type Inquiry struct {
	ID       int64
	CallID   string
	LetterID ID // "" when nothing was found
	User     string
	At       int64
	Caller   CallerKind
	Proxy    string
	Purpose  string
	Outcome  string // explained, call_back, handed_on, not_confirmed, not_found
	Harm     bool   // 二次被害の申出
	Note     string
}

// Wish is what a caller wishes. 広報 decides it; nothing changes by itself.
type Wish struct {
	ID         int64
	InquiryID  int64
	LetterID   ID
	Kind       WishKind
	PostalCode string // of WishAddress, 7 digits
	Address    string
	Building   string
	State      string // open, accepted, declined
	DecidedBy  string
	DecidedAt  int64
	Answer     string
	DecisionID int64 // the proposal that an accepted wish became, 0 = none
}

// WishKind is one of four wishes.
type WishKind string

const (
	WishResend    WishKind = "resend"     // 再送
	WishAddress   WishKind = "address"    // 住所変更
	WishNoContact WishKind = "no_contact" // 連絡不要
	WishAnswer    WishKind = "answer"     // 広報からの連絡
)

// Supervision is something that the call center's supervisor must look at.
type Supervision struct {
	ID       int64
	Kind     string // misses, shelter, many, stopped
	User     string
	LetterID ID
	CallID   string
	Looks    int
	At       int64
	SeenBy   string
	SeenAt   int64
	Answer   string
}

// Briefing is one line of a retailer's briefing record (説明の記録).
type Briefing struct {
	ID         int64
	Month      Month
	Retailer   string
	State      string // planned, done
	HeldOn     Date
	Method     string // visit, online, phone, received
	Briefer    string
	Receiver   string
	PacketHash string
	Note       string
	RecordedBy string
	RecordedAt int64
}

// Download is one file of a packet that somebody took.
type Download struct {
	ID         int64
	Month      Month
	Retailer   string
	Name       string
	SHA256     string
	Size       int64
	PacketHash string
	User       string
	At         int64
}
