"""Real files by real tools: what clients upload, and what attackers do."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

pillow_heif.register_heif_opener()

# In pieces, so that a virus scanner lets this file itself alone.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-" + b"FILE!$H+H*"
SECRETS = (b"Pentax-Secret", b"Jane Private", b"51.5", b"GPSLatitude")
RED, BLUE = (220, 30, 30), (30, 30, 220)


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: maker, owner, and where it was."""
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010F] = "Pentax-Secret"
    made[0x013B] = "Jane Private"
    place = made.get_ifd(0x8825)
    place[1], place[2] = "N", (51.0, 30.0, 26.5)
    place[3], place[4] = "W", (0.0, 7.0, 39.1)
    return made


def picture(width: int = 160, height: int = 120, mode: str = "RGB") -> Image.Image:
    """Red to the left, blue to the right, so that one sees how it was turned."""
    made = Image.new("RGB", (width, height), RED)
    ImageDraw.Draw(made).rectangle((width // 2, 0, width, height), fill=BLUE)
    return made.convert(mode)


def saved(made: Image.Image, kind: str, **options: object) -> bytes:
    into = io.BytesIO()
    made.save(into, kind, **options)
    return into.getvalue()


def jpeg(orientation: int = 1, **options: object) -> bytes:
    options = {"quality": 90, "exif": exif(orientation), "comment": b"Jane Private"} | options
    return saved(picture(), "JPEG", **options)


def png(**options: object) -> bytes:
    text = PngInfo()
    text.add_text("Author", "Jane Private")
    text.add_text("Location", "51.5", zip=True)
    return saved(picture(), "PNG", **({"pnginfo": text, "exif": exif()} | options))


def webp(**options: object) -> bytes:
    return saved(picture(), "WEBP", exif=exif(), **({"quality": 90} | options))


def heic(orientation: int = 1) -> bytes:
    """As phones do: the file itself says how to turn, and the EXIF repeats it."""
    return saved(picture(), "HEIF", exif=exif(orientation).tobytes(), quality=90)


def heic_by_exif(orientation: int = 1) -> bytes:
    """As some programs do: only the EXIF says how to turn."""
    return saved(picture(), "HEIF", exif=exif(orientation), quality=90)


def profile_of(name: str = "sRGB") -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


def archive(text: bytes = b"hello", *, name: str = "evil.class", packed: bool = False) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED if packed else 0) as made:
        made.writestr(name, text)
    return into.getvalue()


def scan(pages: int = 1, **drawn: bytes) -> bytes:
    """A PDF by reportlab: text, and a photograph on each page when given."""
    into = io.BytesIO()
    canvas = Canvas(into)
    canvas.setAuthor("Jane Private")
    canvas.setTitle("Pentax-Secret")
    for number in range(pages):
        canvas.drawString(72, 720, f"Utility bill, page {number + 1}")
        if photograph := drawn.get("photograph"):
            canvas.drawImage(ImageReader(io.BytesIO(photograph)), 72, 400, 160, 120)
        canvas.showPage()
    canvas.save()
    return into.getvalue()


def changed(change: Callable[[pikepdf.Pdf], None], source: bytes | None = None) -> bytes:
    """A PDF after `change` has put something into it."""
    into = io.BytesIO()
    with pikepdf.open(io.BytesIO(source or scan())) as pdf:
        change(pdf)
        pdf.save(into)
    return into.getvalue()


def script(text: str = "app.alert('evil-script')") -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=pikepdf.String(text))


def annotation(pdf: pikepdf.Pdf, subtype: str, **entries: object) -> None:
    """Put an annotation on the first page."""
    page = pdf.pages[0].obj
    made = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=Array([0, 0, 50, 50]), **entries
        )
    )
    if "/Annots" not in page:
        page.Annots = Array()
    page.Annots.append(made)


def bomb(size: int) -> bytes:
    """A page whose content unpacks to `size` bytes."""

    def pack(pdf: pikepdf.Pdf) -> None:
        machine = zlib.compressobj(1)
        packed = b"".join(machine.compress(bytes(1 << 20)) for _ in range(size >> 20))
        content = pdf.make_stream(b"")
        content.write(packed + machine.flush(), filter=Name.FlateDecode)
        pdf.pages[0].obj.Contents = content

    return changed(pack)
