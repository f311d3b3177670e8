"""The words of inspection: limits, what comes out, and why something is refused."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from alko.words import N_

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
WEBP: Final = "image/webp"
HEIC: Final = "image/heic"

PICTURE_OF_PDF: Final = "picture-of-pdf"
"""What the sandbox is asked for where a PDF is to be shown in a page."""
PICTURED_PAGES: Final = 10
"""Of a longer PDF only the first are drawn."""

EXTENSIONS: Final = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png", WEBP: ".webp"}
"""What comes out of an inspection. HEIC goes in only: it leaves as JPEG."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. docs/decisions/0008-inspection.md says why these numbers."""

    file_bytes: int = 15 * 1024 * 1024
    pixels: int = 70_000_000
    pdf_pages: int = 1_000
    pdf_objects: int = 200_000
    pdf_stream_bytes: int = 280_000_000
    """One stream of a PDF when unpacked: a picture of `pixels` in four colours."""
    pdf_total_bytes: int = 1_500_000_000
    """All streams of a PDF when unpacked, one after the other."""
    memory_bytes: int = 1024**3
    cpu_seconds: int = 40
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be stored. `notes` says what was removed from it, for the client to read."""

    content: io.BytesIO
    media_type: str
    filename: str
    size: int
    notes: tuple[str, ...]


_OTHER_TYPE = N_("This kind of file is not accepted.")
_AS_PDF = N_("Open it, choose Print and save it as PDF, then upload the PDF.")

REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "empty": (
        N_("The file is empty."),
        N_("Check that it opens on your device, then choose it again."),
    ),
    "too_large": (
        N_("The file is too large."),
        N_("Take the photograph at a normal resolution, or scan fewer pages into one file."),
    ),
    "type_unknown": (
        _OTHER_TYPE,
        N_("Upload a PDF, or a photograph as JPEG, PNG, WebP or HEIC."),
    ),
    "type_office": (_OTHER_TYPE, _AS_PDF),
    "type_web": (_OTHER_TYPE, _AS_PDF),
    "type_archive": (
        _OTHER_TYPE,
        N_("Unpack the archive and upload the papers in it one by one."),
    ),
    "type_picture": (
        _OTHER_TYPE,
        N_("Save the picture as JPEG or PNG, or take a screenshot of it, and upload that."),
    ),
    "type_video": (_OTHER_TYPE, N_("Upload a photograph or a PDF instead of a recording.")),
    "truncated": (
        N_("The file is incomplete: its end is missing."),
        N_("Copy or download it again, check that it opens, then choose it again."),
    ),
    "damaged": (
        N_("The file is damaged and cannot be read."),
        N_("Check that it opens on your device; scan or photograph the paper again if not."),
    ),
    "polyglot": (
        N_("The file hides a second file of another kind."),
        N_("Scan or photograph the paper again and upload the new file."),
    ),
    "encrypted": (
        N_("The PDF is protected, so it cannot be checked."),
        N_("Open it, choose Print and save it as a new PDF without protection."),
    ),
    "dynamic_form": (
        N_("The PDF is an interactive form that shows its content in special programs only."),
        N_("Open it in the program that shows it, choose Print and save it as a new PDF."),
    ),
    "too_many_pixels": (
        N_("The picture has too many pixels."),
        N_("Take the photograph at a normal resolution, or make the picture smaller."),
    ),
    "too_many_pages": (
        N_("The PDF has too many pages."),
        N_("Upload the pages that matter as a PDF of their own."),
    ),
    "too_complex": (
        N_("The file takes too much time or memory to check."),
        N_("Print it to a new PDF, or scan or photograph the paper, and upload that."),
    ),
    "infected": (
        N_("The virus scanner found something harmful in the file."),
        N_("Do not open it. Scan or photograph the paper again, on another device if you can."),
    ),
    "scanner_unavailable": (
        N_("The file could not be checked for viruses, so it was not stored."),
        N_("Please try again in a few minutes."),
    ),
    "busy": (
        N_("Too many files are being checked at the moment, so it was not stored."),
        N_("Please try again in a minute."),
    ),
}

NOTES: Final[dict[str, str]] = {
    "location": N_("The place where the photograph was taken was removed."),
    "camera": N_("Hidden details of the camera or program were removed."),
    "pictures": N_("Further pictures or recordings in the file were removed."),
    "trailing": N_("Data behind the end of the file was removed."),
    "jpeg": N_("The picture was saved as JPEG."),
    "metadata": N_("Hidden details such as author and program were removed."),
    "scripts": N_("Scripts were removed."),
    "actions": N_("Automatic actions were removed."),
    "links": N_("Links to websites and other files were removed."),
    "attachments": N_("Attached files were removed."),
    "media": N_("Sound, video and 3D content was removed."),
    "xfa": N_("The interactive part of the form was removed."),
    "signature": N_(
        "The electronic signature was removed, since it is not valid for a changed file. "
        "Keep the original."
    ),
}


class Refused(Exception):
    """The file is not stored. Neither the file's name nor anything of its content is in here."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.message, self.advice = REFUSALS[code]
        super().__init__(code)

    @property
    def temporary(self) -> bool:
        """Whether the same file may be accepted later."""
        return self.code in ("scanner_unavailable", "busy")
