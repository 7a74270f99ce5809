package intake

import "oshirase/letters"

// Codes of problems that concern the file. The comment gives the arguments of
// the sentence.
const (
	codeFileEmpty         = "file_empty"
	codeFileTooLarge      = "file_too_large"     // {1} limit in MB
	codeFormatUnknown     = "format_unknown"     //
	codeFormatOldExcel    = "format_old_excel"   // also an encrypted workbook
	codeEncodingAmbiguous = "encoding_ambiguous" //
	codeLineTooLong       = "line_too_long"      // {1} limit in characters
	codeHeadingNotFound   = "heading_not_found"  // {1} records looked at
	codeHeadingMissing    = "heading_missing"    // {1} heading
	codeHeadingDuplicate  = "heading_duplicate"  // {1} heading, {2} columns
	codeRowsNone          = "rows_none"          //
	codeWorkbookDamaged   = "workbook_damaged"   //
	codeWorkbookLimits    = "workbook_limits"    //
	codeWorkbookUnsafe    = "workbook_unsafe"    //
	codeSheetsSeveral     = "sheets_several"     // {1} names of the sheets
)

// Codes of problems that concern a whole row, or any cell.
const (
	codeRowShort         = "row_short"         // {1} cells, {2} headings
	codeRowLong          = "row_long"          // {1} cells, {2} headings
	codeQuoteMissing     = "quote_missing"     //
	codeQuoteStray       = "quote_stray"       //
	codeEncodingMixed    = "encoding_mixed"    // {1} byte offset
	codeHeadingMoved     = "heading_moved"     //
	codeBytesBroken      = "bytes_broken"      // {1} byte offset from the file's start
	codeCharacterLost    = "character_lost"    //
	codeControlCharacter = "control_character" // {1} code point
	codeCellError        = "cell_error"        // {1} the error, e.g. #REF!
	codeFormulaEmpty     = "formula_empty"     //
	codeMergedCells      = "merged_cells"      // {1} range
	codeTextNumber       = "text_number"       //
)

// Codes of problems with the contract of a row.
const (
	codeSupplyPointEmpty     = "supply_point_empty"
	codeSupplyPointNumber    = "supply_point_number"
	codeSupplyPointDigits    = "supply_point_digits" // {1} digits found
	codeSupplyPointCharacter = "supply_point_character"
	codeSupplyPointArea      = "supply_point_area" // {1} expected first digits
	codeNameEmpty            = "name_empty"
	codeChannelUnknown       = "channel_unknown"
	codeRetailerEmpty        = "retailer_empty"
	codeRetailerNumber       = "retailer_number"
	codeRetailerUnlisted     = "retailer_unlisted"     // {1} code
	codeRetailerAffiliated   = "retailer_affiliated"   // {1} code
	codeRetailerNameDiffers  = "retailer_name_differs" // {1} name in the retailer list
	codeSupplyEmpty          = "supply_empty"
	codeSupplyUnknown        = "supply_unknown"
	codeSystemEmpty          = "system_empty"
	codeSystemUnknown        = "system_unknown"
	codeItemUnknown          = "item_unknown" // {1} place in the cell, from 1
	codeItemOutside          = "item_outside" // {1} item, {2} system
	codeViewersUnknown       = "viewers_unknown"
	codeFlagUnknown          = "flag_unknown"
	codeHandlingUnknown      = "handling_unknown"
	codeViewsBad             = "views_bad"
)

// Codes of problems with dates, and of impossible rows.
const (
	codeDateEmpty           = "date_empty"
	codeDateBad             = "date_bad"
	codeDateNumber          = "date_number"
	codeDateOutsideViewable = "date_outside_viewable" // {1} from, {2} to
	codeDateOutsideLog      = "date_outside_log"      // {1} from, {2} to
	codeDateOrder           = "date_order"            // {1} first day
	codeImpossibleSupply    = "impossible_supply"     // {1} system
	codeLastResortLow       = "last_resort_low"
	codeLastResortSystem    = "last_resort_system" // {1} system
	codeLastResortRetailer  = "last_resort_retailer"
)

// Codes of problems with the retailer list.
const (
	codeRetailerCodeTwice = "retailer_code_twice" // {1} earlier row
	codeRetailerNameEmpty = "retailer_name_empty"
	codeRetailerPostalBad = "retailer_postal_bad"
	codeRetailerMailBad   = "retailer_mail_bad"
)

// Codes of problems with a list of corrected recipients.
const (
	codeLetterBad   = "letter_bad"
	codeLetterTwice = "letter_twice" // {1} earlier row
	codeAddressHalf = "address_half"
)

// Notes of this package besides those of letters: what was left out of a row
// because it could not be trusted, for a person to review.
const (
	NotePhoneDropped letters.Reason = "phone_dropped" // 連絡先電話番号 not usable, e.g. its leading zero lost
	NoteKanaDropped  letters.Reason = "kana_dropped"  // 契約名義カナ was a number or date cell
	NoteNameSpaces   letters.Reason = "name_spaces"   // 契約名義 begins or ends with a space; kept as given
)
