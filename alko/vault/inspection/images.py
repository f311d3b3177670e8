"""Photographs: decoded, turned upright and encoded anew from their pixels, so that nothing else
of the file survives. Runs in the sandbox only.
"""

from __future__ import annotations

import io
import warnings
from typing import Final

import pillow_heif
from PIL import ExifTags, Image, ImageCms, ImageOps, JpegImagePlugin

from alko.vault.inspection.jpegs import outline
from alko.vault.inspection.kinds import boxes
from alko.vault.inspection.types import HEIC, JPEG, PNG, WEBP, Limits, Refused

_FORMATS: Final = {JPEG: ("JPEG", "MPO"), PNG: ("PNG",), WEBP: ("WEBP",), HEIC: ("HEIF",)}
_METADATA: Final = ("exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "Comment")
_QUALITY: Final = 92
_SMALLER: Final = (88, 80)
"""Qualities to try where the new file came out larger than may be stored."""
_LARGE: Final = 25_000_000
"""Pixels from which time and memory count for more than the last percent of size."""
_MOST_SCANS: Final = 100
"""Progressive JPEGs have about ten; each costs as much as decoding the picture once."""


def clean_image(data: bytes, kind: str, limits: Limits) -> tuple[bytes, str, list[str]]:
    """The picture encoded anew, its media type and the codes of what was removed."""
    if kind == JPEG and outline(data).scans > _MOST_SCANS:
        raise Refused("too_complex")
    if kind == HEIC:
        pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = limits.pixels
    with warnings.catch_warnings():
        # Pillow warns up to twice the limit and raises beyond: here the limit is the limit.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS[kind]) as picture:
                return _encode_anew(picture, data, kind, limits)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise Refused("too_many_pixels") from None


def _encode_anew(
    picture: Image.Image, data: bytes, kind: str, limits: Limits
) -> tuple[bytes, str, list[str]]:
    if picture.width * picture.height > limits.pixels:
        raise Refused("too_many_pixels")
    notes = _what_is_hidden(picture)
    options = _as_before(picture, data, kind)
    if kind == HEIC and not _turns_itself(data):
        # The decoder forgets the camera's word for what is up, as the standard wants; yet without
        # a rotation of its own in the file, that word is all there is.
        picture.getexif()[ExifTags.Base.Orientation] = picture.info.get("original_orientation") or 1
    upright = _in_srgb(ImageOps.exif_transpose(picture))
    # Pillow's encoders write much of what they find here.
    upright.info = {name: value for name, value in upright.info.items() if name == "transparency"}
    target = _target(upright, kind)
    content = _encoded(upright, target, options)
    if len(content) > limits.file_bytes:
        for quality in _SMALLER:
            target, content = JPEG, _encoded(upright, JPEG, {"quality": quality})
            if len(content) <= limits.file_bytes:
                break
        else:
            raise Refused("too_many_pixels")
    if target == JPEG != kind:
        notes.append("jpeg")
    return content, target, notes


def _target(picture: Image.Image, kind: str) -> str:
    """How to keep it: HEIC opens in few programs, and encoding a large WebP takes 1 GB."""
    if kind == HEIC or (kind == WEBP and _is_large(picture)):
        return PNG if picture.has_transparency_data else JPEG
    return kind


def _is_large(picture: Image.Image) -> bool:
    return picture.width * picture.height > _LARGE


def _turns_itself(data: bytes) -> bool:
    return any(
        turn in data[start:end]
        for name, start, end in boxes(data)
        if name == b"meta"
        for turn in (b"irot", b"imir")
    )


def _what_is_hidden(picture: Image.Image) -> list[str]:
    found = []
    if picture.getexif().get_ifd(ExifTags.IFD.GPSInfo):
        found.append("location")
    if any(picture.info.get(name) for name in _METADATA) or getattr(picture, "text", None):
        found.append("camera")
    if getattr(picture, "n_frames", 1) > 1:
        found.append("pictures")
    return found


def _as_before(picture: Image.Image, data: bytes, kind: str) -> dict[str, object]:
    """How to encode so that the picture neither loses nor grows: as its first encoder did."""
    if kind == WEBP:
        return {"lossless": True, "quality": 0} if b"VP8L" in data[12:64] else {"quality": _QUALITY}
    if isinstance(picture, JpegImagePlugin.JpegImageFile) and picture.mode in ("L", "RGB"):
        tables = picture.quantization
        sampling = JpegImagePlugin.get_sampling(picture)
        if sampling in (0, 1, 2, -1) and all(
            1 <= value <= 255 for table in tables.values() for value in table
        ):
            # The tables of a picture in grey may be one; sampling is for colours only.
            return {"qtables": tables} | ({"subsampling": sampling} if sampling >= 0 else {})
    return {"quality": _QUALITY}


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The same colours without a profile; modes that not every program shows become simpler."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):  # 16 bits of grey: scanners
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
        profile = None
    if picture.mode == "P" and profile:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if profile and picture.mode in ("L", "RGB", "RGBA", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if picture.mode == "CMYK" or not _is_srgb(source):
                converted = ImageCms.profileToProfile(
                    picture,
                    source,
                    ImageCms.createProfile("sRGB"),
                    outputMode="RGBA" if picture.mode == "RGBA" else "RGB",
                )
                picture = converted or picture
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that makes no sense; programs ignore it too
    if picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return picture


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    return ImageCms.getProfileDescription(profile).startswith("sRGB")


def _encoded(picture: Image.Image, target: str, options: dict[str, object]) -> bytes:
    if target == JPEG and picture.mode not in ("L", "RGB"):
        if picture.has_transparency_data:
            seen = picture.convert("RGBA")
            picture = Image.new("RGB", picture.size, "white")
            picture.paste(seen, mask=seen.getchannel("A"))
        else:
            picture = picture.convert("RGB")
    into = io.BytesIO()
    if target == JPEG:
        picture.save(into, "JPEG", **options)
    elif target == PNG:
        # For 50 megapixels level 6 takes three times as long as level 2.
        picture.save(into, "PNG", compress_level=2 if _is_large(picture) else 6)
    else:
        if picture.mode not in ("RGB", "RGBA"):
            picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        picture.save(into, "WEBP", method=2, **options)
    return into.getvalue()
