package bounce

// Reason says why a mail did not reach its recipient.
type Reason string

// The reasons, as the trade counts them.
const (
	UserUnknown  Reason = "user_unknown"    // no such mailbox
	HostUnknown  Reason = "host_unknown"    // no such domain, or nobody there takes mail
	Moved        Reason = "address_changed" // the address was replaced by another
	NotAccepting Reason = "not_accepting"

	MailboxFull Reason = "mailbox_full"
	Suspended   Reason = "suspended" // the mailbox is locked or dormant
	Filtered    Reason = "filtered"  // 受信拒否: the recipient's own settings
	TooLarge    Reason = "too_large"
	Spam        Reason = "spam"
	Virus       Reason = "virus"
	Blocked     Reason = "blocked" // our server or its network
	Policy      Reason = "policy"
	Security    Reason = "security" // authentication, TLS, SPF, DMARC
	Sender      Reason = "sender"   // our sender address
	Relaying    Reason = "relaying" // the server is not for that domain
	Content     Reason = "content"
	TooMany     Reason = "too_many" // connections, mails, recipients
	Expired     Reason = "expired"  // given up after many attempts
	Network     Reason = "network"
	System      Reason = "system"
	Unknown     Reason = "unknown"
)

// Class says whether a later attempt could succeed.
type Class string

const (
	Hard  Class = "hard"  // the address does not work and will not
	Soft  Class = "soft"  // this mail did not get there; the address may work
	Other Class = "other" // it cannot be said: a message cut off before its words
)

// classOf is hard for the reasons that lie in the address itself. Where no
// reason was understood nothing was said against the address: then it is soft,
// whatever the status.
func classOf(r Reason, status string) Class {
	switch r {
	case UserUnknown, HostUnknown, Moved:
		return Hard
	case NotAccepting:
		if len(status) > 0 && status[0] == '4' {
			return Soft
		}
		return Hard
	}
	return Soft
}

// byStatus is what an enhanced status code (RFC 3463, and the registry of
// RFC 5248) says by itself, "" when it says too little.
func byStatus(status string) Reason {
	if len(status) < 5 {
		return ""
	}
	permanent := status[0] == '5'
	switch status[2:] {
	case "1.1", "1.3":
		return pick(permanent, UserUnknown, "")
	case "1.2", "4.4":
		return pick(permanent, HostUnknown, Network)
	case "1.0":
		return pick(permanent, UserUnknown, "")
	case "1.6", "7.17", "7.18":
		return Moved
	case "1.7", "1.8", "7.27":
		return Sender
	case "1.10", "3.2":
		return pick(permanent, NotAccepting, NotAccepting)
	case "1.4", "2.0", "2.4":
		return Filtered
	case "2.1":
		return pick(permanent, Filtered, Suspended)
	case "7.13":
		return Suspended
	case "2.2":
		return MailboxFull
	case "2.3", "3.4":
		return TooLarge
	case "3.1", "4.5":
		return System
	case "3.0", "3.3", "3.5", "4.3", "5.4", "5.5", "1.9":
		return System
	case "4.7", "4.1":
		return Expired
	case "4.0", "4.2", "4.6":
		return Network
	case "5.3":
		return TooMany
	case "7.25":
		return Blocked
	}
	switch status[1:3] {
	case ".6":
		return Content
	case ".7":
		return Security
	}
	return ""
}

// byCode is what a reply code says by itself: RFC 7504 defines 521 and 556 for
// hosts that take no mail, and servers give 525 for accounts that are disabled.
// 500 and 502 to 504 are about the commands (RFC 5321), never the address; 534,
// 535 and 538 about our own login (RFC 4954).
func byCode(code int) Reason {
	switch code {
	case 500, 502, 503, 504:
		return System
	case 534, 535, 538:
		return Security
	case 521, 556:
		return NotAccepting
	case 525:
		return Suspended
	}
	return Unknown
}

func pick(first bool, a, b Reason) Reason {
	if first {
		return a
	}
	return b
}
