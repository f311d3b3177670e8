"""The words in a mail's headers: encoded, bare, folded, endless."""

from __future__ import annotations

import re
from email.header import decode_header
from email.message import Message
from email.policy import Compat32

from alko.contact import charsets
from alko.contact.charsets import Text

LONGEST_FIELD = 8_000
"""Characters of a header that are read; of those in LAST_FIRST the last ones."""
LAST_FIRST = frozenset({"references"})
_WORD = r"=\?[!->@-~]+\?[bq]\?[ -~]*?\?="
ENCODED = re.compile(rf"{_WORD}(?:\s*{_WORD})*", re.IGNORECASE)
"""Words that were encoded, as many as follow each other: a sign may be split between two."""


class Policy(Compat32):
    """The oldest, most forgiving one; what was sent as bare bytes is the text it evidently is."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        kept = value[-LONGEST_FIELD:] if name.lower() in LAST_FIRST else value[:LONGEST_FIELD]
        return charsets.text_of(_bytes(kept))[0].strip()


def all_sure(part: Message) -> bool:
    """Whether no header of the part had to be guessed, or was too long to be read."""
    return all(
        len(value) <= LONGEST_FIELD and charsets.text_of(_bytes(value))[1]
        for _, value in part.raw_items()
    )


def words(header: str) -> Text:
    """A header's text on one line, its encoded words decoded."""
    sure = True

    def decoded(run: re.Match[str]) -> str:
        nonlocal sure
        text, known = _decoded(run[0])
        sure = sure and known
        return text

    text = ENCODED.sub(decoded, " ".join(header.split()))
    return text, sure


def parameter(part: Message, name: str, header: str = "content-type") -> Text:
    """What follows ``name=`` in a header, in any of the ways to encode it; or nothing."""
    value = part.get_param(name, "", header)
    if not isinstance(value, tuple):
        return words(value or "")
    charset, _, raw = value
    try:
        return charsets.text_of(raw.encode("latin-1"), charset or "")
    except UnicodeError:  # bare signs beside encoded ones
        return raw, False


def _decoded(run: str) -> Text:
    try:
        found = decode_header(run)
    except Exception:  # binascii and other faults of encoded words
        return run, False
    texts = [
        (part, True)
        if isinstance(part, str)
        else charsets.text_of(part, (charset or "").partition("*")[0])
        for part, charset in found
    ]
    return "".join(text for text, _ in texts), all(sure for _, sure in texts)


def _bytes(value: str) -> bytes:
    """A header as it came: the parser has bare bytes as surrogates."""
    return value.encode("ascii", "surrogateescape")
