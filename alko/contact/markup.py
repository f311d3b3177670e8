"""Mails that come as HTML only, as text: lines, lists, and where links go. Nothing is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

LONGEST = 2_000_000
"""Characters of HTML that are read."""
SILENT = {"script", "style", "head", "title", "template", "noscript", "object", "svg"}
BLOCKS = {
    *("address", "article", "blockquote", "body", "center", "dd", "div", "dl", "dt", "footer"),
    *("form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre"),
    *("section", "table", "tr", "ul"),
}
SHOWN_LINKS = ("http://", "https://", "mailto:", "tel:")


def text_of(html: str) -> str:
    """The text of a page of HTML, however broken; empty where there is none."""
    # XML declarations with an encoding are refused in text, and NUL ends the parser's reading.
    cleaned = re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", html[:LONGEST].replace("\0", ""))
    try:
        parser = HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
        root = document_fromstring(cleaned, parser=parser)
    except (etree.ParserError, ValueError):  # nothing in it
        return ""
    lines = "".join(_pieces(root)).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _pieces(root: HtmlElement) -> Iterator[str]:
    silent = 0
    for step, element in etree.iterwalk(root, events=("start", "end")):
        name = element.tag if isinstance(element.tag, str) else ""
        if name in SILENT:
            silent += 1 if step == "start" else -1
        if silent and step == "start":
            continue
        if step == "start":
            yield _opening(name)
            yield _flowing(element.text)
            continue
        if not silent:
            yield _closing(name, element)
            yield _flowing(element.tail)


def _opening(name: str) -> str:
    if name == "br":
        return "\n"
    if name == "li":
        return "\n- "
    return "\n" if name in BLOCKS else ""


def _closing(name: str, element: HtmlElement) -> str:
    if name == "a":
        target = (element.get("href") or "").strip()
        shown = "".join(element.itertext()).strip()
        if target.lower().startswith(SHOWN_LINKS) and target.partition(":")[2] not in (shown, ""):
            return f" ({target})" if target != shown else ""
    if name in ("td", "th"):
        return " "
    return "\n" if name in BLOCKS else ""


def _flowing(text: str | None) -> str:
    """Line breaks in the source mean nothing."""
    return re.sub(r"\s+", " ", text) if text else ""
