"""Identity papers as a phone would photograph them: invented, and marked as specimens.

Equal arguments give equal bytes: chance comes from the arguments, time from nowhere.
"""

import random
from collections.abc import Sequence
from datetime import date

import pycountry

from alko.demo.mrz import passport_lines, surname_and_given
from alko.demo.sheet import FAINT, RED, Sheet


def passport_scan(
    name: str,
    number: str,
    birth_date: date,
    nationality: str,
    *,
    sex: str = "X",
    birth_place: str = "",
    issued_on: date = date(2021, 5, 4),
) -> bytes:
    """Return the data page of a passport as a JPEG (1240 x 880 pixels, below 120 kB).

    `nationality` is an ISO 3166 code (two or three letters). Valid for ten years from `issued_on`.
    Raises `ValueError` for an unknown nationality or number (1 to 9 letters and digits).
    """
    code, country = _country(nationality)
    expires = _years_later(issued_on, 10)
    lines = passport_lines(
        name=name, number=number, issuer=code, born=birth_date, sex=sex, expires=expires
    )
    drift = random.Random(f"{name}|{number}")  # noqa: S311 - drawing, not cryptography
    page = Sheet((1240, 880), paper=(233, 238, 241), pattern=(150, 176, 196), chance=drift)
    page.text((56, 36), country.upper(), 32, bold=True, width=800)
    page.text((56, 82), "PASSPORT  ·  PASSEPORT", 17, colour=FAINT)
    page.text((1184, 36), "SPECIMEN", 32, bold=True, colour=RED, anchor="ra")
    page.portrait((56, 130, 376, 558), name)
    surname, given = surname_and_given(name)
    page.fields(
        410,
        128,
        [
            [("Type", "P", 0), ("Code of issuing state", code, 150), ("Passport No.", number, 500)],
            [("Surname", surname.upper(), 0)],
            [("Given names", given.upper(), 0)],
            [("Nationality", code, 0), ("Date of birth", _day(birth_date), 250)],
            [("Sex", sex, 0), ("Place of birth", birth_place.upper() or "—", 250)],
            [("Date of issue", _day(issued_on), 0), ("Date of expiry", _day(expires), 250)],
        ],
        step=74,
    )
    page.signature((880, 560), f"{given[:1]}. {surname}".lstrip(". "))
    page.stamp("SPECIMEN", 140)
    page.zone(lines, top=690)
    return page.jpeg()


def driving_licence(
    name: str,
    number: str,
    birth_date: date,
    country: str,
    *,
    birth_place: str = "",
    issued_on: date = date(2019, 9, 16),
    categories: Sequence[str] = ("AM", "B"),
) -> bytes:
    """Return the front of a card licence as a JPEG (1100 x 694 pixels, below 120 kB).

    `country` is an ISO 3166 code; valid for 15 years from `issued_on`. The numbering of the
    fields is that of Directive 2006/126/EC. Raises `ValueError` for an unknown country.
    """
    code, long_name = _country(country)
    drift = random.Random(f"{name}|{number}|licence")  # noqa: S311 - drawing, not cryptography
    card = Sheet((1100, 694), paper=(246, 226, 230), pattern=(214, 160, 178), chance=drift)
    card.block((0, 0, 1100, 104), (44, 72, 132))
    card.text((48, 30), "DRIVING LICENCE", 36, bold=True, colour=(255, 255, 255))
    card.text((1052, 20), long_name.upper(), 22, colour=(255, 255, 255), anchor="ra", width=520)
    card.text((1052, 56), f"{code}  ·  SPECIMEN", 24, True, colour=(255, 226, 120), anchor="ra")
    card.portrait((48, 142, 328, 516), name)
    surname, given = surname_and_given(name)
    born = _day(birth_date) + (f"  {birth_place.upper()}" if birth_place else "")
    expires = _day(_years_later(issued_on, 15))
    rows = (
        ("1.", surname.upper()),
        ("2.", given.upper()),
        ("3.", born),
        ("4a.", _day(issued_on)),
        ("4b.", expires),
        ("4c.", "TRANSPORT AUTHORITY"),
        ("5.", number.upper()),
    )
    for place, (label, value) in enumerate(rows):
        top = 138 + place * 54
        card.text((372, top + 4), label, 20, colour=FAINT)
        card.text((432, top), value, 26, bold=label in {"1.", "2.", "5."}, width=610)
    card.text((372, 520), "7.", 20, colour=FAINT)
    card.signature((440, 512), f"{given[:1]}. {surname}".lstrip(". "))
    card.text((48, 620), "9.", 20, colour=FAINT)
    card.text((92, 612), " / ".join(categories), 32, bold=True)
    card.stamp("SPECIMEN", 140)
    return card.jpeg()


def _country(code: str) -> tuple[str, str]:
    """Return the alpha-3 code and the English name; raise `ValueError` when there is none."""
    try:
        found = pycountry.countries.lookup(code)
    except LookupError:
        raise ValueError(f"not an ISO 3166 country: {code}") from None
    return found.alpha_3, getattr(found, "common_name", found.name).partition(",")[0]


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _years_later(day: date, years: int) -> date:
    """Return the last day of validity: the eve of the anniversary."""
    try:
        later = day.replace(year=day.year + years)
    except ValueError:  # 29 February
        later = date(day.year + years, 3, 1)
    return date.fromordinal(later.toordinal() - 1)
