"""What every page must be, checked on each page a test fetches: see ``problems``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import html5lib
from bs4 import BeautifulSoup, Tag

LEAKS = (
    "Traceback (most recent call last)",
    'File "/',
    "werkzeug.exceptions",
    "jinja2.exceptions",
    "pymongo.errors",
    "mongoengine",
    "ObjectId(",
    "object at 0x",
    "<class '",
)
"""Marks of a stack trace, a database error or a Python object."""
UNRENDERED = re.compile(r"\{\{\s*[a-z_]|\{%\s*[a-z]")
TEXT = re.compile(r">[^<]*[^<\s][^<]*(?=<)")
VALUE = re.compile(r'(?<= value=")[^"]+')
IDENTIFIER = re.compile(r'\sid="([^"]*)"')
OBJECT = re.compile(r">\s*(None|Undefined|\[\]|\{\})\s*<")
VARYING = re.compile(r"[0-9a-f]{8,}|\d+")
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
LOADING = ("src", "srcset", "poster", "data", "action", "formaction", "hx-get", "hx-post")
REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls", "aria-owns")
HTMX_REQUESTS = ("hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete", "hx-boost")


def shape(html: str) -> str:
    """What is checked of a page but for its texts, its numbers and the values of its fields."""
    return VARYING.sub("0", VALUE.sub(".", TEXT.sub(">.", html)))


def suspicious(html: str) -> bool:
    """Whether the texts, numbers or values that ``shape`` leaves out ask for a closer look."""
    ids = IDENTIFIER.findall(html)
    return (
        len(set(ids)) < len(ids)
        or any(mark in html for mark in LEAKS)
        or bool(UNRENDERED.search(html) or OBJECT.search(html))
    )


def problems(html: str, host: str, *, fragment: bool = False) -> list[str]:
    """All that is wrong with a page served by ``host``; empty when all is well.

    A ``fragment`` is a part of a page (an answer to htmx): it needs no title, heading or landmarks.
    """
    soup = BeautifulSoup(html, "lxml", string_containers={})
    found = [*_syntax(html, fragment), *_content(soup), *_policy(soup, host)]
    found += [*_ids(soup, fragment), *_forms(soup), *_names(soup)]
    if not fragment:
        found += _frame(soup)
    return found


def _syntax(html: str, fragment: bool) -> Iterator[str]:
    parser = html5lib.HTMLParser()
    if fragment:
        parser.parseFragment(html)
    else:
        parser.parse(html)
    lines = html.splitlines()
    for (line, _), code, details in parser.errors:
        if code == "invalid-codepoint":
            continue  # a control character that somebody typed, shown to them once more
        near = lines[line - 1].strip()[:100] if 0 < line <= len(lines) else ""
        yield f"invalid HTML in line {line}: {code} {details or ''} near {near!r}"


def _frame(soup: BeautifulSoup) -> Iterator[str]:
    if len(soup.find_all("h1")) != 1:
        yield f"{len(soup.find_all('h1'))} h1 elements instead of one"
    elif not _text(soup.h1):
        yield "the h1 is empty"
    if not (soup.title and _text(soup.title).split("–")[0].strip()):
        yield "no title"
    if not (soup.html and soup.html.get("lang")):
        yield "no language"
    for landmark in ("main", "header", "footer", "nav"):
        if not soup.find(landmark):
            yield f"no {landmark} landmark"
    if len(soup.find_all("main")) > 1:
        yield "more than one main landmark"


def _content(soup: BeautifulSoup) -> Iterator[str]:
    shown = _shown(soup)
    for mark in LEAKS:
        if mark in shown:
            yield f"{mark!r} in the page"
    if UNRENDERED.search(shown):
        yield "an unrendered template"
    for element in soup.find_all(string=re.compile(r"^\s*(None|Undefined|\[\]|\{\})\s*$")):
        if element.parent and element.parent.name not in ("script", "style", "code", "option"):
            yield f"{str(element).strip()!r} as text of <{element.parent.name}>"
    for time in soup.find_all("time", datetime=False):
        yield f"<time> without datetime: {_text(time)}"
    for image in soup.find_all("img"):
        if image.get("alt") is None:
            yield f"image without alt: {image.get('src')}"
    for icon in soup.select("svg.icon"):
        if not icon.find(True):
            yield f"an icon that does not exist: {icon.get('class')}"


def _shown(soup: BeautifulSoup) -> str:
    """Texts and attributes, but not what a visitor typed into a field."""
    texts = [text for text in soup.find_all(string=True) if not text.find_parent("textarea")]
    attributes = [
        str(value)
        for element in soup.find_all(True)
        for name, value in element.attrs.items()
        if (element.name, name) != ("input", "value")
    ]
    return "\n".join([*texts, *attributes])


def _policy(soup: BeautifulSoup, host: str) -> Iterator[str]:
    for element in soup.find_all(True):
        yield from _inline(element)
        for name in LOADING:
            if name in element.attrs and _elsewhere(str(element[name]), host):
                yield f"<{element.name} {name}> goes to another host: {element[name]}"
        href = str(element.get("href", ""))
        if _elsewhere(href, host) and (
            element.name != "a" or "external" not in (element.get("rel") or [])
        ):
            yield f'<{element.name} href> goes to another host without rel="external": {href}'
        if any(name in element.attrs for name in HTMX_REQUESTS):
            works = element.get("href") if element.name == "a" else element.get("action")
            if element.name not in ("a", "form") or not works:
                yield f"htmx on <{element.name}>, which does not work without JavaScript"


def _inline(element: Tag) -> Iterator[str]:
    if element.name == "style" or (element.name == "script" and not element.get("src")):
        yield f"inline <{element.name}>"
    for name in element.attrs:
        if name == "style" or name.startswith(("on", "hx-on")):
            yield f"inline {name} on <{element.name}>"
    if str(element.get("href", "")).lower().lstrip().startswith("javascript:"):
        yield "a javascript: address"


def _elsewhere(address: str, host: str) -> bool:
    parts = urlsplit(address.strip())
    return bool(parts.netloc and parts.netloc != host)


def _ids(soup: BeautifulSoup, fragment: bool) -> Iterator[str]:
    ids = Counter(str(element["id"]) for element in soup.find_all(id=True))
    for identifier, count in ids.items():
        if count > 1:
            yield f"the id {identifier!r} is given {count} times"
        if not identifier or re.search(r"\s", identifier):
            yield f"the id {identifier!r} is no valid id"
    if fragment:
        return
    for element in soup.find_all(True):
        targets = [target for name in REFERENCES for target in str(element.get(name, "")).split()]
        if element.name == "label" and element.get("for"):
            targets.append(str(element["for"]))
        href = str(element.get("href", ""))
        if element.name in ("a", "use") and href.startswith("#") and len(href) > 1:
            targets.append(href[1:])
        for target in targets:
            if target not in ids:
                yield f"<{element.name}> refers to {target!r}, which is not on the page"


def _forms(soup: BeautifulSoup) -> Iterator[str]:
    for form in soup.find_all("form"):
        action = str(form.get("action", ""))
        if not action:
            yield "a form without action"
        token = form.find("input", attrs={"name": "csrf_token"})
        post = str(form.get("method", "get")).lower() == "post"
        if post and not (token and token.get("value") and token.get("type") == "hidden"):
            yield f"the form to {action} has no csrf token"
        if not post and token:
            yield f"the form to {action} would put its csrf token into the address"
    if soup.select("form form"):
        yield "a form inside a form"


def _names(soup: BeautifulSoup) -> Iterator[str]:
    labels = {str(label["for"]) for label in soup.find_all("label", attrs={"for": True})}
    for control in soup.find_all(["input", "select", "textarea"]):
        if control.name == "input" and control.get("type", "text") in UNLABELLED:
            continue
        named = control.get("aria-label") or control.get("aria-labelledby")
        if not (named or control.get("id") in labels or control.find_parent("label")):
            yield f"<{control.name} name={control.get('name')!r}> has no label"
    for element in soup.find_all(["a", "button"]):
        image = element.find("img", alt=True)
        if not (_text(element) or element.get("aria-label") or (image and image["alt"])):
            yield f"<{element.name}> without a name: {str(element)[:100]}"


def _text(element: Tag | None) -> str:
    return " ".join(element.get_text(" ").split()) if element else ""
