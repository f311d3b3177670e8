"""A small drawing that somebody sends along with a question; invented, equal each time."""

from __future__ import annotations

import io

from reportlab.lib.pagesizes import A5, landscape
from reportlab.pdfgen.canvas import Canvas


def roof_rack() -> bytes:
    """Two bars on a roof, with their distances in millimetres, as a PDF of one page."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=landscape(A5), invariant=1)
    canvas.setFont("Helvetica", 10)
    canvas.drawString(60, 340, "Roof rack, seen from above (specimen)")
    canvas.roundRect(120, 100, 360, 180, 40)
    for left, distance in ((200, "620"), (360, "980")):
        canvas.rect(left, 90, 14, 200, fill=1)
        canvas.drawCentredString(left + 7, 72, f"{distance} mm")
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()
