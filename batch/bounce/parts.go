package bounce

import (
	"bytes"
	"regexp"
	"strings"
)

// message is one mail taken apart: what was written to us, the machine's
// report, and what came back of the original.
type message struct {
	header   header
	notice   strings.Builder // text for people, UTF-8
	reports  []header        // message/delivery-status, block by block
	original []byte          // header of what was returned, and what follows it
	kinds    []string        // content types of all parts
	report   string          // report-type of multipart/report
}

const (
	maxDepth  = 8
	maxParts  = 200
	maxNotice = 64 << 10
)

// leadingBlank are empty lines before a header, as exports have them.
var leadingBlank = regexp.MustCompile(`\A(?:[ \t]*\n)+`)

// takeApart reads a message. It never fails: what has no form is notice.
func takeApart(raw []byte) *message {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte{'\n'})
	raw = bytes.ReplaceAll(raw, []byte{'\r'}, []byte{'\n'})
	raw = leadingBlank.ReplaceAll(raw, nil)
	m := &message{}
	h, body := splitHeader(raw)
	m.header = h
	m.part(h, body, 0)
	if m.original == nil {
		m.cutOriginal()
	}
	return m
}

// part sorts one part by its content type; of a multipart, each within.
func (m *message) part(h header, body []byte, depth int) {
	kind, params := h.mediaType()
	m.kinds = append(m.kinds, kind)
	if kind == "multipart/report" && m.report == "" {
		m.report = strings.ToLower(params["report-type"])
	}
	if depth > maxDepth || len(m.kinds) > maxParts {
		return
	}
	switch {
	case strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		m.multipart(body, params["boundary"], depth)
	case strings.HasPrefix(kind, "multipart/"):
		m.addNotice(body, h, params)
	case kind == "message/delivery-status", kind == "message/global-delivery-status":
		m.reports = append(m.reports, blocks(transferDecoded(body, h.get("content-transfer-encoding")))...)
	case kind == "message/rfc822", kind == "text/rfc822-headers", kind == "message/partial", kind == "message/global",
		kind == "message/global-headers", kind == "text/rfc822":
		m.returned(transferDecoded(body, h.get("content-transfer-encoding")), depth)
	case kind == "" || strings.HasPrefix(kind, "text/") || kind == "message/feedback-report" ||
		kind == "message/disposition-notification":
		m.addNotice(body, h, params)
	}
}

// returned is the original message. A bounce that is passed on is opened.
func (m *message) returned(body []byte, depth int) {
	if m.original == nil {
		m.original = body
		if m.original == nil {
			m.original = []byte{}
		}
	}
	if h, inner := splitHeader(body); m.forwards(h) {
		m.original, m.header = nil, append(m.header, h...) // whom it was to, and what it says of itself
		m.part(h, inner, depth+1)
	}
}

// forwards reports whether an attached message is a bounce that is passed on: a
// report, or a mail server's words in a mail that is none of a mail server.
func (m *message) forwards(attached header) bool {
	kind, params := attached.mediaType()
	return len(m.reports) == 0 && (kind == "multipart/report" && params["boundary"] != "" ||
		surely.MatchString(attached.decoded("from")) && !m.fromDaemon())
}

// multipart cuts at the boundary's lines. A missing last boundary is forgiven.
func (m *message) multipart(body []byte, boundary string, depth int) {
	mark := []byte("--" + boundary)
	pieces := cutAt(body, mark)
	if len(pieces) == 1 && len(bytes.TrimSpace(body)) > 0 { // no boundary at all
		m.addNotice(body, nil, nil)
		return
	}
	if depth == 0 && len(bytes.TrimSpace(pieces[0])) > 0 && !bytes.Contains(pieces[0], []byte("MIME")) {
		m.addNotice(pieces[0], nil, nil)
	}
	for _, p := range pieces[1:] {
		h, inner := splitHeader(p)
		if h.get("received") != "" || h.get("return-path") != "" { // the original itself, without a part's header
			m.returned(p, depth)
			continue
		}
		m.part(h, inner, depth+1)
	}
}

// cutAt splits a body at lines that begin with mark; the closing mark ends it.
func cutAt(body, mark []byte) [][]byte {
	var pieces [][]byte
	start := 0
	for at := 0; at < len(body); {
		end := bytes.IndexByte(body[at:], '\n')
		next := len(body)
		if end >= 0 {
			next = at + end + 1
		}
		if line := body[at:next]; bytes.HasPrefix(line, mark) {
			pieces = append(pieces, body[start:at])
			start = next
			if bytes.HasPrefix(line[len(mark):], []byte("--")) {
				return pieces
			}
		}
		at = next
	}
	return append(pieces, body[start:])
}

// blocks are the groups of fields of a delivery status, RFC 3464 section 2.1.
func blocks(b []byte) []header {
	var out []header
	for len(b) > 0 {
		h, rest := splitHeader(b)
		if len(h) > 0 {
			out = append(out, h)
		}
		if len(rest) >= len(b) {
			if _, after, ok := bytes.Cut(b, []byte{'\n'}); ok { // a line that is no field
				b = after
				continue
			}
			break
		}
		b = rest
	}
	return out
}

var (
	tags     = regexp.MustCompile(`(?s)<(?:style|script).*?</(?:style|script)>|<!--.*?-->|</?[A-Za-z][^<>]*>`)
	entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "&nbsp;", " ", "&quot;", `"`, "&#39;", "'")
)

