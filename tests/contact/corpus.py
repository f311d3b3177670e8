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


def parts(kind: str, *inner: bytes) -> bytes:
    """A multipart with a boundary of its own around others, which begin with their headers."""
    bound = os.urandom(6).hex().encode()
    head = f"Content-Type: multipart/{kind}; boundary=".encode() + bound + b"\n\n"
    return head + b"".join(b"--%b\n%b\n" % (bound, one) for one in inner) + b"--%b--\n" % bound


def part(kind: str, content: str | bytes, *more: str) -> bytes:
    """One part; ``more`` are whole lines of headers."""
    head = "".join(f"{line}\n" for line in (f"Content-Type: {kind}", *more))
    return f"{head}\n".encode() + (content.encode() if isinstance(content, str) else content)


ATTACHED = "Content-Disposition: attachment; filename="
CALENDAR = "BEGIN:VCALENDAR\nSUMMARY:Collect the car\nEND:VCALENDAR"
STUB = "Your mail program does not show HTML."

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
    ("alternative", alternative("The plain one", "<p>The <b>plain</b> one</p>"), "The plain one"),
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
    ("quotes called latin-1", encoded("“Café”", "windows-1252", "iso-8859-1"), "“Café”"),
    ("a codec that is no charset", headers() + part("text/plain; charset=punycode", "A-b"), "A-b"),
    ("an escaping codec", headers() + part("text/plain; charset=unicode_escape", "\\x41"), "\\x41"),
    (
        "encoding with a space",
        encoded("Words", "utf-8").replace(b"base64\n", b"base64 \n"),
        "Words",
    ),
    ("markdown", headers() + part("text/markdown", "# Delete *me*"), "# Delete *me*"),
    ("a named text", headers() + part("text/plain; name=wish.txt", "Delete me"), "wish.txt"),
    (
        "an inline file of text",
        headers()
        + parts(
            "mixed",
            part("text/plain", "See below"),
            part("text/plain", "Delete me", "Content-Disposition: inline; filename=a.txt"),
        ),
        "Delete me",
    ),
    (
        "plain and an invitation",
        headers()
        + parts("alternative", part("text/plain", "Delete me"), part("text/calendar", CALENDAR)),
        "Delete me",
    ),
    (
        "plain, HTML and AMP",
        headers()
        + parts(
            "alternative",
            part("text/plain", "Delete me"),
            part("text/x-amp-html", "<p>Delete me now</p>"),
            part("text/html", "<p>Delete me</p>"),
        ),
        "Delete me",
    ),
    (
        "plain within, and an invitation",
        headers()
        + parts(
            "alternative",
            parts("mixed", part("text/plain", "Delete me")),
            part("text/calendar", CALENDAR),
        ),
        "Delete me",
    ),
    ("an invitation alone", headers() + part("text/calendar", CALENDAR), "Collect the car"),
    ("a stub", alternative(STUB, "<p>Please delete my account</p>"), "Please delete my account"),
    (
        "HTML with its pictures",
        headers()
        + parts(
            "alternative",
            part("text/plain", STUB),
            parts("related", part("text/html", "<p>Delete my account</p>"), part("image/gif", "x")),
        ),
        "Delete my account",
    ),
    (
        "made to be costly",
        headers()
        + parts("mixed", part("text/plain", "Words"), part("text/x-none", "multipart/\n" * 5_000)),
        "Content-Type: text/plain\n\nWords",
    ),
    ("encoded sender", mail("Hi", sender="=?utf-8?B?SsO8cmdlbg==?= <j@mail.example>"), "Hi"),
]
"""A name, a mail, and words that must be in the message."""

