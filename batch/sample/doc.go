// Package sample makes up lists in the real format, with the truth about
// them: what an honest import must count. The truth is counted while the rows
// are drawn, never by reading them, and shares no code with the import.
//
// The proportions are those of the incident report: per 44,855 contracts of
// other retailers, 136 of 最終保障供給 and 2,165 seen for 非常災害対応 come on top;
// 190 retailers are in the call-centre system and 65 in the network system, 8
// of them there alone. Rare things (a change of occupant, a repeated row, a
// character that no face has …) come at fixed intervals, so that a list of a
// hundred contracts has most of them.
//
// The people are invented from words of the electricity trade, mailboxes end
// in example.jp, telephone numbers have 0000 in the middle; towns and postal
// codes are real, so that a barcode can be made. The same options give the
// same bytes.
package sample
