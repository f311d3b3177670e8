"""Bytes to text, in the charsets that mails are written in and in no other codec.

Python knows codecs that are no charsets, and some take time that grows with the square of the
length. Decoding here takes time that grows with the length alone.
"""

from __future__ import annotations

import codecs

CHARSETS = frozenset(
    codecs.lookup(name).name
    for name in (
        *("ascii", "utf-8", "utf-8-sig", "utf-7", "utf-16", "utf-16-le", "utf-16-be"),
        *("utf-32", "utf-32-le", "utf-32-be", "koi8-r", "koi8-u", "koi8-t", "tis-620"),
        *(f"iso8859-{part}" for part in range(1, 17) if part != 12),
        *(f"cp{page}" for page in (*range(1250, 1259), 437, 720, 737, 775, 850, 852, 855, 857)),
        *(f"cp{page}" for page in (858, 860, 861, 862, 863, 864, 865, 866, 869, 874, 932, 949)),
        *("mac-roman", "mac-cyrillic", "mac-greek", "mac-latin2", "mac-turkish", "mac-iceland"),
        *("gb2312", "gbk", "gb18030", "hz", "big5", "big5hkscs", "cp950"),
        *("shift_jis", "shift_jisx0213", "shift_jis_2004", "euc_jp", "euc_jisx0213"),
        *("iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_3"),
        *("iso2022_jp_ext", "iso2022_kr", "euc_kr", "johab", "ptcp154", "kz1048"),
    )
)
"""What text is decoded in, by Python's names."""
MEANT = {
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "x-gbk": "gb18030",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""What mails mean by a name: the wider charset, as browsers read it."""
SINGLE_BYTE = ("ascii", "iso8859-", "cp125")
FALLBACKS = ("utf-8", "cp1252", "iso8859-1")
"""The last of them decodes everything."""

Text = tuple[str, bool]
"""A text, and whether it is sure: not guessed, and all of it."""


def text_of(content: bytes, charset: str = "", longest: int | None = None) -> Text:
    """The text in the charset that it says, or else in the one that it evidently has.

    Of more than ``longest`` bytes only the first are decoded.
    """
    whole = longest is None or len(content) <= longest
    named = _meant(charset)
    sure = [named] if named else []
    if not charset.strip() or named.startswith(SINGLE_BYTE):
        # Other signs than ASCII that happen to be valid UTF-8 are UTF-8.
        sure.insert(0, "utf-8")
    for codec in dict.fromkeys((*sure, *FALLBACKS)):
        decoder = codecs.getincrementaldecoder(codec)()
        try:
            text = decoder.decode(content[:longest], final=whole)
        except UnicodeError:
            continue
        return text, whole and codec in sure
    raise AssertionError("the last fallback decodes everything")


def _meant(charset: str) -> str:
    """The codec for a charset's name; empty where it is unknown, or not a charset."""
    name = charset.strip().lower()
    try:
        codec = MEANT.get(name) or codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    return MEANT.get(codec, codec) if codec in CHARSETS else ""
