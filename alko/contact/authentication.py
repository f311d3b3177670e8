"""Whether our own mail server vouches that a mail came from the domain that it says (RFC 8601)."""

from __future__ import annotations

import re
from email.message import Message

RESULT = re.compile(r"\s*([a-z-]+)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)\b(.*)", re.DOTALL)
PROPERTY = re.compile(r"\b([a-z]+\.[a-z]+)\s*=\s*(\S+)")
ALIGNED = {"dmarc": "header.from", "dkim": "header.d", "spf": "smtp.mailfrom"}
"""For each method what must name the sender's own domain."""


def is_verified(message: Message, authserv_id: str, sender: str) -> bool:
    """Whether the topmost results of this server say that the sender's domain sent the mail.

    The server must remove such headers that others wrote in its name.
    """
    domain = sender.rpartition("@")[2].lower()
    if not (authserv_id and domain):
        return False
    for header in message.get_all("Authentication-Results", []):
        server, *results = _bare(str(header)).lower().split(";")
        if server.split()[:1] == [authserv_id.lower()]:
            return any(_passes(result, domain) for result in results)
    return False


def _passes(result: str, domain: str) -> bool:
    found = RESULT.fullmatch(result)
    if found is None or found[2] != "pass" or found[1] not in ALIGNED:
        return False
    named = dict(PROPERTY.findall(found[3])).get(ALIGNED[found[1]], "")
    return named.rpartition("@")[2] == domain


def _bare(header: str) -> str:
    """The header without comments and quoted strings: strangers can put anything into them."""
    plain, depth, quoted = [], 0, False
    signs = iter(header)
    for sign in signs:
        if sign == "\\":
            next(signs, "")
        elif quoted:
            quoted = sign != '"'
        elif sign == '"' and not depth:
            quoted = True
        elif sign == "(":
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
        elif not depth:
            plain.append(sign)
    return "".join(plain)
