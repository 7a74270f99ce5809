package letters

// Counts are the figures of import, status, report and truth.json, under the
// JSON keys that others script against. Rows is always the sum of
// the five outcomes.
type Counts struct {
	Rows                int `json:"rows"`
	ViewedContracts     int `json:"viewed_contracts"`
	LastResortContracts int `json:"last_resort_contracts"`
	DisasterContracts   int `json:"disaster_contracts"`
	RetailersCC         int `json:"retailers_cc"`
	RetailersNW         int `json:"retailers_nw"`
	Retailers           int `json:"retailers"`
	LetterRows          int `json:"letter_rows"`
	MergedRows          int `json:"merged_rows"`
	ExcludedRows        int `json:"excluded_rows"`
	HeldRows            int `json:"held_rows"`
	RejectedRows        int `json:"rejected_rows"`
	Letters             int `json:"letters"`
}

// Balanced reports whether the rows equal the sum of the five outcomes.
func (c Counts) Balanced() bool {
	return c.Rows == c.LetterRows+c.MergedRows+c.ExcludedRows+c.HeldRows+c.RejectedRows
}