func (m *message) addNotice(body []byte, h header, params map[string]string) {
	text := toUTF8(transferDecoded(body, h.get("content-transfer-encoding")), params["charset"])
	if kind, _ := h.mediaType(); kind == "text/html" {
		if m.notice.Len() > 200 && bytes.Contains([]byte(strings.Join(m.kinds, " ")), []byte("text/plain")) {
			return // the same again for other eyes
		}
		text = []byte(entities.Replace(string(tags.ReplaceAll(text, []byte(" ")))))
	}
	text = text[:min(len(text), max(0, maxNotice-m.notice.Len()))]
	m.notice.Write(text)
	m.notice.WriteByte('\n')
}

// named are the lines in which a notice names the original: a subject about a
// virus is no virus.
var named = regexp.MustCompile(`(?im)^[> \t]*(?:to|cc|bcc|from|subject|sent|date|re|件名|題名|宛先|差出人|送信日時|送信者|日時)[ \t]*[:：].*$`)

// words is the notice without the lines that name the original.
func (m *message) words() string { return named.ReplaceAllString(m.notice.String(), "") }

// cutOriginal finds the original in a message of one part: below a line that
// announces it, or where a block of mail header begins.
func (m *message) cutOriginal() {
	text := m.notice.String()
	inner := serverHeader(text)
	if inner != nil && strings.HasPrefix(text[inner[0]:], ">") {
		text = text[:inner[0]] + quoteMark.ReplaceAllString(text[inner[0]:], "")
		inner = serverHeader(text)
	}
	after := 0
	if inner != nil {
		h, body := splitHeader([]byte(text[inner[0]:]))
		if kind, params := h.mediaType(); kind == "multipart/report" && params["boundary"] != "" {
			m.notice.Reset()
			m.notice.WriteString(text[:inner[0]])
			m.part(h, body, 1)
			return
		}
		after = inner[1]
	}
	m.notice.Reset()
	at := originalAt(text[after:])
	if at < 0 {
		m.notice.WriteString(text)
		return
	}
	m.original = []byte(text[after+at:])
	m.notice.WriteString(text[:after+at])
}

var (
	quoteMark  = regexp.MustCompile(`(?m)^> ?`)
	serverFrom = regexp.MustCompile(`(?im)^[> \t]*from: ?[^\n]*(?:mailer[-_ ]?daemon|postmaster|mail delivery)[^\n]*\n`)
	emptyLine  = regexp.MustCompile(`\n[> \t]*\n`)
)

// serverHeader finds a mail server's own header within a text, as where a
// provider or a person passes a bounce on in the text of a mail: where it
// begins and ends, nil when there is none. An original is never a server's.
func serverHeader(text string) []int {
	from := serverFrom.FindStringIndex(text)
	if from == nil {
		return nil
	}
	start := 0
	if before := emptyLine.FindAllStringIndex(text[:from[0]], -1); before != nil {
		start = before[len(before)-1][1]
	}
	first := fieldLine.FindStringIndex(text[start:])
	end := emptyLine.FindStringIndex(text[from[0]:])
	if end == nil || len(fieldLine.FindAllString(text[start+first[0]:from[0]+end[0]], 3)) < 3 {
		return nil
	}
	return []int{start + first[0], from[0] + end[1]}
}

// announced are the lines below which servers put the returned message.
var announced = regexp.MustCompile(`(?im)^[-=*>_ \t]*(?:` +
	`below this line is a copy of the message|this is a copy of (?:the|your) message|a copy of the (?:original )?message|` +
	`(?:the )?original message(?: follows|:|$|[^a-z\n]*$)|message text follows|unsent message (?:follows|below)|returned message|` +
	`the (?:header|headers|unsent message|following is|attached)|message (?:header|headers) follow|original (?:mail|headers)|` +
	`received message follows|the text of your message|your message follows|undelivered message|-+ ?message body|` +
	`beginning of (?:the )?original|forwarded message|failed message)[^\n]*$`)

// fieldLine begins a returned header.
var fieldLine = regexp.MustCompile(`(?im)^[> \t]{0,4}(?:received|return-path|message-id|date|from|to|subject|mime-version|x-[a-z-]+|content-type|sender|reply-to|cc): ?`)

func originalAt(text string) int {
	best := -1
	if loc := announced.FindStringIndex(text); loc != nil && fieldLine.MatchString(text[loc[1]:]) {
		best = loc[0]
	}
	if at := headerBlock(text); at >= 0 && (best < 0 || at < best) {
		best = at
	}
	return best
}

// machineField is what no server names to people.
var machineField = regexp.MustCompile(`(?im)^[> \t]*(?:received|return-path|mime-version|x-mailer|content-type): ?`)

// headerBlock returns where three lines of mail header stand together.
func headerBlock(text string) int {
	all := fieldLine.FindAllStringIndex(text, -1)
	for i := 0; i+2 < len(all); i++ {
		if !machineField.MatchString(text[all[i][0]:all[i+2][1]]) {
			continue // an address and a subject named to people are no header
		}
		if strings.Count(text[all[i][0]:all[i+2][0]], "\n") <= 8 && !strings.Contains(text[all[i][0]:all[i+2][0]], "\n\n") {
			return all[i][0]
		}
	}
	return -1
}
