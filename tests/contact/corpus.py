"""Mails as the world sends them, built by code: well-formed, odd, broken, nested, large."""

from __future__ import annotations

import base64
import os
from email.message import EmailMessage
from email.mime.base import MIMEBase

PLAIN = "Please send me a copy of my data."


def headers(
    sender: str = "", subject: str = "A question", number: str | None = None, **more: str
) -> bytes:
    """The head of a mail, without the empty line that ends it."""
    lines = {
        "From": sender or f"Ana Example <ana-{os.urandom(4).hex()}@mail.example>",
        "To": "contact@alkocars.com",
        "Subject": subject,
        "Message-ID": number or f"<{os.urandom(8).hex()}@mail.example>",
        "Date": "Tue, 24 Nov 2026 10:00:00 +0000",
        "MIME-Version": "1.0",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return text.encode("utf-8", "surrogateescape")


def mail(body: str = PLAIN, **more: str) -> bytes:
    return headers(**more) + b"Content-Type: text/plain; charset=utf-8\n\n" + body.encode()


def with_files(files: dict[str, bytes], **more: str) -> bytes:
    message = EmailMessage()
    message.set_content(PLAIN)
    for name, content in files.items():
        message.add_attachment(content, "application", "octet-stream", filename=name)
    parts = message.as_bytes()
    return headers(**more).replace(b"MIME-Version: 1.0\n", b"") + parts


def forwarded(inner: bytes, **more: str) -> bytes:
    """A mail with another one in it, whole."""
    part = MIMEBase("message", "rfc822")
    del part["Content-Type"], part["MIME-Version"]
    return (
        headers(**more)
        + b'Content-Type: multipart/mixed; boundary="==b"\n\n--==b\n'
        + b"Content-Type: text/plain\n\nSee below.\n\n--==b\nContent-Type: message/rfc822\n\n"
        + inner
        + b"\n--==b--\n"
    )


def alternative(plain: str, html: str) -> bytes:
    message = EmailMessage()
    message.set_content(plain)
    message.add_alternative(html, subtype="html")
    return headers().replace(b"MIME-Version: 1.0\n", b"") + message.as_bytes()


def html_only(html: str) -> bytes:
    return headers() + b"Content-Type: text/html; charset=utf-8\n\n" + html.encode()


def encoded(text: str, charset: str, says: str | None = None) -> bytes:
    """Base64 in a charset, declared rightly or as another."""
    body = base64.encodebytes(text.encode(charset))
    kind = f"Content-Type: text/plain; charset={says or charset}\n".encode()
    return headers() + kind + b"Content-Transfer-Encoding: base64\n\n" + body


TEXTS: list[tuple[str, bytes, str]] = [
    ("plain", mail(), PLAIN),
    ("latin-1", encoded("Größe für Zoë", "iso-8859-1"), "Größe für Zoë"),
    ("windows-1252", encoded("“Café” – 5 €", "windows-1252"), "“Café” – 5 €"),
    ("japanese", encoded("個人情報を削除してください", "iso-2022-jp"), "個人情報"),
    ("cyrillic", encoded("Удалите мои данные", "koi8-r"), "Удалите мои данные"),
    ("greek", encoded("Διαγράψτε", "iso-8859-7"), "Διαγράψτε"),
    ("utf-8 called latin-1", encoded("Größe 😀", "utf-8", "iso-8859-1"), "Größe 😀"),
    ("latin-1 called utf-8", encoded("Größe", "iso-8859-1", "utf-8"), "Größe"),
    ("unknown charset", encoded("Größe", "utf-8", "x-user-defined"), "Größe"),
    ("no charset", headers() + b"Content-Type: text/plain\n\nGr\xc3\xb6\xc3\x9fe", "Größe"),
    ("no type at all", headers() + b"\nJust words", "Just words"),
    ("html only", html_only("<p>Hello <b>there</b><br>again<script>x</script>"), "Hello there\nag"),
    ("alternative", alternative("The plain one", "<p>The other</p>"), "The plain one"),
    ("empty plain", alternative("\n", "<p>Only here</p>"), "Only here"),
    ("forwarded", forwarded(mail("What they wrote"), subject="Fwd: x"), "> What they wrote"),
    (
        "quoted-printable",
        headers() + b"Content-Transfer-Encoding: quoted-printable\n"
        b"Content-Type: text/plain; charset=utf-8\n\nGr=C3=B6=\n=C3=9Fe =ZZ =",
        "Größe =ZZ",
    ),
    (
        "bad base64",
        headers() + b"Content-Transfer-Encoding: base64\n"
        b"Content-Type: text/plain\n\nUGxlYXNlIHdyaXRlIQ=*=\n!!!",
        "Please write!",
    ),
    (
        "lost boundary",
        headers() + b'Content-Type: multipart/mixed; boundary="gone"\n\nStill some words',
        "Still some words",
    ),
    (
        "never closed",
        headers() + b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nWords',
        "Words",
    ),
    ("bare returns", headers().replace(b"\n", b"\r\n") + b"\r\nLine\r\nLine two", "Line\nLine two"),
    ("controls", headers() + b"\nA\x00B\x07C", "ABC"),
    ("folded oddly", headers(subject="One\n  two\n\tthree") + b"\nText", "Text"),
    ("encoded sender", mail("Hi", sender="=?utf-8?B?SsO8cmdlbg==?= <j@mail.example>"), "Hi"),
]
"""A name, a mail, and words that must be in the message."""

UNREADABLE: list[tuple[str, bytes]] = [
    ("noise", b"\x00\xff\xfe\x80" * 50),
    ("no headers", b"\n\njust text"),
    ("no sender", headers(sender="nobody at all") + b"\nWho am I?"),
    ("two at signs", headers(sender="a@b@c") + b"\nWho am I?"),
]
"""What no answer can be sent to, or nothing can be made of."""

AUTOMATIC: list[tuple[str, dict[str, str]]] = [
    ("out of office", {"Auto_Submitted": "auto-replied"}),
    ("generated", {"Auto_Submitted": "auto-generated; reason=x"}),
    ("from nobody", {"Return_Path": "<>"}),
    ("a report", {"Content_Type": "multipart/report; report-type=delivery-status"}),
]
"""Headers of mails that no person wrote."""

UNANSWERED: list[tuple[str, dict[str, str]]] = [
    ("bulk", {"Precedence": "bulk"}),
    ("a group", {"Precedence": "list", "List_Id": "<contact.alkocars.com>"}),
    ("a list", {"List_Unsubscribe": "<mailto:x@mail.example>"}),
    ("an old vacation program", {"X_Autoreply": "yes"}),
    ("no machine shall answer", {"X_Auto_Response_Suppress": "All"}),
    ("a reporter", {"sender": "MAILER-DAEMON@mail.example"}),
    ("in our own name", {"sender": "Ana by way of <contact@alkocars.com>"}),
]
"""Headers of mails that become cases, and are sent no receipt."""
