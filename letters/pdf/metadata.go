package pdf

import (
	"bytes"
	_ "embed"
	"encoding/xml"
	"fmt"
	"time"
)

// profile is a minimal sRGB display profile (ICC v2), made by this project:
// see icc_test.go, which builds it from IEC 61966-2-1. CC0.
//
//go:embed srgb.icc
var profile []byte

// xmpForm is the XMP packet (ISO 16684-1) with the PDF/A-2u claim. Its dates
// and title repeat those of the Info dictionary, as PDF/A demands.
const xmpForm = `<?xpacket begin="` + "\uFEFF" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%[1]s</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>%[2]s</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>%[3]s</xmp:CreateDate><xmp:ModifyDate>%[3]s</xmp:ModifyDate><xmp:CreatorTool>oshirase</xmp:CreatorTool>
<pdf:Producer>oshirase</pdf:Producer><pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`

func xmp(title, lang string, date time.Time) ([]byte, error) {
	var t bytes.Buffer
	if err := xml.EscapeText(&t, []byte(title)); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, xmpForm, t.Bytes(), lang, date.Format("2006-01-02T15:04:05-07:00")), nil
}

// appendInfo writes the Info dictionary: no author, no path, nothing of the machine.
func appendInfo(b []byte, title string, date time.Time) []byte {
	b = appendUTF16(append(b, "<</Title<FEFF"...), title)
	d := date.Format("20060102150405")
	return fmt.Appendf(b, ">/Creator(oshirase)/Producer(oshirase)/CreationDate(D:%[1]s+09'00')/ModDate(D:%[1]s+09'00')>>", d)
}

// close writes metadata, output intent, Info and catalog, and ends the file.
// tree is the number of the structure tree's root, 0 = none.
func (f *file) close(title, lang string, date time.Time, icc, tree int, id [16]byte) error {
	packet, err := xmp(title, lang, date)
	if err != nil {
		return err
	}
	meta, infos, catalog := f.number(), f.number(), f.number()
	f.stream(meta, "/Type/Metadata/Subtype/XML", packet)
	f.begin(infos)
	f.out = appendInfo(f.out, title, date)
	f.end()
	f.begin(catalog)
	f.ref("<</Type/Catalog/Pages", rootObject)
	f.text("/Lang(" + lang + ")/ViewerPreferences<</DisplayDocTitle true>>")
	f.ref("/Metadata", meta)
	f.text("/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)")
	f.ref("/DestOutputProfile", icc)
	f.text(">>]")
	if tree != 0 {
		f.ref("/MarkInfo<</Marked true>>/StructTreeRoot", tree)
	}
	f.text(">>")
	f.end()
	return f.finish(catalog, infos, id)
}
