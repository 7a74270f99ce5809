// Package printing makes print runs (印刷ロット): a folder of print files, a
// manifest, the order sheet and checksums that appears before the printer
// whole or not at all. Maker.Make makes one run and reads every page back
// before it appears; Inspect says after a crash which letters stand there;
// ReadReceipt reads what the printer and the post report.
//
// The package draws no page: pages come from a PageSource, and the reader
// that proves them is passed in, so that it shares nothing with what wrote
// them. Errors name letter IDs, files and pages, and no person.
package printing
