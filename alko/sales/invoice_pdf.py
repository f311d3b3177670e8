"""Invoices as accessible PDF (PDF/UA-1), typeset by Typst from the sealed record.

See docs/decisions/0009-invoices.md. Equal records give equal bytes.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import typst
from babel.numbers import format_currency
from flask_babel import get_locale, gettext

from alko.privacy import wording
from alko.privacy.door.dossier import Row
from config import Controller

TEMPLATE = Path(__file__).with_name("invoice.typ")


def document(invoice: Row, order: Row, seller: Controller) -> bytes:
    """The PDF; nothing outside the record, the seller and the template goes into it."""
    values, car, locale = invoice.values, order.values, get_locale()

    def money(amount: int) -> str:
        return str(format_currency(amount / 100, values["currency"], locale=locale))

    name, *address = values["buyer_address"].split("\n")
    number = values["number"]
    facts = [
        (gettext("Invoice number"), number),
        (gettext("Issued"), wording.day(invoice.recorded_at, locale)),
        (gettext("Order"), car["number"]),
    ]
    if car.get("vin"):
        facts.append((gettext("Vehicle identification number"), car["vin"]))
    net = sum(line["amount"] for line in values["lines"])
    content = {
        "language": locale.language,
        "title": gettext("Invoice %(number)s", number=number),
        "heading": gettext("Invoice %(number)s", number=number),
        "seller_name": seller.name,
        "seller_word": gettext("From"),
        "seller_address": (seller.address or gettext("Address not yet provided")).split("\n"),
        "buyer_word": gettext("Billed to"),
        "buyer_name": values["buyer_name"],
        "buyer_address": [name, *address],
        "facts_word": gettext("Details"),
        "facts": facts,
        "lines_word": gettext("What is invoiced"),
        "columns": [gettext("Description"), gettext("Amount")],
        "lines": [[line["description"], money(line["amount"])] for line in values["lines"]],
        "sums": [[gettext("Net"), money(net)], [gettext("Tax"), money(values["tax"])]],
        "total": [gettext("Total"), money(values["total"])],
        "note": gettext("Please quote the invoice number with your payment."),
        "footer": f"{seller.name} · {seller.privacy_email}",
        "page_word": gettext("Page"),
    }
    return typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=_own_fonts(),
        sys_inputs={"invoice": json.dumps(content)},
        pdf_standards=["ua-1"],
    )


@cache
def _own_fonts() -> typst.Fonts:
    """The fonts that come with Typst, so that an invoice looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
