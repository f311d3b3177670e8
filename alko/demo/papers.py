"""Papers for the demo's clients: real, small files, all invented and marked as specimens.

Pure functions from facts to bytes; equal arguments give equal bytes. PDFs come from reportlab with
its built-in Helvetica; pictures from `alko.demo.scans`.
"""

import calendar
import io
import random
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from alko.demo.scans import driving_licence, passport_scan

__all__ = [
    "bank_statement",
    "driving_licence",
    "invoice",
    "passport_scan",
    "payment_receipt",
    "utility_bill",
]

_WIDTH, _HEIGHT = A4
_LEFT, _RIGHT = 56.0, _WIDTH - 56.0
_INK, _FAINT, _RULE = HexColor("#1d2433"), HexColor("#69728a"), HexColor("#d5dae4")
_NAVY, _GREEN, _AMBER = HexColor("#1f3a5f"), HexColor("#1d6b54"), HexColor("#8a4b12")

Row = tuple[str, ...]


def utility_bill(name: str, address: str, period: date) -> bytes:
    """Return an electricity bill as a PDF; `period` is any day of its month."""
    chance = random.Random(f"{name}|{address}|{period:%Y-%m}")  # noqa: S311 - demo figures
    last = period.replace(day=calendar.monthrange(period.year, period.month)[1])
    used, before = chance.randint(140, 390), chance.randint(12_000, 64_000)
    energy, standing = used * 24, 1_180
    tax = round((energy + standing) * 0.2)
    page = _Page(
        "Electricity bill", "Northlight Energy", "Specimen Street 1, 00000 Sampletown", _AMBER
    )
    page.parties(("Supply address", f"{name}\n{address}"))
    page.facts(
        ("Customer number", f"{chance.randint(10**7, 10**8 - 1)}"),
        ("Billing period", f"{_day(period.replace(day=1))} to {_day(last)}"),
        ("Issued", _day(last + timedelta(days=3))),
        ("Meter reading", f"{before:,} to {before + used:,} kWh"),
    )
    page.table(
        ("What", "Quantity", "Amount"),
        [
            ("Energy", f"{used} kWh at €0.24", _money(energy, "EUR")),
            ("Standing charge", "1 month", _money(standing, "EUR")),
            ("VAT", "20%", _money(tax, "EUR")),
        ],
        total=("To pay", _money(energy + standing + tax, "EUR")),
    )
    page.note(f"Collected by direct debit on {_day(last + timedelta(days=17))}. Nothing to do.")
    return page.pdf()


def payment_receipt(
    number: str,
    paid_on: date,
    payer: str,
    amount: int,
    currency: str,
    *,
    purpose: str,
    method: str = "Bank transfer",
) -> bytes:
    """Return a bank's receipt for one payment to ALKO Cars as a PDF; `amount` in minor units."""
    page = _Page("Payment receipt", "Harbour Bank", "Specimen Quay 8, 00000 Sampletown", _GREEN)
    page.parties(("Payer", payer), ("Recipient", "ALKO Cars"))
    page.facts(
        ("Receipt number", number),
        ("Executed", _day(paid_on)),
        ("Method", method),
        ("Reference", purpose),
    )
    page.table(
        ("What", "Amount"),
        [(purpose, _money(amount, currency))],
        total=("Paid", _money(amount, currency)),
    )
    page.note("The payment was executed in full and cannot be recalled.")
    return page.pdf()


