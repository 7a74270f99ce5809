// Package postal checks an address against Japan Post's postal data and makes
// the カスタマバーコード (customer barcode) of it.
//
// The rules are those of 郵便番号・バーコードマニュアル (Japan Post, pages 11
// to 25, cited below as "manual p18" and so on). A barcode is made only where
// the postal data allow it: where the address does not agree with its code
// there is none, never a guess. Why not is told by a Reason, a code whose
// sentence stands elsewhere.
package postal
