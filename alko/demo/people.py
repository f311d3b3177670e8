"""Invented people and cars. Phone numbers come from the ranges reserved for fiction."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from alko.models.profile import Contact, Identity
from alko.models.transaction import OrderDetails

GIVEN_NAMES = (
    "Adèle", "Bartosz", "Camille", "Dorothea", "Emeka", "Fatoumata", "Gustav", "Hanne", "Ismael",
    "Jolanta", "Katarzyna", "Leander", "Maëlle", "Nikolai", "Ottilie", "Priya", "Quentin",
    "Rosalind", "Saoirse", "Thorben", "Ulrike", "Vasile", "Wilhelmina", "Yannick", "Zsófia",
)  # fmt: skip
SURNAMES = (
    "Achterberg", "Bellerose", "Czajkowski", "Desmarais", "Ekström", "Fairweather", "Grünwald",
    "Hallström", "Iwu", "Jankovic", "Kestrel", "Lefebvre", "Mbeki", "Nordqvist", "Okafor",
    "Pemberton", "Quarshie", "Rademacher", "Szabó", "Thistlewood", "Underhill", "Vasquez",
    "Wetterholm", "Yilmaz", "Zielinski",
)  # fmt: skip
STREETS = ("Mill", "Harbour", "Orchard", "Station", "Chapel", "Quarry", "Linden", "Weaver")


@dataclass(frozen=True)
class _Place:
    country: str
    city: str
    postal_code: str
    phone: str
    """The reserved range; ``#`` stands for a digit."""


PLACES = (
    _Place("FR", "Lyon", "690##", "+3363998####"),
    _Place("FR", "Nantes", "441##", "+3363998####"),
    _Place("GB", "Bristol", "BS1 #XY", "+447700900###"),
    _Place("DE", "Bremen", "281##", "+4917139200##"),
    _Place("DE", "Leipzig", "041##", "+4917139200##"),
    _Place("SE", "Malmö", "211 ##", "+4670174066#"),
)
CARS = (
    ("Toyota", "Land Cruiser", 7_890_000, "Nagoya"),
    ("Lexus", "RX 500h", 8_250_000, "Hakata"),
    ("Hyundai", "Ioniq 5", 4_790_000, "Ulsan"),
    ("Kia", "EV9", 7_330_000, "Pyeongtaek"),
    ("Genesis", "GV70", 6_480_000, "Ulsan"),
    ("Subaru", "Outback", 4_560_000, "Yokohama"),
    ("Mazda", "CX-60", 5_240_000, "Hiroshima"),
    ("Ford", "Bronco", 7_620_000, "Baltimore"),
)
COLOURS = ("Ink blue", "Chalk white", "Moss green", "Graphite", "Copper red", "Sand")
VESSELS = ("MV Aurora Highway", "MV Borealis Leader", "MV Cormorant Ace", "MV Delphin Trader")
CARRIERS = ("Meridian Car Carriers", "Northsea RoRo Lines", "Pelican Ocean Transport")
ARRIVAL_PORTS = {"FR": "Le Havre", "GB": "Southampton", "DE": "Bremerhaven", "SE": "Gothenburg"}
PORT_CODES = {
    "Nagoya": "JPNGO",
    "Hakata": "JPHKT",
    "Ulsan": "KRUSN",
    "Pyeongtaek": "KRPTK",
    "Yokohama": "JPYOK",
    "Hiroshima": "JPHIJ",
    "Baltimore": "USBAL",
    "Le Havre": "FRLEH",
    "Southampton": "GBSOU",
    "Bremerhaven": "DEBRV",
    "Gothenburg": "SEGOT",
    "Rotterdam": "NLRTM",
}
"""UN/LOCODE of each port."""

_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def person(chance: random.Random, unique: str) -> tuple[Identity, Contact]:
    """Somebody with a complete profile; ``unique`` keeps email and document number apart."""
    given, surname = chance.choice(GIVEN_NAMES), chance.choice(SURNAMES)
    place = chance.choice(PLACES)
    identity = Identity(
        full_name=f"{given} {surname}",
        birth_date=(date(1950, 1, 1) + timedelta(days=chance.randrange(19_000))).isoformat(),
        nationality=place.country,
        identification_kind=chance.choice(("passport", "national_id")),
        identification_number=f"{place.country[0]}{unique[-8:].upper()}",
    )
    contact = Contact(
        email=f"{_plain(given)}.{_plain(surname)}.{unique[-8:]}@mail.example",
        phone=digits(chance, place.phone),
        street=f"{chance.choice(STREETS)} Street {chance.randint(1, 180)}",
        city=place.city,
        postal_code=digits(chance, place.postal_code),
        country=place.country,
    )
    return identity, contact


def car(chance: random.Random, model_year: int) -> OrderDetails:
    """A car to order; the price is in cents."""
    make, model, price, _ = chance.choice(CARS)
    return OrderDetails(
        make=make,
        model=model,
        model_year=model_year,
        colour=chance.choice(COLOURS),
        vin=vin(chance),
        price=price + chance.randrange(0, 600_000, 5_000),
        currency="EUR",
    )


def departure_port(make: str) -> str:
    """Where cars of that make are loaded."""
    return next((port for name, _, _, port in CARS if name == make), "Yokohama")


def vin(chance: random.Random) -> str:
    """A vehicle identification number with its right check digit (ISO 3779, 49 CFR 565)."""
    signs = [chance.choice(_VIN_LETTERS) for _ in range(17)]
    total = sum(
        weight * (int(sign) if sign.isdecimal() else _VIN_VALUES[sign])
        for weight, sign in zip(_VIN_WEIGHTS, signs, strict=True)
    )
    signs[8] = "0123456789X"[total % 11]
    return "".join(signs)


def digits(chance: random.Random, pattern: str) -> str:
    """The pattern with each ``#`` replaced by a digit."""
    return "".join(str(chance.randrange(10)) if sign == "#" else sign for sign in pattern)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