def bank_statement(
    holder: str, address: str, iban: str, month: date, currency: str = "EUR"
) -> bytes:
    """Return one month's account statement as a PDF; `month` is any day of it.

    The entries are chosen by the arguments; the closing balance is their sum.
    """
    chance = random.Random(f"{holder}|{iban}|{month:%Y-%m}")  # noqa: S311 - demo figures
    days = calendar.monthrange(month.year, month.month)[1]
    entries = [(1, "Rent", -chance.randint(70_000, 140_000)), (days - 2, "Salary", 412_350)]
    for text, least, most in (
        ("Grocer", 2_000, 14_000),
        ("Public transport", 4_900, 4_900),
        ("Pharmacy", 800, 4_000),
        ("Grocer", 2_000, 14_000),
        ("Electricity", 4_000, 11_000),
        ("Restaurant", 1_800, 9_000),
        ("Insurance", 6_450, 6_450),
    ):
        entries.append((chance.randint(2, days), text, -chance.randint(least, most)))
    balance = opening = chance.randint(1_800_000, 4_200_000)
    rows: list[Row] = [("", "Opening balance", "", _money(opening, currency))]
    for day, text, amount in sorted(entries):
        balance += amount
        rows.append(
            (
                _day(month.replace(day=day)),
                text,
                _money(amount, currency),
                _money(balance, currency),
            )
        )
    page = _Page("Account statement", "Harbour Bank", "Specimen Quay 8, 00000 Sampletown", _GREEN)
    page.parties(("Account holder", f"{holder}\n{address}"))
    page.facts(
        ("IBAN", iban),
        ("Period", f"{_day(month.replace(day=1))} to {_day(month.replace(day=days))}"),
        ("Currency", currency),
    )
    page.table(
        ("Date", "Entry", "Amount", "Balance"),
        rows,
        total=("Closing balance", _money(balance, currency)),
    )
    return page.pdf()


def invoice(
    number: str,
    issued_on: date,
    seller: str,
    buyer: str,
    lines: Sequence[tuple[str, int]],
    total: int,
    currency: str,
    *,
    tax: int = 0,
) -> bytes:
    """Return an invoice as a PDF.

    `seller` and `buyer` have lines: the name, then the address. `lines` are (description, amount);
    amounts, `tax` (on top of the lines) and `total` are minor units. Raises `ValueError` when
    they do not add up, or fill more than a page.
    """
    if sum(amount for _, amount in lines) + tax != total:
        raise ValueError("the lines and the tax of the invoice do not add up to its total")
    name, _, address = seller.partition("\n")
    page = _Page("Invoice", name, address.replace("\n", ", "), _NAVY)
    page.parties(("Billed to", buyer))
    page.facts(
        ("Invoice number", number), ("Issued", _day(issued_on)), ("Payment", "Due within 14 days")
    )
    rows: list[Row] = [(text, _money(amount, currency)) for text, amount in lines]
    if tax:
        rows.append(("Tax", _money(tax, currency)))
    page.table(("Description", "Amount"), rows, total=("Total", _money(total, currency)))
    page.note("Please quote the invoice number with your payment. Thank you for your order.")
    return page.pdf()


