package letters

// KnownFile is a file that the ledger knows by its hash.
type KnownFile struct {
	Kind       string // letter, print_file, manifest, packet, list, receipt, returned or evidence
	Month      Month  // "" for what came back
	LetterID   ID     // of a letter's own file
	Generation int
	Run        string // of a print file or manifest
	Name       string // of print file, packet, list or receipt
	Retailer   string // code, of a packet
}
