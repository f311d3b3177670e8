"""A cleaned PDF as one picture, its first pages below each other, for a page that must show it.

Runs in the sandbox only (child.py). Typst draws the pages; it reads the file from memory, for no
plaintext goes into any file (P13).
"""

from __future__ import annotations

import io
import mmap
import os
from typing import Final

import pikepdf
import typst
from PIL import Image

from alko.vault.inspection.types import PICTURED_PAGES, Refused

_PIXELS_PER_INCH: Final = 120.0
_SOURCE: Final = """
#set page(width: auto, height: auto, margin: 0pt)
#stack(spacing: 6pt, ..range(1, {last}).map(number =>
  image("/{file}", format: "pdf", page: number, width: 18cm)))
"""
_QUALITY: Final = 85


def reserve(size: int) -> int:
    """A file in memory of that many bytes. It is made before the process may write to no file."""
    file = os.memfd_create("paper")
    os.ftruncate(file, size)
    return file


def draw(data: bytes, file: int) -> bytes:
    """The first pages of the PDF as JPEG; ``file`` was reserved for it. Raises Refused."""
    with mmap.mmap(file, len(data)) as memory:
        memory[:] = data
    with pikepdf.Pdf.open(io.BytesIO(data)) as document:
        last = min(len(document.pages), PICTURED_PAGES)
    try:
        drawn: bytes = typst.compile(  # type: ignore[call-overload]
            _SOURCE.format(last=last + 1, file=file).encode(),
            root="/proc/self/fd",
            format="png",
            ppi=_PIXELS_PER_INCH,
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False),
        )
    except typst.TypstError:
        raise Refused("damaged") from None
    picture = io.BytesIO()
    with Image.open(io.BytesIO(drawn)) as image:
        image.convert("RGB").save(picture, "JPEG", quality=_QUALITY)
    return picture.getvalue()