class _Page:
    """One A4 letter, written from the top down; lengths are points."""

    def __init__(self, title: str, sender: str, sender_address: str, colour: Color) -> None:
        self._target = io.BytesIO()
        # `invariant` leaves out the date and the random document id.
        self._canvas = Canvas(self._target, pagesize=A4, invariant=1, pageCompression=1)
        self._canvas.setTitle(f"{title} (specimen)")
        self._canvas.setAuthor(_plain(sender))
        self._colour = colour
        self._watermark()
        self._canvas.setFillColor(colour)
        self._canvas.rect(0, _HEIGHT - 104, _WIDTH, 104, stroke=0, fill=1)
        self._write(_LEFT, _HEIGHT - 56, sender, 22, bold=True, colour=white)
        self._write(_LEFT, _HEIGHT - 77, sender_address, 9.5, colour=white)
        self._write(_RIGHT, _HEIGHT - 56, title, 15, colour=white, right=True)
        self._top = _HEIGHT - 148
        footer = "Specimen made for demonstration. Not a valid document."
        self._write(_RIGHT, 34, footer, 9.5, colour=_FAINT, right=True)

    def parties(self, *blocks: tuple[str, str]) -> None:
        """Write addresses side by side: (label, text with lines)."""
        deepest = self._top
        for place, (label, text) in enumerate(blocks):
            left, top = _LEFT + place * 260, self._top
            self._write(left, top, label.upper(), 8, colour=_FAINT)
            for row, line in enumerate(text.split("\n")):
                top -= 16
                self._write(left, top, line, 11.5, bold=row == 0)
            deepest = min(deepest, top)
        self._top = deepest - 38

    def facts(self, *facts: tuple[str, str]) -> None:
        """Write (label, value) pairs in two columns."""
        for place, (label, value) in enumerate(facts):
            left = _LEFT + place % 2 * 260
            self._write(left, self._top, label.upper(), 8, colour=_FAINT)
            self._write(left, self._top - 15, value, 11.5)
            if place % 2 or place == len(facts) - 1:
                self._top -= 42
        self._top -= 6

    def table(self, head: Row, rows: Sequence[Row], *, total: Row) -> None:
        """Write a table whose first column (two when there are four) is text, the rest figures."""
        texts = 2 if len(head) == 4 else 1
        step = 110.0
        edges = [_LEFT + 10, _LEFT + 122][:texts]
        edges += [_RIGHT - 10 - step * place for place in reversed(range(len(head) - texts))]

        def write(row: Row, size: float, *, bold: bool = False, colour: Color = _INK) -> None:
            for place, (edge, text) in enumerate(zip(edges, row, strict=True)):
                self._write(
                    edge, self._top, text, size, bold=bold, colour=colour, right=place >= texts
                )

        self._canvas.setFillColor(HexColor("#eef1f6"))
        self._canvas.rect(_LEFT, self._top - 8, _RIGHT - _LEFT, 24, stroke=0, fill=1)
        write(head, 9, bold=True, colour=_FAINT)
        for row in rows:
            self._top -= 25
            write(row, 10.5)
            self._rule(self._top - 8)
        self._top -= 34
        self._write(_LEFT + 10, self._top, total[0], 13, bold=True, colour=self._colour)
        self._write(
            _RIGHT - 10, self._top, total[1], 13, bold=True, colour=self._colour, right=True
        )
        self._top -= 46

    def note(self, text: str) -> None:
        """Write a paragraph."""
        for line in simpleSplit(_plain(text), "Helvetica", 10, _RIGHT - _LEFT):
            self._write(_LEFT, self._top, line, 10, colour=_FAINT)
            self._top -= 15

    def pdf(self) -> bytes:
        """Finish the page and return the file; raise `ValueError` when it overflowed."""
        if self._top < 50:
            raise ValueError("the paper does not fit on one page")
        self._canvas.showPage()
        self._canvas.save()
        return self._target.getvalue()

    def _write(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: Color = _INK,
        right: bool = False,
    ) -> None:
        self._canvas.setFillColor(colour)
        self._canvas.setFont("Helvetica-Bold" if bold else "Helvetica", size)
        (self._canvas.drawRightString if right else self._canvas.drawString)(x, y, _plain(text))

    def _rule(self, y: float) -> None:
        self._canvas.setStrokeColor(_RULE)
        self._canvas.setLineWidth(0.6)
        self._canvas.line(_LEFT, y, _RIGHT, y)

    def _watermark(self) -> None:
        self._canvas.saveState()
        self._canvas.translate(_WIDTH / 2, _HEIGHT * 0.34)
        self._canvas.rotate(38)
        self._canvas.setFillColor(HexColor("#f0e3e5"))
        self._canvas.setFont("Helvetica-Bold", 96)
        self._canvas.drawCentredString(0, 0, "SPECIMEN")
        self._canvas.restoreState()


def _plain(text: str) -> str:
    """Return `text` in the letters of built-in Helvetica (cp1252), others reduced to their base."""
    return "".join(
        sign
        if sign.encode("cp1252", "ignore")
        else unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"
        for sign in unicodedata.normalize("NFC", text).replace("Ł", "L").replace("ł", "l")
    )


def _money(amount: int, currency: str) -> str:
    units = Decimal(amount).scaleb(-get_currency_precision(currency))
    return format_currency(units, currency, locale="en_GB")


def _day(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"
