"""PDFs: written anew from the objects that make up the pages, without anything that acts, hides
or tells of the writer. Runs in the sandbox only.

Two passes that do not rely on one another: known places are emptied, and then every dictionary in
the file loses the keys and actions that no page needs, wherever they are.
"""

from __future__ import annotations

import base64
import binascii
import io
import zlib
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from alko.vault.inspection.jpegs import without_metadata
from alko.vault.inspection.kinds import boxes
from alko.vault.inspection.types import Limits, Refused

_CATALOG: Final = {
    "/OpenAction": "actions",
    "/AA": "actions",
    "/Metadata": "metadata",
    "/PieceInfo": "metadata",
    "/AF": "attachments",
    "/Collection": "attachments",
    "/Perms": "signature",
    "/DSS": "signature",
    "/Legal": "",
    "/Requirements": "",
    "/SpiderInfo": "metadata",
    "/URI": "links",
    "/NeedsRendering": "",
}
_NAME_TREES: Final = {
    "/JavaScript": "scripts",
    "/EmbeddedFiles": "attachments",
    "/URLS": "links",
    "/Renditions": "media",
    "/AlternatePresentations": "actions",
    "/Pages": "",
    "/Templates": "",
    "/IDS": "",
}
_ANYWHERE: Final = {
    "/JS": "scripts",
    "/JavaScript": "scripts",
    "/AA": "actions",
    "/OpenAction": "actions",
    "/URI": "links",
    "/EF": "attachments",
    "/RF": "attachments",
    "/EmbeddedFiles": "attachments",
    "/AF": "attachments",
    "/XFA": "xfa",
    "/RichMediaContent": "media",
    "/RichMediaSettings": "media",
    "/3DD": "media",
    "/Metadata": "metadata",
    "/PieceInfo": "metadata",
    "/LastModified": "",
    "/Thumb": "",
    "/OPI": "",
}
_ACTIONS: Final = {
    "/JavaScript": "scripts",
    "/URI": "links",
    "/GoToR": "links",
    "/GoToE": "links",
    "/Launch": "actions",
    "/SubmitForm": "actions",
    "/ImportData": "actions",
    "/Rendition": "media",
    "/RichMediaExecute": "media",
    "/Movie": "media",
    "/Sound": "media",
}
"""Actions by their /S. Only GoTo, to another page of the same file, stays."""
_GO_TO: Final = "/GoTo"
# fmt: off
_ANNOTATIONS: Final = {
    "/Text", "/Link", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine",
    "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Popup",
    "/Widget", "/PrinterMark", "/Watermark", "/Redact",
}
_NAMED: Final = {
    "/Font", "/XObject", "/ColorSpace", "/Pattern", "/Shading", "/ExtGState", "/Properties",
    "/CharProcs", "/Dests", "/Colorants",
}
# fmt: on
_EXTERNAL: Final = ("/F", "/FFilter", "/FDecodeParms", "/DL")
"""In a stream's dictionary: its data is in another file, and how to decode that."""
_FLATE: Final = ("/FlateDecode", "/Fl")
_BASE85: Final = ("/ASCII85Decode", "/A85")
_HEX: Final = ("/ASCIIHexDecode", "/AHx")
_PACKED: Final = ("/LZWDecode", "/LZW", "/RunLengthDecode", "/RL")
_DCT: Final = ("/DCTDecode", "/DCT")
_JPX: Final = "/JPXDecode"
_PIECE: Final = 64 * 1024
_JPX_KEPT: Final = {b"jP  ", b"ftyp", b"jp2h", b"jp2c", b"rreq", b"jpch", b"jplh"}


def clean_pdf(data: bytes, limits: Limits) -> tuple[bytes, list[str]]:
    """The PDF written anew, and the codes of what was removed."""
    pikepdf.settings.set_qpdf_limits(
        doc_max_warnings=1_000,
        parser_max_nesting=100,
        flate_max_memory=limits.pdf_stream_bytes,
        run_length_max_memory=limits.pdf_stream_bytes,
        png_max_memory=limits.pdf_stream_bytes,
        tiff_max_memory=limits.pdf_stream_bytes,
    )
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            if pdf.is_encrypted:  # also when it opens without a password: its maker forbids change
                raise Refused("encrypted")
            return _Cleaning(pdf, limits).run()
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except pikepdf.PdfError:
        raise Refused("damaged") from None


