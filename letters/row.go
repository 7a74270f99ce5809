package letters

// CustomerKind is 個人法人区分.
type CustomerKind string

const (
	Individual CustomerKind = "individual" // 個人
	Corporate  CustomerKind = "corporate"  // 法人
)

// Supply is 需要種別, the voltage class of a contract.
type Supply string

const (
	Low       Supply = "low"        // 低圧
	High      Supply = "high"       // 高圧
	ExtraHigh Supply = "extra_high" // 特別高圧
)

// SystemCode names a system of the incident, e.g. CC or NW.
type SystemCode string

// ItemCode names an exposed item of the incident's catalogue.
type ItemCode string

// Channel is the way a letter goes out (通知方法).
type Channel string

const (
	Print Channel = "print" // 郵送
	Email Channel = "email" // メール
)

// Viewer is 閲覧者区分.
type Viewer string

const (
	ByAffiliate  Viewer = "affiliate"  // 九州電力
	ByContractor Viewer = "contractor" // 業務委託先
)

// Handling is 取扱区分: why a row must not go out without a person's decision.
type Handling string

const (
	HandlingNone     Handling = ""
	HandlingStop     Handling = "stop"     // 送付停止
	HandlingShelter  Handling = "shelter"  // 支援措置
	HandlingDeceased Handling = "deceased" // 死亡
	HandlingGuardian Handling = "guardian" // 成年後見
	HandlingMoved    Handling = "moved"    // 転居
)

// Row is one validated line of a viewed-contract list (閲覧確認済契約リスト):
// one contract viewed in one system. Texts are exactly as given, never folded
// or normalised.
type Row struct {
	No           int    // record number as a spreadsheet shows it, the first line being 1
	SupplyPoint  string // 供給地点特定番号, 22 digits
	Name         string // 契約名義
	Kana         string
	Kind         CustomerKind
	PostalCode   string // 7 digits, "" when it is not usable
	Address      string
	Building     string // 方書
	DemandPlace  string // 需要場所
	Phone        string // digits only, never printed
	Mail         string
	Channel      Channel
	RetailerCode string // "" for 最終保障供給
	RetailerName string
	Supply       Supply
	System       SystemCode
	Items        []ItemCode // in catalogue order; empty = items not recorded
	First, Last  Date       // 初回閲覧日, 最終閲覧日 (= First when not given)
	Views        int        // 閲覧回数, 0 when not given
	Viewers      []Viewer
	Disaster     bool // 非常災害対応
	LastResort   bool // 最終保障供給
	Handling     Handling
	Held         []Reason // why the row needs a person before it can go out
	Notes        []Reason // what the program decided and a person should review
}

// Outcome is what became of a row: exactly one of five.
type Outcome string

const (
	OutLetter   Outcome = "letter"
	OutMerged   Outcome = "merged"
	OutExcluded Outcome = "excluded"
	OutHeld     Outcome = "held"
	OutRejected Outcome = "rejected"
)

// Reason is a code whose Japanese sentence stands in templates/problems.
type Reason string

// Reasons of an outcome.
const (
	ReasonDisaster      Reason = "disaster"       // excluded: 非常災害対応
	ReasonTold          Reason = "told"           // excluded: 通知済
	ReasonWithdrawn     Reason = "withdrawn"      // excluded: 取下げ
	ReasonHandling      Reason = "handling"       // held: 取扱区分
	ReasonAddress       Reason = "address"        // held: no usable postal code or address
	ReasonGlyph         Reason = "glyph"          // held: a character no face has
	ReasonContradiction Reason = "contradiction"  // held: facts that cannot both be true
	ReasonSheets        Reason = "sheets"         // held: too many sheets
	ReasonGeometry      Reason = "geometry"       // held: does not fit its block
	ReasonCompanion     Reason = "companion"      // held: another row of the same letter is held
	ReasonCancelled     Reason = "cancelled"      // held: its letter was cancelled by decision
	ReasonNoContact     Reason = "no_contact"     // held: 連絡不要, by the customer's wish
	ReasonProblem       Reason = "problem"        // rejected by the operator's decision
	NoteKindGuessed     Reason = "kind_guessed"   // 個人法人区分 was empty
	NoteChannelChanged  Reason = "channel_change" // メール planned as 郵送
	NoteMixedChannel    Reason = "mixed_channel"  // one letter, two wishes: paper
	NoteHonorific       Reason = "honorific"      // the name already ends in 様, 御中 …
)

// Problem is one thing wrong with a list: where, why and what to do. Row and
// Column are "" or 0 when it concerns the file. Args fill the sentences of
// Code in templates/problems.
type Problem struct {
	File   string
	Row    int
	Column string // heading as it stands in the file
	Code   string
	Args   []string
}
