package text

// blockWords returns every string of a block that is printed, in reading order.
func blockWords(b Block) (out []string) {
	switch b := b.(type) {
	case Heading:
		return inlineWords(b.Text)
	case Paragraph:
		return inlineWords(b.Text)
	case List:
		for _, item := range b.Items {
			out = append(append(out, item.Marker), inlineWords(item.Text)...)
		}
	case Table:
		out = append(out, b.Caption)
		for _, c := range b.Columns {
			out = append(out, c.Head)
		}
		for _, row := range b.Rows {
			for _, cell := range row {
				out = append(out, inlineWords(cell.Text)...)
			}
		}
	case Chart:
		out = append(out, b.Caption, b.Unit)
		for _, bar := range b.Bars {
			out = append(out, bar.Label)
		}
	}
	return out
}

func inlineWords(in []Inline) []string {
	out := make([]string, len(in))
	for i, t := range in {
		out[i] = t.Text
	}
	return out
}
