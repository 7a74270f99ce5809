// Package fonts holds the faces the letters are drawn with: their coverage,
// glyph look-up, outlines and subsets. It imports no other package of this
// module.
//
// Three faces are part of the program: BIZ UDMincho (body), BIZ UDGothic Bold
// (headings) and IPAmj Mincho, whose 46 MB are stored as compressed blocks, so
// that coverage and metrics are read without its outlines. A house adds its
// own TrueType files, for example the EUDC.TTE in which Windows keeps 外字.
//
// The one rule everything here serves: a character is drawn as what was
// written, or it is reported as Missing before anything is drawn. There is no
// .notdef box, no bare base in place of an unknown base + variation selector,
// no blank glyph in place of a character, and no 外字 answered by a face that
// is not the house's own.
package fonts
