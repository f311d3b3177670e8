"""What a client told us is in clear nowhere: not in the database, not in any file, not in a log.

The portal is really used first; then somebody without keys reads all there is.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import NamedTuple

import pytest
from bson.raw_bson import RawBSONDocument

from alko.demo import rich_client
from alko.demo.accounts import CLIENT_EMAIL, PASSWORD, accounts_table
from alko.privacy.inventory import CATEGORIES
from tests.faults import running
from tests.faults.running import Serving
from tests.faults.secrets_of import Search
from tests.faults.visitor import Visitor

NEW_EMAIL = "tindra.quellmark@fastmail.example"
NEW_PASSWORD = "sorrel-vantage-molasses-40"
NEW = {
    "full_name": "Tindra Öberg-Quellmark",
    "birth_date": "1979-10-23",
    "nationality": "SE",
    "identification_kind": "passport",
    "identification_number": "XQ77310562",
    "phone": "+46701740609",
    "street": "Vävargränden 31B",
    "city": "Malmö",
    "postal_code": "211 34",
    "country": "SE",
}
EDITED_STREET = "9 impasse des Veloutiers"
SECRET = [
    rich_client.IDENTITY.full_name,
    "Marchand-Kowalska",
    rich_client.IDENTITY.birth_date,
    rich_client.IDENTITY.identification_number,
    rich_client.LICENCE_NUMBER,
    rich_client.IBAN,
    rich_client.IBAN.replace(" ", ""),
    CLIENT_EMAIL,
    rich_client.CONTACT.phone,
    rich_client.CONTACT.phone.removeprefix("+33"),
    rich_client.CONTACT.street,
    "rue des Tisserands",
    EDITED_STREET,
    PASSWORD,
    NEW_EMAIL,
    NEW_PASSWORD,
    NEW["full_name"],
    "Quellmark",
    NEW["birth_date"],
    NEW["identification_number"],
    NEW["phone"],
    NEW["phone"].removeprefix("+46"),
    NEW["street"],
    *(f"{date.fromisoformat(one['birth_date']):%B %-d, %Y}" for one in (NEW,)),
]


class Traces(NamedTuple):
    """What is left behind by a portal that was used."""

    instance: Path
    temporary: Path
    output: str
    found_in_records: list[str]
    namespaces: dict[str, int]
    """How many documents were read in each collection."""


@pytest.fixture(scope="module")
def traces(copy_of_seeded: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Traces:
    instance, temporary = copy_of_seeded(), tmp_path_factory.mktemp("temporary")
    with Serving(instance, "--demo", TMPDIR=str(temporary)) as serving:
        serving.start()
        use_as_the_demo_client(Visitor(serving.address))
        register(Visitor(serving.address), instance)
        found, namespaces = search_records(instance)
        with running.database(instance) as database:
            database.admin.command("fsync")
        assert serving.press_ctrl_c() == 0
        output = serving.output
    return Traces(instance, temporary, output, found, namespaces)


def use_as_the_demo_client(visitor: Visitor) -> None:
    visitor.get("/account/sign-in")
    visitor.submit("main form", email=CLIENT_EMAIL, password="not-the-password-at-all")
    visitor.sign_in(CLIENT_EMAIL, PASSWORD)
    for slug in ("", *CATEGORIES, "activity"):
        assert visitor.get(f"/my-data/{slug}".rstrip("/")).status == 200
    visitor.get("/my-data/identity")
    assert visitor.submit('main form[action*="/identification_number/reveal"]').status == 200
    assert rich_client.IDENTITY.identification_number in visitor.page.text
    visitor.get("/account/profile")
    assert visitor.submit("main form", street=EDITED_STREET).status == 200
    assert visitor.get("/my-data/contact") and EDITED_STREET in visitor.page.text
    visitor.get("/my-data/download")
    assert visitor.submit("main form").data.startswith(b"PK")
    # As somebody might who mistypes where a value belongs:
    visitor.get(f"/my-data/{CLIENT_EMAIL}")
    visitor.get(f"/privacy?email={CLIENT_EMAIL}&phone={rich_client.CONTACT.phone}")


def register(visitor: Visitor, instance: Path) -> None:
    visitor.get("/account/register")
    visitor.submit("main form", email=NEW_EMAIL, password=NEW_PASSWORD)
    visitor.get(link_in_mail(instance))
    assert visitor.submit("main form").status == 200
    visitor.sign_in(NEW_EMAIL, NEW_PASSWORD)
    visitor.get("/account/profile")
    page = visitor.submit("main form", **NEW)
    assert page.status == 200, page.text[:500]
    assert visitor.get("/my-data/identity") and NEW["full_name"] in visitor.page.text
    visitor.get("/account/forgotten-password")
    visitor.submit("main form", email=NEW_EMAIL)


def link_in_mail(instance: Path) -> str:
    """The path that the mail to the new client leads to."""

    def found() -> list[str]:
        return [
            link
            for mail in mails(instance)
            if NEW_EMAIL in mail
            for link in re.findall(r"/account/confirm/[\w.~-]+", mail)
        ]

    running.until(found, 30, "the mail of the registration")
    return found()[0]


def mails(instance: Path) -> list[str]:
    """To whom and what, as text, of each mail in the demo's mailbox."""
    texts = []
    for file in (instance / "mailbox").glob("*.eml"):
        message = message_from_bytes(file.read_bytes(), policy=default)
        bodies = [part.get_content() for part in message.walk() if not part.is_multipart()]
        texts.append("\n".join([str(message["To"]), str(message["Subject"]), *bodies]))
    return texts


