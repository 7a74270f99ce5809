// Package intake reads the lists that come from the investigators' desk: the
// confirmed viewed-contract list (閲覧確認済契約リスト) and the retailer list
// (小売電気事業者一覧), as CSV, TSV or XLSX. It accepts what a careful person
// could have meant and names everything else by row and column, all at once.
//
// Read is the usual way in: it streams, hands over every good row in file
// order, and returns a Report of what it saw and what is wrong. Whatever is
// wrong with the data is a problem in the report; an error means that reading
// itself failed. Headings and accepted words are data of templates/headings,
// the sentences of the problems are data of templates/problems.
package intake
