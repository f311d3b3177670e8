"""A sheet of paper to draw on, and to photograph: what every scan of the demo is made of.

Drawn with Pillow and the fonts that reportlab ships, at twice the size and then reduced.
"""

import io
import math
import random
import unicodedata
from pathlib import Path
from typing import overload

import reportlab
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont
from reportlab.pdfbase.ttfonts import TTFontFile

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]

_FONTS = Path(reportlab.__file__).parent / "fonts"
INK: Colour = (34, 38, 48)
FAINT: Colour = (96, 104, 122)
RED: Colour = (176, 32, 48)
_GLYPHS = TTFontFile(str(_FONTS / "VeraBd.ttf")).charToGlyph


class Sheet:
    """A picture in the making; coordinates are pixels of the finished one."""

    _SCALE = 2

    def __init__(
        self, size: tuple[int, int], *, paper: Colour, pattern: Colour, chance: random.Random
    ) -> None:
        self._size = size
        self._chance = chance
        self._image = Image.new("RGB", (size[0] * self._SCALE, size[1] * self._SCALE), paper)
        self._draw = ImageDraw.Draw(self._image)
        self._guilloche(paper, pattern)

    def text(
        self,
        at: tuple[int, int],
        text: str,
        size: int,
        bold: bool = False,
        *,
        colour: Colour = INK,
        anchor: str = "la",
        width: int = 0,
    ) -> None:
        """Write one line, smaller when it would be wider than `width` (0: as wide as it is)."""
        text = drawable(text)
        font = _font(size * self._SCALE, bold)
        while width and font.getlength(text) > width * self._SCALE and font.size > 16:
            font = _font(int(font.size) - 2, bold)
        self._draw.text(self._scaled(at), text, fill=colour, font=font, anchor=anchor)

    def fields(
        self, left: int, top: int, rows: list[list[tuple[str, str, int]]], *, step: int
    ) -> None:
        """Write labelled values: rows of (label, value, distance from `left`)."""
        for place, row in enumerate(rows):
            for column, (label, value, indent) in enumerate(row):
                end = row[column + 1][2] if column + 1 < len(row) else self._size[0] - left - 56
                at = left + indent, top + place * step
                self.text(at, label, 14, colour=FAINT)
                self.text((at[0], at[1] + 20), value, 27, bold=True, width=end - indent - 12)

    def block(self, box: Box, colour: Colour) -> None:
        """Fill a rectangle."""
        self._draw.rectangle(self._scaled(box), fill=colour)

    def zone(self, lines: tuple[str, str], *, top: int) -> None:
        """Write the machine-readable lines at a fixed pitch on white."""
        width, height = self._size
        self.block((0, top - 24, width, height), (246, 247, 246))
        pitch = (width - 112) / len(lines[0])
        font = _font(30 * self._SCALE, True)
        for row, line in enumerate(lines):
            for place, sign in enumerate(line):
                middle = (56 + (place + 0.5) * pitch, top + 34 + row * 64)
                at = (middle[0] * self._SCALE, middle[1] * self._SCALE)
                self._draw.text(at, sign, fill=INK, font=font, anchor="mm")

    def portrait(self, box: Box, name: str) -> None:
        """Draw head and shoulders of nobody; the same for the same name on every paper."""
        chance = random.Random(name)  # noqa: S311 - drawing, not cryptography
        left, top, right, bottom = self._scaled(box)
        size = right - left, bottom - top
        tone, hair = chance.choice(
            [
                ((236, 202, 180), (150, 108, 64)),
                ((224, 186, 160), (74, 50, 36)),
                ((204, 160, 128), (44, 34, 30)),
                ((160, 114, 86), (36, 28, 26)),
                ((116, 80, 62), (28, 24, 24)),
            ]
        )
        coat = chance.choice([(48, 62, 92), (84, 58, 70), (52, 82, 74), (64, 64, 68)])
        shade = (tone[0] * 6 // 7, tone[1] * 6 // 7, tone[2] * 6 // 7)
        photo = Image.new("RGB", size, (206, 214, 220))
        draw = ImageDraw.Draw(photo)
        x, y = size[0] / 2, size[1]

        def ellipse(cx: float, cy: float, rx: float, ry: float, colour: Colour) -> None:
            draw.ellipse((cx - rx, cy - ry, cx + rx, cy + ry), fill=colour)

        ellipse(x, y * 0.385, x * 0.52, y * 0.25, hair)
        if chance.random() < 0.5:
            draw.rounded_rectangle((x * 0.48, y * 0.38, x * 1.52, y * 0.78), 70, fill=hair)
        ellipse(x, y * 1.06, x * 0.86, y * 0.32, coat)
        draw.rectangle((x * 0.8, y * 0.6, x * 1.2, y * 0.78), fill=shade)
        ellipse(x, y * 0.775, x * 0.2, y * 0.05, shade)
        for side in (-1, 1):
            ellipse(x + side * x * 0.435, y * 0.465, x * 0.055, y * 0.04, shade)
        ellipse(x, y * 0.46, x * 0.42, y * 0.21, tone)
        for side in (-1, 1):
            ellipse(x + side * x * 0.18, y * 0.44, x * 0.035, y * 0.014, (40, 34, 34))
            brow = (x + side * x * 0.18 - 28, y * 0.395, x + side * x * 0.18 + 28, y * 0.43)
            draw.arc(brow, 200, 340, fill=hair, width=7)
        draw.arc((x * 0.93, y * 0.47, x * 1.07, y * 0.53), 20, 160, fill=shade, width=6)
        draw.arc((x * 0.84, y * 0.53, x * 1.16, y * 0.59), 20, 160, fill=(150, 84, 80), width=7)
        self._image.paste(photo.filter(ImageFilter.GaussianBlur(3)), (left, top))
        self._draw.rectangle((left, top, right, bottom), outline=(140, 150, 160), width=2)

    def signature(self, at: tuple[int, int], text: str) -> None:
        """Write `text` slanted, at most 280 pixels wide, as a hand would."""
        text = drawable(text)
        font = ImageFont.truetype(_FONTS / "VeraIt.ttf", 34 * self._SCALE)
        if (width := font.getlength(text)) > 280 * self._SCALE:
            font = font.font_variant(size=font.size * 280 * self._SCALE / width)
        size = int(font.getlength(text)) + 80, 60 * self._SCALE
        ink = Image.new("L", size, 0)
        ImageDraw.Draw(ink).text((20, 4), text, fill=210, font=font)
        ink = ink.transform(
            size, Image.Transform.AFFINE, (1, 0.35, -30, 0, 1, 0), Image.Resampling.BICUBIC
        ).rotate(3, Image.Resampling.BICUBIC)
        self._image.paste((38, 52, 110), self._scaled(at), ink)

    def stamp(self, text: str, size: int) -> None:
        """Lay `text` across the middle, so that nobody takes the paper for a real one."""
        layer = Image.new("L", self._image.size, 0)
        middle = layer.width / 2, layer.height / 2
        font = _font(size * self._SCALE, True)
        ImageDraw.Draw(layer).text(middle, text, fill=54, font=font, anchor="mm")
        turned = layer.rotate(20, Image.Resampling.BICUBIC, translate=(120, -130))
        self._image.paste(RED, (0, 0), turned)

    def jpeg(self) -> bytes:
        """Return the picture as if scanned: a little askew, with the grain of a sensor."""
        page = self._image.resize(self._size, Image.Resampling.LANCZOS)
        desk = Image.new("RGB", (page.width + 60, page.height + 60), (72, 70, 68))
        shadow = Image.new("L", desk.size, 0)
        ImageDraw.Draw(shadow).rectangle((34, 36, page.width + 34, page.height + 38), fill=130)
        desk.paste((20, 20, 20), (0, 0), shadow.filter(ImageFilter.GaussianBlur(7)))
        desk.paste(page, (30, 30))
        desk = desk.rotate(
            self._chance.uniform(-0.6, 0.6), Image.Resampling.BICUBIC, fillcolor=(72, 70, 68)
        ).resize(self._size, Image.Resampling.LANCZOS)
        width, height = self._size[0] // 2, self._size[1] // 2
        grain = Image.frombytes("L", (width, height), self._chance.randbytes(width * height))
        grain = grain.point([118 + value // 14 for value in range(256)]).resize(self._size)
        desk = ImageChops.overlay(desk, Image.merge("RGB", (grain, grain, grain)))
        target = io.BytesIO()
        desk.save(target, "JPEG", quality=68, optimize=True)
        return target.getvalue()

    def _guilloche(self, paper: Colour, pattern: Colour) -> None:
        """Cover the paper with the fine waves of a security print."""
        width, height = self._image.size
        phase = self._chance.uniform(0, math.tau)
        for row in range(-8, height // 26 + 8):
            strength = 0.35 + 0.3 * math.sin(row / 5 + phase)
            mixed = [int(p + (q - p) * strength) for p, q in zip(paper, pattern, strict=True)]
            points = [
                (x, row * 26 + 40 * math.sin(x / 170 + phase + row / 9) + 14 * math.sin(x / 47))
                for x in range(0, width + 12, 12)
            ]
            self._draw.line(points, fill=(mixed[0], mixed[1], mixed[2]), width=2, joint="curve")

    @overload
    def _scaled(self, numbers: tuple[int, int]) -> tuple[int, int]: ...
    @overload
    def _scaled(self, numbers: Box) -> Box: ...
    def _scaled(self, numbers: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(number * self._SCALE for number in numbers)


def drawable(text: str) -> str:
    """Return `text` with letters that the font lacks reduced to their base (ń to n), else `?`."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        sign if ord(sign) in _GLYPHS else base if ord(base) in _GLYPHS else "?"
        for sign in composed
        for base in [unicodedata.normalize("NFKD", sign)[0]]
    )


def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS / ("VeraBd.ttf" if bold else "Vera.ttf"), size)
