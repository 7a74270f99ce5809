"""Writes a font as a private character editor would: eudc.py OUT < SHAPES

Each shape is lines of operation (0 move, 1 line, 3 close), x and y, ended by
"end"; the first becomes U+E000. The em has 2048 units."""
import sys

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen


def triangle():
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    pen.lineTo((900, 0))
    pen.lineTo((500, 900))
    pen.closePath()
    return pen.glyph()


def shapes(lines):
    pen = TTGlyphPen(None)
    for line in lines:
        fields = line.split()
        if fields[0] == "end":
            yield pen.glyph()
            pen = TTGlyphPen(None)
        elif fields[0] == "3":
            pen.closePath()
        else:
            (pen.moveTo if fields[0] == "0" else pen.lineTo)((int(fields[1]), int(fields[2])))


drawn = list(shapes(sys.stdin))
names = ["house%d" % i for i in range(len(drawn))]
fb = FontBuilder(2048, isTTF=True)
fb.setupGlyphOrder([".notdef"] + names)
fb.setupCharacterMap({0xE000 + i: name for i, name in enumerate(names)})
fb.setupGlyf(dict(zip([".notdef"] + names, [triangle()] + drawn)))
fb.setupHorizontalMetrics({name: (2048, 0) for name in [".notdef"] + names})
fb.setupHorizontalHeader(ascent=1802, descent=-246)
fb.save(sys.argv[1])