class _Cleaning:
    """One PDF on its way."""

    def __init__(self, pdf: pikepdf.Pdf, limits: Limits) -> None:
        self._pdf = pdf
        self._limits = limits
        self._notes: list[str] = []
        self._unpacked = 0

    def run(self) -> tuple[bytes, list[str]]:
        if len(self._pdf.objects) > self._limits.pdf_objects:
            raise Refused("too_complex")
        pages = len(self._pdf.pages)
        if pages > self._limits.pdf_pages:
            raise Refused("too_many_pages")
        if not pages:
            raise Refused("damaged")
        self._empty_known_places()
        for page in self._pdf.pages:
            self._choose_annotations(page.obj)
        for thing in self._pdf.objects:
            if isinstance(thing, Dictionary | Array | Stream):
                self._empty(thing)
        into = io.BytesIO()
        self._pdf.save(
            into,
            # The same file twice gives the same bytes, which is how it is recognised.
            deterministic_id=True,
            fix_metadata_version=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
        )
        return into.getvalue(), list(dict.fromkeys(note for note in self._notes if note))

    def _drop(self, holder: Any, key: str, note: str) -> None:
        if key in holder:
            del holder[key]
            self._notes.append(note)

    def _empty_known_places(self) -> None:
        root = self._pdf.Root
        if root.get("/NeedsRendering") is True:  # its pages say "please wait" and nothing else
            raise Refused("dynamic_form")
        opening = root.get("/OpenAction")
        if isinstance(opening, Array) or (
            isinstance(opening, Dictionary) and opening.get("/S") == _GO_TO
        ):
            del root["/OpenAction"]  # it only chose the first page: nothing to tell
        for key, note in _CATALOG.items():
            self._drop(root, key, note)
        names = root.get("/Names")
        if isinstance(names, Dictionary):
            for key, note in _NAME_TREES.items():
                self._drop(names, key, note)
        form = root.get("/AcroForm")
        if isinstance(form, Dictionary):
            self._drop(form, "/XFA", "xfa")
            self._drop(form, "/SigFlags", "")
        for key, note in (("/Info", "metadata"), ("/ID", "")):
            self._drop(self._pdf.trailer, key, note)

    def _choose_annotations(self, page: Object) -> None:
        annotations = page.get("/Annots")
        if not isinstance(annotations, Array):
            self._drop(page, "/Annots", "")
            return
        kept = Array()
        for annotation in list(annotations):
            if not isinstance(annotation, Dictionary):
                continue
            kind = str(annotation.get("/Subtype", ""))
            if kind in _ANNOTATIONS:
                kept.append(annotation)
                continue
            self._notes.append("attachments" if kind == "/FileAttachment" else "media")
            for key in list(annotation.keys()):  # other objects may still refer to it
                del annotation[key]
        page["/Annots"] = kept

    def _empty(self, whole: Object) -> None:
        """Empty one indirect object and all that is directly in it."""
        waiting: list[tuple[Object, bool]] = [(whole, False)]
        while waiting:
            thing, named = waiting.pop()
            if isinstance(thing, Array):
                children: list[tuple[str, Any]] = [("", child) for child in thing]
            else:
                if isinstance(thing, Stream):
                    self._check_stream(thing)
                self._empty_dictionary(thing, named)
                children = list(thing.items())
            for key, child in children:
                if isinstance(child, Dictionary | Array) and not child.is_indirect:
                    waiting.append((child, key in _NAMED))

    def _empty_dictionary(self, thing: Object, named: bool) -> None:
        keys = set(thing.keys())
        action = str(thing.get("/S", "")) if "/S" in keys else ""
        if action in _ACTIONS and "/K" not in keys:  # /K: an element of the structure, named so
            del thing["/S"]
            self._notes.append(_ACTIONS[action])
            for key in keys - {"/S"}:
                del thing[key]
            return
        # In a table of fonts or pictures the keys are made up by the writer: /AA may be a font.
        if not named:
            for key in keys & _ANYWHERE.keys():
                self._drop(thing, key, _ANYWHERE[key])
        for key in keys & {"/A", "/PA", "/Next"}:
            if key == "/Next" and action != _GO_TO:
                continue  # the next entry of the outline
            child = thing.get(key)
            if key == "/Next" or (isinstance(child, Dictionary) and "/S" in child):
                kind = str(child.get("/S", "")) if isinstance(child, Dictionary) else ""
                if key == "/Next" or kind != _GO_TO:
                    self._drop(thing, key, _ACTIONS.get(kind, "actions"))
        if thing.get("/FT") == "/Sig" or thing.get("/Type") == "/Sig":
            self._drop(thing, "/V", "signature")
            for key in ("/Contents", "/Cert", "/Reference"):
                self._drop(thing, key, "signature")

    def _check_stream(self, stream: Stream) -> None:
        for key in _EXTERNAL:
            self._drop(stream, key, "links" if key == "/F" else "")
        if stream.get("/Subtype") == "/PS":  # a program for printers
            stream.write(b"")
            self._notes.append("scripts")
            return
        if stream.get("/Subtype") == "/Form":
            self._drop(stream, "/Ref", "links")
        if stream.get("/Subtype") == "/Image":
            width, height = stream.get("/Width", 0), stream.get("/Height", 0)
            if not isinstance(width, int) or not isinstance(height, int):
                raise Refused("damaged")
            if width * height > self._limits.pixels:
                raise Refused("too_many_pixels")
        self._unpack(stream, _filters(stream))

    def _unpack(self, stream: Stream, filters: list[str]) -> None:
        """Bound what a viewer will unpack, and strip the photograph at the end of it."""
        if not filters:
            return
        last = filters[-1]
        picture = last in _DCT or last == _JPX
        try:
            content = stream.read_raw_bytes()
            for position, each in enumerate(filters[:-1] if picture else filters):
                needed = picture or position + 1 < len(filters)
                if each in _FLATE:
                    content = self._inflated(content, needed)
                elif each in _BASE85:
                    content = base64.a85decode(_without_frame(content))
                elif each in _HEX:
                    content = binascii.unhexlify(_even(content))
                elif each in _PACKED and not picture:
                    self._count(len(stream.read_bytes()))
                    return
                elif picture:
                    raise Refused("damaged")
                else:
                    return  # fax and JBIG2: bounded by the size of the picture
        except (ValueError, zlib.error):
            if picture:
                raise Refused("damaged") from None
            return
        if picture:
            stripped = without_metadata(content) if last in _DCT else _without_boxes(content)
            if stripped != content:
                self._notes.append("camera")
            parameters = stream.get("/DecodeParms")
            if isinstance(parameters, Array):
                parameters = parameters[-1] if len(parameters) else None
            if not isinstance(parameters, Dictionary):
                parameters = None
            if stripped != content or len(filters) > 1:
                stream.write(
                    stripped,
                    filter=Name.JPXDecode if last == _JPX else Name.DCTDecode,
                    decode_parms=parameters,
                )

    def _inflated(self, content: bytes, needed: bool) -> bytes:
        """Unpack in pieces and count; keep the result only where it is needed."""
        machine = zlib.decompressobj()
        pieces = []
        total = 0
        for start in range(0, len(content), _PIECE):
            waiting = content[start : start + _PIECE]
            while waiting and not machine.eof:
                piece = machine.decompress(waiting, 16 * _PIECE)
                waiting = machine.unconsumed_tail
                total += len(piece)
                if total > self._limits.pdf_stream_bytes:
                    raise Refused("too_complex")
                if needed:
                    pieces.append(piece)
        self._count(total)
        return b"".join(pieces)

    def _count(self, size: int) -> None:
        self._unpacked += size
        if size > self._limits.pdf_stream_bytes or self._unpacked > self._limits.pdf_total_bytes:
            raise Refused("too_complex")


def _filters(stream: Stream) -> list[str]:
    found = stream.get("/Filter")
    if isinstance(found, Array):
        return [str(each) for each in found]
    return [] if found is None else [str(found)]


def _without_frame(content: bytes) -> bytes:
    content = b"".join(content.split())
    return content.removeprefix(b"<~").partition(b"~")[0]


def _even(content: bytes) -> bytes:
    digits = b"".join(content.split()).partition(b">")[0]
    return digits + b"0" * (len(digits) % 2)


def _without_boxes(content: bytes) -> bytes:
    """A JPEG 2000 without its boxes of metadata; a bare code stream as it is."""
    if content[4:8] != b"jP  ":
        return content
    return b"".join(content[start:end] for name, start, end in boxes(content) if name in _JPX_KEPT)