LEFT_OUT: list[tuple[str, bytes, bytes]] = [
    (
        "encrypted with PGP",
        headers()
        + parts(
            "encrypted; protocol=application/pgp-encrypted",
            part("application/pgp-encrypted", "Version: 1"),
            part("application/octet-stream", "-----BEGIN PGP MESSAGE-----"),
        ),
        b"BEGIN PGP MESSAGE",
    ),
    ("S/MIME", headers() + part("application/pkcs7-mime; name=smime.p7m", "MIIwish"), b"MIIwish"),
    ("winmail.dat", with_files({"winmail.dat": b"\x78\x9f\x3e\x22Delete"}), b"winmail.dat"),
    ("a text that is a file", headers() + part("text/plain", "Wish", ATTACHED + "a.txt"), b"Wish"),
    (
        "a text beside",
        headers()
        + parts("mixed", part("text/plain", "See it"), part("text/plain", "Wish", ATTACHED + "b")),
        b"Wish",
    ),
    (
        "an invitation beside",
        headers()
        + parts("alternative", part("text/plain", "Come"), part("text/calendar", CALENDAR)),
        b"Collect the car",
    ),
    (
        "other words in HTML",
        alternative("Please delete my account at once", "<p>Wish</p>"),
        b"Wish",
    ),
    ("other words in a stub", alternative(STUB, "<p>Please delete my account</p>"), STUB.encode()),
    (
        "a picture alone",
        headers() + part("text/html", "<img src='https://mail.example/wish.png'>"),
        b"wish.png",
    ),
    (
        "a truncated file",
        headers()
        + parts(
            "mixed",
            part("text/plain", "My passport"),
            part(
                "application/pdf",
                base64.b64encode(b"%PDF-1.7 cut off")[:-3],
                ATTACHED + "pass.pdf",
                "Content-Transfer-Encoding: base64",
            ),
        ),
        base64.b64encode(b"%PDF-1.7 cut off")[:-3],
    ),
    (
        "words before the first part",
        headers() + parts("mixed", part("text/plain", "x")).replace(b"\n\n", b"\n\nWish\n", 1),
        b"Wish",
    ),
    (
        "words after the last",
        headers() + parts("mixed", part("text/plain", "x")) + b"Wish",
        b"Wish",
    ),
    ("a forwarded mail's date", forwarded(mail(Date="Mon, 1 Jun 2026 09:00:00 +0000")), b"1 Jun"),
    ("another encoding", mail(Content_Transfer_Encoding="x-uuencode"), b"x-uuencode"),
    ("a long subject", mail(subject="Wish " * 110 + "End"), b"End"),
    ("a subject in an old charset", mail(subject="L\udcf6schung"), b"L\xf6schung"),
    ("two subjects", b"Subject: Wish\n" + mail(), b"Wish"),
    (
        "too many parts",
        headers() + parts("mixed", *[part("text/plain", f"line {n}") for n in range(1_100)]),
        b"line 1099",
    ),
    ("too long", mail("x" * 100_001 + "end"), b"xend"),
    ("one unheard charset", headers() + part("text/plain; charset=x-none", "Wish"), b"x-none"),
]
"""What cannot be shown in the case: it must be in the source that is kept."""

HEADERS: list[tuple[str, dict[str, str], str, str]] = [
    ("bare UTF-8", {"subject": "Löschung für Zoë"}, "Löschung für Zoë", "Ana Example"),
    ("bare Latin-1", {"subject": "L\udcf6schung"}, "Löschung", "Ana Example"),
    ("bare name", {"sender": "Zoë Ž <z@mail.example>"}, "A question", "Zoë Ž"),
    (
        "both",
        {"subject": "Löschung =?utf-8?q?f=C3=BCr_Zo=C3=AB?="},
        "Löschung für Zoë",
        "Ana Example",
    ),
    ("split", {"subject": "=?utf-8?q?=C3?=\n =?utf-8?q?=B6?="}, "ö", "Ana Example"),
    ("odd", {"subject": "=?punycode?q?A-b?="}, "A-b", "Ana Example"),
]
"""Headers as they come, and the subject and the name that are meant."""

NAMES: list[tuple[str, str]] = [
    ('filename="Führerschein.png"', "Führerschein.png"),
    ("filename*=utf-8''F%C3%BChrer.png", "Führer.png"),
    ("filename*0*=iso-8859-1''F%FC; filename*1=hrer.png", "Führer.png"),
    ('filename="=?utf-8?q?F=C3=BChrer.png?="', "Führer.png"),
    ("filename*=punycode''A-b.png", "A-b.png"),
]
"""Ways to write a file's name."""

UNREADABLE: list[tuple[str, bytes]] = [
    ("noise", b"\x00\xff\xfe\x80" * 50),
    ("no headers", b"\n\njust text"),
    ("no sender", headers(sender="nobody at all") + b"\nWho am I?"),
    ("two at signs", headers(sender="a@b@c") + b"\nWho am I?"),
    ("two writers", headers(sender="a@localhost, b@mail.example") + b"\nWho are we?"),
    ("two times from", b"From: eve@mail.example\n" + headers() + b"\nWho are we?"),
    ("an answer elsewhere", headers(sender="x", Reply_To="ana@mail.example") + b"\nWho am I?"),
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