def search_records(instance: Path) -> tuple[list[str], dict[str, int]]:
    """Every document of every database as the bytes that are stored, the oplog included."""
    search = Search(SECRET)
    found, namespaces = [], {}
    with running.database(instance) as client:
        for name in client.list_database_names():
            database = client.get_database(name)
            for about in database.list_collections():
                where = f"{name}.{about['name']}"
                count = 0
                found += [f"description of {where}: {v}" for v in search(repr(about).encode())]
                if about["type"] == "view":
                    continue
                raw = database[about["name"]].with_options(
                    database.codec_options.with_options(document_class=RawBSONDocument)
                )
                for document in raw.find():
                    count += 1
                    found += [f"{where}: {value}" for value in search(bytes(document.raw))]
                namespaces[where] = count
    return found, namespaces


@pytest.mark.promise("P4", "P11", "P15")
def test_no_stored_document_holds_a_value_in_clear(traces: Traces) -> None:
    assert traces.found_in_records == []
    read = traces.namespaces
    assert read["alko.identities"] > 100 and read["alko.contacts"] > 100
    assert read["alko_keys.keys"] > 100 and read["local.oplog.rs"] > 1000
    assert any(name.startswith("alko_limits.") for name in read)


@pytest.mark.promise("P4", "P11", "P14", "P15")
def test_no_file_holds_a_value_in_clear(traces: Traces) -> None:
    """MongoDB's data, journal and logs, the vault, secrets, temporary files; and their names."""
    search = Search(SECRET)
    found, read = [], 0
    for folder in (traces.instance, traces.temporary):
        for file in folder.rglob("*"):
            where = file.relative_to(folder)
            if where.parts[0] == "mailbox" or file.is_dir():
                continue
            values, size = search.file(file)
            found += [f"{where}: {value}" for value in values | search(str(where).encode())]
            read += size
    assert found == []
    assert read > 10_000_000, "the database's files were read"


@pytest.mark.promise("P14", "P17")
def test_what_the_portal_prints_names_nobody(traces: Traces) -> None:
    assert accounts_table() in traces.output
    printed = traces.output.replace(accounts_table(), "").encode()
    assert Search(SECRET)(printed) == set()


@pytest.mark.promise("P14")
def test_mails_carry_links_and_no_data(traces: Traces) -> None:
    written = [mail for mail in mails(traces.instance) if NEW_EMAIL in mail.splitlines()[0]]
    assert written
    told = [*NEW.values(), NEW_PASSWORD]
    for mail in written:
        body = mail.partition("\n")[2]
        assert not [value for value in told if len(value) > 3 and value in body]


def test_the_search_finds_what_is_in_clear(tmp_path: Path) -> None:
    """Otherwise the tests above would prove nothing."""
    search = Search(SECRET)
    name = NEW["full_name"]
    samples = [
        f'{{"name": "{name.upper()}"}}'.encode(),
        b"x" + base64.b64encode(f"1{name} and more".encode()),
        base64.urlsafe_b64encode(f"to {name} and more".encode()),
        f"...{name}...".encode("utf-16"),
        b"/%54?name=Tindra+%C3%96berg-Quellmark",
        b'"Tindra \\u00d6berg-Quellmark"',
        b"Tindra =C3=96berg-Quellmark",
    ]
    for sample in samples:
        assert search(sample) & {name, "Quellmark"}, sample
    across = tmp_path / "across"
    across.write_bytes(bytes(3 << 20) + b"x" * ((1 << 20) - 10) + name.encode() + bytes(5 << 20))
    assert search.file(across)[0] == {name}
    assert not search(b"Tindra Lindberg and others")
