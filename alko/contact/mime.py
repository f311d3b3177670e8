"""From the bytes of a mail to what a person wrote: pure, and patient with what the world sends.

The standard library takes the structure apart under its oldest, most forgiving policy; words in
headers and texts are decoded here, so that a wrong charset costs a few characters and not the
mail. Whatever had to be guessed or is not in the result is marked, and the caller keeps the source.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses

from alko.contact import charsets, headers, markup
from alko.contact.charsets import Text
from alko.privacy.identity.email_address import NoAddress, usual_form

LONGEST_BODY = 100_000
"""Characters of text that are kept as the message; what is longer is in the kept source."""
LONGEST_TEXT = 4 * LONGEST_BODY
"""Bytes of one text that are decoded."""
LONGEST_HEADER = 500
MOST_ATTACHMENTS = 20
MOST_PARTS = 1_000
MOST_ANSWERED = 30
DEEPEST = 8
"""Parts within parts that are looked into."""
MOST_WORK = 20_000_000
"""Lines times multiparts: the library compares every line with every boundary around it."""
FORWARDED = frozenset({"message/rfc822", "message/global", "message/news"})
DISPLAYED = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})
"""Forms of a text that every mail program shows."""
MARKUP = frozenset({"text/html", "text/x-amp-html"})
PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary", "quoted-printable", "base64"})
REMARK = 250
"""Characters before the first part in which mail programs say that this is MIME."""
STUB = 0.25
"""The share of words by which a richer form of a text may exceed the plain one."""
ADDRESSES = re.compile(r"\b(?:https?|mailto|tel):\S+")


class Unreadable(Exception):
    """Nothing sensible can be made of these bytes; a person has to look at them."""


@dataclass(frozen=True)
class File:
    """An attachment as it was sent: nothing of it was checked."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class ParsedMail:
    """What a mail says. ``sender`` is an address in the right form, or empty."""

    sender: str
    name: str
    subject: str
    body: str = field(repr=False)
    message_id: str
    answers: tuple[str, ...]
    """The Message-IDs that it answers, the nearest first."""
    files: tuple[File, ...] = ()
    doubtful: bool = False
    """Something was guessed or left out: the source is worth keeping."""


def parse(data: bytes) -> tuple[Message, ParsedMail]:
    """The message and what it says; Unreadable."""
    try:
        message = _taken_apart(data)
        return message, _Reader(message).mail()
    except Unreadable:
        raise
    except Exception as error:  # written by strangers: the library's faults are theirs to find
        raise Unreadable(type(error).__name__) from None


def _taken_apart(data: bytes) -> Message:
    """The structure; of a mail that is made to be costly only headers and the rest as one text."""
    lines = max(data.count(b"\n"), data.count(b"\r"))
    multiparts = len(re.findall(rb"multipart/", data, re.IGNORECASE))
    parser = BytesParser(policy=headers.Policy())
    return parser.parsebytes(data, headersonly=lines * multiparts > MOST_WORK)


