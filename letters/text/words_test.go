package text

// Words returns every string of a document that is printed, in reading order.
func Words(d Document) []string {
	out := []string{d.Title, d.Subject, d.DocumentNo, d.Date}
	out = append(out, d.Sender...)
	out = append(out, d.Address.LetterID, d.Address.PostalCode)
	out = append(append(out, d.Address.Lines...), d.Address.Name...)
	out = append(out, d.Address.Honorific, d.Labels.LetterID, d.Labels.Reading, d.Labels.Page, d.Labels.Continue)
	for _, b := range d.Body {
		out = append(out, blockWords(b)...)
	}
	return out
}
