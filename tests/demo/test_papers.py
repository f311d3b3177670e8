"""The demo's papers: real files, equal for equal facts, marked as specimens, small."""

import io
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from alko.demo import mrz, papers, sheet

BORN = date(1988, 12, 10)
ADDRESS = "Rue de la République 12\n69002 Lyon"

SCANS: dict[str, Callable[[str], bytes]] = {
    "passport": lambda name: papers.passport_scan(
        name, "X1234567", BORN, "PL", sex="F", birth_place="Gdańsk"
    ),
    "licence": lambda name: papers.driving_licence(name, "DL-4477", BORN, "FRA"),
}
LETTERS: dict[str, Callable[[str], bytes]] = {
    "bill": lambda name: papers.utility_bill(name, ADDRESS, date(2024, 2, 11)),
    "receipt": lambda name: papers.payment_receipt(
        "HB-1", date(2025, 3, 3), f"{name}\n{ADDRESS}", 1_250_000, "EUR", purpose="Order 12"
    ),
    "statement": lambda name: papers.bank_statement(
        name, ADDRESS, "FR76 3000 6000 0112 3456 7890 189", date(2025, 2, 1)
    ),
    "invoice": lambda name: papers.invoice(
        "2025-0012",
        date(2025, 3, 1),
        "ALKO Cars\nSpecimen Avenue 3",
        f"{name}\n{ADDRESS}",
        [("A car", 2_899_000), ("Delivery", 60_000)],
        3_550_800,
        "EUR",
        tax=591_800,
    ),
}


def text(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("scan", SCANS.values(), ids=SCANS.keys())
def test_scans_are_small_jpegs_without_metadata(scan: Callable[[str], bytes]) -> None:
    data = scan("Ada Łucja Lovelace")
    assert len(data) < 120_000
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.format == "JPEG"
        assert picture.width > 1000
        assert not picture.getexif()


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS.keys())
def test_letters_are_one_page_pdfs_with_the_facts(letter: Callable[[str], bytes]) -> None:
    data = letter("Zoë Müller")
    reader = PdfReader(io.BytesIO(data))
    assert len(reader.pages) == 1
    assert len(data) < 20_000
    assert "Zoë Müller" in text(data)
    assert "SPECIMEN" in text(data)


@pytest.mark.parametrize("make", [*SCANS.values(), *LETTERS.values()], ids=[*SCANS, *LETTERS])
def test_equal_facts_give_equal_bytes(make: Callable[[str], bytes]) -> None:
    assert make("Ada Lovelace") == make("Ada Lovelace")
    assert make("Ada Lovelace") != make("Grace Hopper")


def test_another_process_gives_the_same_bytes() -> None:
    # Hash randomisation and dictionary order differ there.
    code = (
        "import hashlib; from datetime import date; from alko.demo import papers as p;"
        "print(hashlib.sha256(p.passport_scan('Ada Lovelace', 'X1', date(1988, 12, 10), 'PL')"
        " + p.utility_bill('Ada Lovelace', 'Lyon', date(2024, 2, 11))).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            cwd=Path(__file__).parents[2],
        ).stdout
        for _ in range(2)
    }
    assert len(runs) == 1


class TestMachineReadableZone:
    def test_the_specimen_of_the_standard(self) -> None:
        # ICAO Doc 9303 part 4, appendix B (without its optional personal number).
        first, second = mrz.passport_lines(
            name="Anna Maria Eriksson",
            number="L898902C3",
            issuer="UTO",
            born=date(1974, 8, 12),
            sex="F",
            expires=date(2012, 4, 15),
        )
        assert first == "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
        assert second[:28] == "L898902C36UTO7408122F1204159"

    def test_the_check_digits_of_the_standard(self) -> None:
        assert mrz.check_digit("520727") == "3"
        assert mrz.check_digit("AB2134<<<") == "5"
        assert mrz.check_digit("ZE184226B<<<<<") == "1"

    @settings(max_examples=200)
    @given(
        st.text(max_size=60),
        st.from_regex(r"[A-Za-z0-9]{1,9}", fullmatch=True),
        st.dates(date(1930, 1, 1), date(2010, 1, 1)),
        st.sampled_from("MFX"),
    )
    @example("Jean-Luc O’Brien", "AB12", date(2000, 2, 29), "M")
    def test_every_check_digit_is_right(self, name: str, number: str, born: date, sex: str) -> None:
        first, second = mrz.passport_lines(
            name=name, number=number, issuer="DEU", born=born, sex=sex, expires=date(2031, 5, 3)
        )
        for line in (first, second):
            assert re.fullmatch(r"[A-Z0-9<]{44}", line)
        for start, end in ((0, 9), (13, 19), (21, 27), (28, 42)):
            assert second[end] == mrz.check_digit(second[start:end])
        assert second[43] == mrz.check_digit(second[0:10] + second[13:20] + second[21:43])

    @pytest.mark.parametrize(
        ("name", "zone"),
        [
            ("Łukasz Żółć", "P<POLZOLC<<LUKASZ<"),
            ("Jörg Groß", "P<POLGROSS<<JOERG<"),
            ("Jean-Luc O’Brien", "P<POLOBRIEN<<JEAN<LUC<"),
            ("Prince", "P<POLPRINCE<<<"),
        ],
    )
    def test_names_are_spelt_in_its_alphabet(self, name: str, zone: str) -> None:
        first, _ = mrz.passport_lines(
            name=name, number="1", issuer="POL", born=BORN, sex="X", expires=BORN
        )
        assert first.startswith(zone)


@pytest.mark.parametrize("number", ["", "X12345678901", "X 1", "X-1", "Ä1"])
def test_an_impossible_passport_number_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="passport number"):
        papers.passport_scan("Ada Lovelace", number, BORN, "PL")


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(ValueError, match="ISO 3166"):
        papers.driving_licence("Ada Lovelace", "1", BORN, "Atlantis")


def test_a_passport_issued_on_a_leap_day_is_valid_for_ten_years() -> None:
    assert papers.passport_scan("Ada Lovelace", "X1", BORN, "PL", issued_on=date(2024, 2, 29))


def test_an_invoice_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        papers.invoice("1", BORN, "ALKO Cars", "Ada", [("A car", 100)], 101, "EUR")


def test_an_invoice_that_needs_two_pages_is_refused() -> None:
    lines = [("A part", 100)] * 60
    with pytest.raises(ValueError, match="one page"):
        papers.invoice("1", BORN, "ALKO Cars", "Ada", lines, 6_000, "EUR")


def test_amounts_are_minor_units_of_their_currency() -> None:
    for currency, shown in (("EUR", "€1,234.56"), ("JPY", "JP¥123,456"), ("TND", "123.456")):
        receipt = papers.payment_receipt("1", BORN, "Ada", 123_456, currency, purpose="Order 1")
        assert shown in text(receipt)


def test_letters_without_a_glyph_keep_their_base() -> None:
    assert sheet.drawable("Gdańsk Łódź Zoë 李") == "Gdansk Łódz Zoë ?"
    assert "Lukasz Gdansk Zoë" in text(
        papers.payment_receipt("1", BORN, "Łukasz Gdańsk Zoë", 1, "EUR", purpose="x")
    )