class _Reader:
    def __init__(self, message: Message) -> None:
        self._message = message
        self._files: list[File] = []
        self._parts = 0
        self._doubtful = False

    def mail(self) -> ParsedMail:
        message = self._message
        if not message.keys():
            raise Unreadable("no headers")
        body = self._cut(self._read(message, 0), LONGEST_BODY)
        name, sender = self._sender()
        return ParsedMail(
            sender=sender,
            name=name,
            subject=self._words(message, "Subject"),
            body=body,
            message_id=str(message.get("Message-ID", ""))[:LONGEST_HEADER],
            answers=self._answers(),
            files=tuple(self._files),
            doubtful=self._doubtful or not body,
        )

    def _read(self, part: Message, depth: int) -> str:
        """The text of a part; the files in it are set aside."""
        self._parts += 1
        if depth > DEEPEST or self._parts > MOST_PARTS:
            self._doubtful = True
            return ""
        text = self._said(part, depth)
        self._doubtful = self._doubtful or _left_out(part)
        return text

    def _said(self, part: Message, depth: int) -> str:
        kind, main = part.get_content_type(), part.get_content_maintype()
        if kind in FORWARDED:
            return self._forwarded(part, depth)
        if part.is_multipart():
            self._doubtful = self._doubtful or main != "multipart"
            children = [one for one in part.get_payload() if isinstance(one, Message)]
            texts = [(one, self._read(one, depth + 1)) for one in children]
            if kind == "multipart/alternative":
                return self._best(texts)
            return _joined(text for _, text in texts)
        if main == "multipart":
            # It lost its boundary, or is too costly: what is there is shown.
            self._doubtful = True
            return self._text(part)
        if main == "text" and not _attached(part):
            return self._text(part)
        self._add(File(self._name(part) or _line(kind), self._content(part)))
        return ""

    def _best(self, forms: list[tuple[Message, str]]) -> str:
        """Of several forms of one text the plainest, unless it is a stub of the richest."""
        texts = [text for _, text in forms if text]
        shown = [text for part, text in forms if text and _displayed(part)] or texts[-1:]
        if not shown:
            return ""
        plain, rich = shown[0], shown[-1]
        missing, whole = _missing(rich, plain), _missing(rich, "")
        chosen = rich if len(missing) > STUB * len(whole) else plain
        if any(_missing(text, chosen) for text in texts):
            self._doubtful = True
        return chosen

    def _forwarded(self, part: Message, depth: int) -> str:
        """A message that was forwarded whole: its text is quoted, its files count as sent."""
        self._doubtful = True  # of its headers two are shown
        parts = part.get_payload()
        inner = parts[0] if isinstance(parts, list) and parts else None
        if not isinstance(inner, Message):
            return ""
        head = f"{self._words(inner, 'From')}: {self._words(inner, 'Subject')}"
        lines = [head, "", *self._read(inner, depth + 1).splitlines()]
        return "\n".join(f"> {line}" for line in lines)

    def _text(self, part: Message) -> str:
        content = self._content(part)
        marked_up = part.get_content_type() in MARKUP
        charset = self._sure(headers.parameter(part, "charset"))
        longest = markup.LONGEST if marked_up else LONGEST_TEXT
        text = self._sure(charsets.text_of(content, charset, longest))
        if marked_up:
            text = markup.text_of(text)
            self._doubtful = self._doubtful or (not text and bool(content.strip()))
        text = _tidy(self._cut(text, LONGEST_BODY))
        name = self._name(part)
        return f"[{name}]\n{text}" if name and text else text

    def _content(self, part: Message) -> bytes:
        encoding = str(part.get("Content-Transfer-Encoding", "")).lower()
        self._doubtful = self._doubtful or encoding not in PLAIN_ENCODINGS
        content = part.get_payload(decode=True)
        return content if isinstance(content, bytes) else b""

    def _name(self, part: Message) -> str:
        found = self._sure(headers.parameter(part, "filename", "content-disposition"))
        return self._cut(_line(found or self._sure(headers.parameter(part, "name"))))

    def _add(self, file: File) -> None:
        if len(self._files) < MOST_ATTACHMENTS:
            self._files.append(file)
        else:
            self._doubtful = True

    def _sure(self, found: Text) -> str:
        text, sure = found
        self._doubtful = self._doubtful or not sure
        return text

    def _cut(self, text: str, longest: int = LONGEST_HEADER) -> str:
        self._doubtful = self._doubtful or len(text) > longest
        return text[:longest]

    def _words(self, message: Message, header: str) -> str:
        found = message.get_all(header, [""])
        self._doubtful = self._doubtful or len(found) > 1
        return self._cut(_line(self._sure(headers.words(found[0]))))

    def _sender(self) -> tuple[str, str]:
        """Name and address of the one mailbox it is from; where it says several, of nobody."""
        named = [
            (name, address.strip())
            for name, address in getaddresses(self._message.get_all("From", []))
            if "@" in address
        ]
        if len({address.casefold() for _, address in named}) == 1:
            name, address = named[0]
            with suppress(NoAddress):
                return self._cut(_line(self._sure(headers.words(name)))), usual_form(address)
        return self._words(self._message, "From"), ""

    def _answers(self) -> tuple[str, ...]:
        said = (str(self._message.get(name, "")) for name in ("In-Reply-To", "References"))
        ids = re.findall(r"<[^<>\s]{1,250}>", " ".join(said))
        return tuple(dict.fromkeys(reversed(ids)))[:MOST_ANSWERED]


def _left_out(part: Message) -> bool:
    """Whether the part is damaged, or holds what no reader shows."""
    before, after = (part.preamble or "").strip(), (part.epilogue or "").strip()
    remark = not before or ("mime" in before.casefold() and len(before) <= REMARK)
    return bool(part.defects) or bool(after) or not remark or not headers.all_sure(part)


def _attached(part: Message) -> bool:
    """Whether it is a file: what is shown within the mail, or has no name, is text."""
    return part.get_content_disposition() == "attachment" and bool(
        part.get_param("filename", "", "content-disposition") or part.get_param("name", "")
    )


def _displayed(part: Message) -> bool:
    return part.get_content_type() in DISPLAYED or part.is_multipart()


def _missing(text: str, other: str) -> set[str]:
    """The words of a text that another one lacks, addresses of pages aside."""
    found, known = (
        set(re.findall(r"\w+", ADDRESSES.sub(" ", one.casefold()))) for one in (text, other)
    )
    return found - known


def _joined(texts: Iterable[str]) -> str:
    return "\n\n".join(text for text in texts if text)


def _tidy(text: str) -> str:
    """Without controls that no page shows, and without runs of empty lines."""
    plain = "".join(
        sign
        for sign in text.replace("\r\n", "\n").replace("\r", "\n")
        if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs")
    )
    return re.sub(r"\n{3,}", "\n\n", plain).strip()


def _line(text: str) -> str:
    return " ".join(_tidy(text).split())
