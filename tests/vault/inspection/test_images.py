"""Photographs leave upright, in sRGB, without anything but their pixels."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from alko.vault.inspection import Limits
from tests.vault.inspection import making
from tests.vault.inspection.inspecting import notes, passed, refusal
from tests.vault.inspection.making import RED, SECRETS


def opened(content: io.BytesIO) -> Image.Image:
    made = Image.open(content)
    made.load()
    return made


def close(pixel: object, colour: tuple[int, ...]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(got - want) < 12 for got, want in zip(pixel[:3], colour, strict=True))


@pytest.mark.parametrize(
    ("data", "kind", "extension"),
    [
        (making.jpeg(), "image/jpeg", ".jpg"),
        (making.png(), "image/png", ".png"),
        (making.webp(), "image/webp", ".webp"),
        (making.webp(lossless=True), "image/webp", ".webp"),
        (making.heic(), "image/jpeg", ".jpg"),
    ],
    ids=["jpeg", "png", "webp", "lossless webp", "heic"],
)
def test_every_photograph_loses_its_place_and_its_maker(
    data: bytes, kind: str, extension: str
) -> None:
    found = passed(data, "IMG_0001.xyz")
    assert (found.media_type, found.filename) == (kind, f"IMG_0001{extension}")
    content = found.content.read()
    assert found.size == len(content)
    assert not any(secret in content for secret in SECRETS)
    made = opened(io.BytesIO(content))
    assert not made.getexif()
    assert (
        not made.info.keys()
        - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop"}
        - {
            "background",
            "timestamp",
            "duration",
        }
    )
    assert made.size == (160, 120)
    assert close(made.convert("RGB").getpixel((20, 60)), RED)
    assert {"location", "camera"} <= notes(found)
    assert ("jpeg" in notes(found)) == (data[4:8] == b"ftyp")


@pytest.mark.parametrize(
    ("orientation", "red"),
    [(2, "right"), (6, "top"), (8, "bottom")],
)
@pytest.mark.parametrize("make", [making.jpeg, making.heic, making.heic_by_exif])
def test_a_photograph_is_turned_upright(
    make: Callable[[int], bytes], orientation: int, red: str
) -> None:
    made = opened(passed(make(orientation)).content)
    width, height = made.size
    assert (width > height) == (red in ("left", "right"))
    where = {
        "left": (10, height // 2),
        "right": (width - 10, height // 2),
        "top": (width // 2, 10),
        "bottom": (width // 2, height - 10),
    }[red]
    assert close(made.getpixel(where), RED)


def test_a_jpeg_keeps_its_quality_and_its_size() -> None:
    noisy = Image.effect_noise((400, 300), 60).convert("RGB")
    for quality in (60, 85, 97):
        data = making.saved(noisy, "JPEG", quality=quality)
        found = passed(data)
        assert 0.9 < found.size / len(data) < 1.1
        made = opened(found.content)
        apart = zip(opened(io.BytesIO(data)).tobytes(), made.tobytes(), strict=True)
        assert sum(abs(one - other) for one, other in apart) / (400 * 300 * 3) < 3


def test_png_keeps_every_pixel_and_its_transparency() -> None:
    whole = making.picture(mode="RGBA")
    whole.putalpha(100)
    made = opened(passed(making.saved(whole, "PNG")).content)
    assert made.tobytes() == whole.tobytes()
    palette = making.picture().quantize(4)
    made = opened(passed(making.saved(palette, "PNG", transparency=0)).content)
    assert made.has_transparency_data


def test_other_colours_become_srgb() -> None:
    grey = passed(making.saved(making.picture(mode="L"), "JPEG"))
    assert opened(grey.content).mode == "L"
    print_colours = passed(making.saved(making.picture(mode="CMYK"), "JPEG"))
    assert opened(print_colours.content).mode == "RGB"
    deep = passed(making.saved(Image.new("I;16", (20, 20), 0x8000), "PNG"))
    assert opened(deep.content).getpixel((0, 0)) == 128
    lab = making.saved(making.picture(), "JPEG", icc_profile=making.profile_of())
    made = opened(passed(lab).content)
    assert "icc_profile" not in made.info
    assert close(made.getpixel((10, 10)), RED)
    nonsense = making.saved(making.picture(), "JPEG", icc_profile=b"no profile at all" * 20)
    assert "icc_profile" not in opened(passed(nonsense).content).info


def test_fifty_megapixels_from_a_phone_are_accepted() -> None:
    large = Image.effect_noise((1020, 768), 40).convert("RGB").resize((8160, 6144))
    data = making.saved(large, "JPEG", quality=70, exif=making.exif(6))
    found = passed(data)
    assert Image.open(found.content).size == (6144, 8160)
    assert "location" in notes(found)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_bomb_of_pixels_is_refused_before_it_is_decoded() -> None:
    header = struct.pack(">IIBBBBB", 65_000, 65_000, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1 << 20), 9)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed)
    assert refusal(data + chunk(b"IEND", b"")) == "too_many_pixels"
    assert refusal(making.saved(Image.new("1", (9000, 9000)), "PNG")) == "too_many_pixels"
    assert refusal(making.jpeg(), limits=Limits(pixels=160 * 120 - 1)) == "too_many_pixels"


def test_a_bomb_of_text_is_refused() -> None:
    whole = making.saved(making.picture(), "PNG")
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80 << 20), 9))
    assert refusal(whole[:33] + text + whole[33:]) == "damaged"


def test_a_jpeg_with_a_thousand_scans_is_refused() -> None:
    whole = making.jpeg(progressive=True)
    assert passed(whole).size
    at = whole.rindex(b"\xff\xda")
    end = whole.rindex(b"\xff\xd9")
    assert refusal(whole[:at] + whole[at:end] * 200 + whole[end:]) == "too_complex"


@pytest.mark.parametrize("behind", [b"MotionPhoto" + bytes(range(256)) * 40, b"\r\n<!-- 0.2 s -->"])
@pytest.mark.parametrize("make", [making.jpeg, making.png, making.webp])
def test_what_stands_behind_a_photograph_is_dropped(
    make: Callable[[], bytes], behind: bytes
) -> None:
    found = passed(make() + behind)
    assert behind[:11] not in found.content.read()
    assert "trailing" in notes(found)


def test_further_pictures_are_dropped() -> None:
    first, second = making.picture(), making.picture().rotate(180)
    several = making.saved(first, "MPO", save_all=True, append_images=[second])
    found = passed(several)
    assert "pictures" in notes(found)
    assert getattr(opened(found.content), "n_frames", 1) == 1
    moving = making.saved(first, "WEBP", save_all=True, append_images=[second])
    assert "pictures" in notes(passed(moving))


@pytest.mark.parametrize(
    "make", [making.jpeg, making.png, making.webp, making.heic], ids=lambda make: make.__name__
)
def test_a_photograph_that_was_cut_off_is_refused(make: Callable[[], bytes]) -> None:
    data = make()
    for part in (0.3, 0.6, 0.9):
        assert refusal(data[: int(len(data) * part)]) in ("truncated", "damaged")
    assert refusal(data[:-2]) == "truncated"


def test_the_same_photograph_gives_the_same_bytes() -> None:
    for data in (making.jpeg(), making.heic(), making.png(), making.webp()):
        assert passed(data, "a").content.read() == passed(data, "b").content.read()
