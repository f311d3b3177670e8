"""The bare minimum: plain PyMongo, unsealed copies of the same records, no privacy at all."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from flask import Flask, render_template_string

import alko.models as models
from alko.database import connection
from alko.privacy.identity import accounts
from alko.privacy.inventory import CATEGORIES
from alko.vault.access import vault_of
from config import Settings

DATABASE = "bench_clear"
TEMPLATE = """<!doctype html><html lang="en"><head><title>My data</title></head><body>
<h1>My data</h1>
{% for name, records in data.items() %}<section><h2>{{ name }}</h2><p>{{ records | length }}</p>
{% for record in records %}<dl>{% for key, value in record.items() %}<div><dt>{{ key }}</dt>
<dd>{{ value }}</dd></div>{% endfor %}</dl>{% endfor %}</section>{% endfor %}
</body></html>"""


@dataclass(frozen=True)
class ClearCopy:
    """The same records as the portal's, in clear, in a database of their own."""

    client: Any
    count: int
    files: list[tuple[str, bytes]]


def clear_copy(email: str, settings: Settings) -> ClearCopy:
    """Copy one client's records, opened, and remember the files."""
    current = connection.current()
    found = models.Client.raw().find_one({"email_index": accounts.email_index(email)})
    clear = current.client[DATABASE]
    count = 0
    files: list[tuple[str, bytes]] = []
    for category in CATEGORIES.values():
        collection = clear[category.slug]
        collection.drop()
        collection.create_index("client")
        for record in getattr(models, category.model).raw().find({"client": found["_id"]}):
            if record.get("sealed") is not None:
                record["sealed"] = current.keyring.unseal(record["sealed"])
            if category.slug == "documents":
                files.append(_file(record, settings))
            collection.insert_one(record)
            count += 1
    return ClearCopy(found["_id"], count, files)


def _file(record: dict[str, Any], settings: Settings) -> tuple[str, bytes]:
    inside = record["sealed"]
    stream = vault_of(settings).read(record["vault_key"], inside["vault_identity"])
    return f"documents/{inside['filename']}", b"".join(stream)


def application(copy: ClearCopy, size: int) -> Flask:
    """One view that reads all categories and renders about ``size`` bytes of HTML."""
    app = Flask("bare")
    database = connection.current().client[DATABASE]

    @app.get("/")
    def page() -> str:
        data: dict[str, list[dict[str, Any]]] = {}
        left = size
        for slug in CATEGORIES:
            data[slug] = []
            for record in database[slug].find({"client": copy.client}).limit(10):
                if left > 0:
                    data[slug].append(record)
                    left -= 45 * len(record) + len(str(record))
        return render_template_string(TEMPLATE, data=data)

    return app


def export(copy: ClearCopy) -> bytes:
    """All records as JSON, and the files, in a ZIP."""
    database = connection.current().client[DATABASE]
    data = {slug: list(database[slug].find({"client": copy.client})) for slug in CATEGORIES}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, default=str))
        for name, content in copy.files:
            archive.writestr(name, content)
    return target.getvalue()
