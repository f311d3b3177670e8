"""From the bytes of a mail to what a person wrote: pure, and patient with what the world sends.

The standard library takes the structure apart under its oldest, most forgiving policy; words in
headers and texts are decoded here, so that a wrong charset costs a few characters and not the
mail. Whatever had to be guessed is marked, and the caller keeps the source.
"""

from __future__ import annotations

import email
import email.policy
import re
import unicodedata
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from email_validator import EmailNotValidError, validate_email

from alko.contact.markup import text_of

LONGEST_BODY = 100_000
"""Characters of text that are kept as the message; what is longer is in the kept source."""
LONGEST_HEADER = 500
MOST_ATTACHMENTS = 20
DEEPEST = 8
"""Messages within messages that are looked into."""
FALLBACKS = ("utf-8", "windows-1252")
SINGLE_BYTE = ("us-ascii", "ascii", "iso-8859-", "latin", "windows-125", "cp125")
ALIASES = {"iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "x-gbk": "gbk"}
"""Names that mails use and Python does not know."""


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
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        return message, _Reader(message).mail()
    except Unreadable:
        raise
    except Exception as error:  # written by strangers: the library's faults are theirs to find
        raise Unreadable(type(error).__name__) from None


class _Reader:
    def __init__(self, message: Message) -> None:
        self._message = message
        self._texts: list[str] = []
        self._files: list[File] = []
        self._doubtful = False

    def mail(self) -> ParsedMail:
        message = self._message
        if not message.keys():
            raise Unreadable("no headers")
        self._walk(message, 0)
        body = "\n\n".join(text for text in self._texts if text)
        if len(body) > LONGEST_BODY:
            body, self._doubtful = body[:LONGEST_BODY], True
        name, sender = self._sender()
        return ParsedMail(
            sender=sender,
            name=name,
            subject=self._words("Subject"),
            body=body,
            message_id=self._plain("Message-ID"),
            answers=self._answers(),
            files=tuple(self._files),
            doubtful=self._doubtful,
        )

    def _walk(self, part: Message, depth: int, *, texts: bool = True) -> None:
        """Take in a part; without ``texts`` only the files in it."""
        if depth > DEEPEST:
            self._doubtful = True
            return
        if part.get_content_type() == "message/rfc822":
            self._nested(part, depth)
        elif part.is_multipart():
            children = [child for child in part.get_payload() if isinstance(child, Message)]
            wanted = children
            if part.get_content_type() == "multipart/alternative":
                wanted = self._best(children)
            for child in children:
                self._walk(child, depth + 1, texts=texts and child in wanted)
        elif _is_text(part) or part.get_content_maintype() == "multipart":
            # A multipart without its parts has lost its boundary: what is there is shown.
            self._doubtful = self._doubtful or not _is_text(part)
            if texts:
                self._texts.append(self._text(part))
        else:
            self._file(part)

    def _best(self, alternatives: list[Message]) -> list[Message]:
        """Of several forms of one text the plain one, if it says something, else the last."""
        plain = [c for c in alternatives if c.get_content_type() == "text/plain" and self._text(c)]
        return plain or alternatives[-1:]

    def _nested(self, part: Message, depth: int) -> None:
        """A message that was forwarded whole: its text is quoted, its files count as sent."""
        inner = part.get_payload()
        inner = inner[0] if isinstance(inner, list) and inner else None
        if not isinstance(inner, Message):
            self._doubtful = True
            return
        quoted = _Reader(inner)
        quoted._walk(inner, depth + 1)
        head = f"{quoted._words('From')}: {quoted._words('Subject')}"
        text = "\n\n".join(one for one in quoted._texts if one)
        self._texts.append("\n".join(f"> {line}" for line in [head, "", *text.splitlines()]))
        for file in quoted._files:
            self._add(file)
        self._doubtful = self._doubtful or quoted._doubtful

    def _text(self, part: Message) -> str:
        content = _content(part)
        text = self._decoded(content, part.get_content_charset())
        if part.get_content_type() == "text/html":
            text = text_of(text)
            self._doubtful = self._doubtful or (not text and bool(content.strip()))
        if len(text) > LONGEST_BODY:
            text, self._doubtful = text[:LONGEST_BODY], True
        return _tidy(text)

    def _file(self, part: Message) -> None:
        name = part.get_filename() or part.get_param("name") or ""
        shown = self._decoded_words(name) if isinstance(name, str) else ""
        self._add(File(shown or part.get_content_type(), _content(part)))

    def _add(self, file: File) -> None:
        if len(self._files) < MOST_ATTACHMENTS:
            self._files.append(file)
        else:
            self._doubtful = True

    def _decoded(self, content: bytes, charset: str | None) -> str:
        """Text in the charset that it says, or in the one that it evidently has."""
        named = (charset or "").strip().lower()
        guesses = [ALIASES.get(named, named), *FALLBACKS] if named else list(FALLBACKS)
        if named.startswith(SINGLE_BYTE):
            # Other signs than ASCII that happen to be valid UTF-8 are UTF-8.
            guesses.insert(0, "utf-8")
        for guess in guesses:
            try:
                text = content.decode(guess)
            except (LookupError, UnicodeError, ValueError):
                self._doubtful = self._doubtful or guess == named
                continue
            return text
        self._doubtful = True
        return content.decode("latin-1")

    def _words(self, header: str) -> str:
        return self._decoded_words(str(self._message.get(header, "")))

    def _decoded_words(self, raw: str) -> str:
        try:
            parts = decode_header(raw[: 10 * LONGEST_HEADER])
        except Exception:  # binascii and charset faults of encoded words
            parts, self._doubtful = [(raw, None)], True
        words = "".join(
            part if isinstance(part, str) else self._decoded(part, charset)
            for part, charset in parts
        )
        # What was sent as bare bytes has come through the parser as surrogates.
        plain = words.encode("utf-8", "surrogateescape")
        return _line(self._decoded(plain, "utf-8"))[:LONGEST_HEADER]

    def _plain(self, header: str) -> str:
        return _line(str(self._message.get(header, "")))[:LONGEST_HEADER]

    def _sender(self) -> tuple[str, str]:
        for header in ("From", "Reply-To"):
            for name, address in getaddresses([str(self._message.get(header, ""))]):
                if found := usable(address):
                    return self._decoded_words(name), found
        return self._words("From"), ""

    def _answers(self) -> tuple[str, ...]:
        ids = re.findall(
            r"<[^<>\s]{1,250}>", f"{self._plain('In-Reply-To')} {self._plain('References')}"
        )
        return tuple(dict.fromkeys(reversed(ids)))


def usable(address: str) -> str:
    """The address in its normal form, or nothing where no mail could be sent to it."""
    try:
        checked = validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return ""
    return checked.normalized


def _is_text(part: Message) -> bool:
    return (
        part.get_content_maintype() == "text"
        and part.get_content_disposition() != "attachment"
        and not part.get_filename()
        and part.get_content_subtype() in ("plain", "html", "enriched", "richtext")
    )


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


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
