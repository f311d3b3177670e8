"""The machine-readable zone of a passport (ICAO Doc 9303, parts 3 and 4: two lines of 44)."""

import re
import unicodedata
from datetime import date

_SPELT = str.maketrans(
    {
        "Ä": "AE", "Ö": "OE", "Ü": "UE", "Å": "AA", "Æ": "AE", "Ø": "OE", "Œ": "OE", "Þ": "TH",
        "ẞ": "SS", "ß": "SS", "Ł": "L", "Đ": "D", "Ð": "D", "Ħ": "H", "ı": "I", "'": "", "’": "",
    }
)  # fmt: skip


def check_digit(text: str) -> str:
    """Return the check digit of `text` (weights 7, 3, 1; A = 10 … Z = 35; `<` = 0)."""
    values = (0 if sign == "<" else int(sign, 36) for sign in text)
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)


def spelt(text: str) -> str:
    """Return `text` in the zone's alphabet, `A`-`Z` and `<` (unknown signs become `<`)."""
    text = unicodedata.normalize("NFC", text).upper().translate(_SPELT)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z]+", "<", plain).strip("<")


def surname_and_given(name: str) -> tuple[str, str]:
    """Split a full name: the last word is the surname, which suits the demo's people."""
    given, _, surname = name.strip().rpartition(" ")
    return surname, given


def passport_lines(
    *, name: str, number: str, issuer: str, born: date, sex: str, expires: date
) -> tuple[str, str]:
    """Return both lines. `issuer` is an ISO 3166 alpha-3 code, `sex` one of M, F, X.

    Raises `ValueError` for a number that is not 1 to 9 letters and digits.
    """
    number = number.upper()
    if not re.fullmatch(r"[A-Z0-9]{1,9}", number):
        raise ValueError("a passport number has 1 to 9 letters and digits")
    state = {"DEU": "D"}.get(issuer, issuer).ljust(3, "<")  # Germany alone has one letter
    surname, given = surname_and_given(name)
    first = f"P<{state}{spelt(surname)}<<{spelt(given)}"[:44].ljust(44, "<")
    number = number.ljust(9, "<")
    number += check_digit(number)
    birth = _six(born)
    expiry = _six(expires)
    optional = "<" * 14 + "0"
    total = check_digit(number + birth + expiry + optional)
    return first, number + state + birth + {"X": "<"}.get(sex, sex) + expiry + optional + total


def _six(day: date) -> str:
    digits = f"{day:%y%m%d}"
    return digits + check_digit(digits)
