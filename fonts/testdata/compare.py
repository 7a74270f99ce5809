"""Compares a subset with its face, glyph by glyph, as fontTools reads both.

usage: compare.py FACE SUBSET LIST HINTS
LIST holds lines "glyph-of-face glyph-of-subset". HINTS is "hints" or "bare".
Prints the number of glyphs that agree; the first difference ends it.
"""
import sys
from fontTools.ttLib import TTFont


def read(path, checksums):
    font = TTFont(path, lazy=True, checkChecksums=checksums)
    font.setGlyphOrder(["g%d" % i for i in range(font["maxp"].numGlyphs)])
    return font


def shape(font, gid):
    name = "g%d" % gid
    glyph = font["glyf"][name]
    points, ends, flags = glyph.getCoordinates(font["glyf"])
    return list(points), list(ends), [f & 1 for f in flags], font["hmtx"][name]


def code(font, gid):
    program = getattr(font["glyf"]["g%d" % gid], "program", None)
    return program.getBytecode() if program else b""


def main(face, subset, pairs, hints):
    face, subset, same = read(face, 0), read(subset, 2), 0
    for line in open(pairs):
        old, new = map(int, line.split())
        want, got = shape(face, old), shape(subset, new)
        if want != got:
            sys.exit("glyph %d as %d differs: %r, %r" % (old, new, want, got))
        program = code(face, old) if hints == "hints" else b""
        if code(subset, new) != program:
            sys.exit("instructions of glyph %d as %d differ" % (old, new))
        same += 1
    for tag in ("fpgm", "prep", "cvt "):
        kept = tag in subset.reader.tables
        if kept != (hints == "hints" and tag in face.reader.tables):
            sys.exit("table %r: in subset %s" % (tag, kept))
        if kept and subset.reader[tag] != face.reader[tag]:
            sys.exit("table %r differs" % tag)
    notdef = subset["glyf"]["g0"]
    if notdef.numberOfContours != 0:
        sys.exit(".notdef of the subset is not blank")
    print(same)


main(*sys.argv[1:])
