"""QR codes as inline SVG."""

from __future__ import annotations

import io

import segno
from flask_babel import gettext
from markupsafe import Markup


def picture(address: str) -> Markup:
    """The code for an authenticator app, made by a library from our own text."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn,
        kind="svg",
        scale=5,
        xmldecl=False,
        svgns=False,
        omitsize=False,
        dark="#000",
        light="#fff",
        title=gettext("QR code for the authenticator app"),
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704


def in_groups(secret: str) -> str:
    """A secret in groups of four, to be typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
