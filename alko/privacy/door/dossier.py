"""The one door to a client's personal data.

``Dossier.open`` checks that the actor may act for that purpose, writes the ledger entry, and only
then yields records, category by category, as the inventory lists them (promises P6, P16, P17).
Nothing else in the portal opens a sealed value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from bson import ObjectId

import alko.models as models
from alko.database import connection
from alko.database.records import Record, SealedRecord, unsealed
from alko.privacy.accountability import ledger
from alko.privacy.accountability.events import Event
from alko.privacy.door import access
from alko.privacy.door.access import Actor
from alko.privacy.inventory import BY_SLUG, CATEGORIES, Category, Field, Kind, UnknownCategory
from alko.privacy.lifecycle import retention
from alko.privacy.lifecycle.retention import Retention
from alko.privacy.vocabulary import Purpose

PAGE_SIZE = 25
BATCH = 200
"""Records opened at a time while all of a category is read: bounds the memory."""


class NoSuchRecord(LookupError):
    """The client's dossier holds no such record."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record as the inventory names it. ``values`` has an entry for each shown field."""

    id: ObjectId
    recorded_at: datetime
    erase_after: datetime | None
    values: Mapping[str, Any]
    readable: bool
    """False once the key was destroyed: what was sealed can never be read again."""


@dataclass(frozen=True)
class Page:
    """Some of a category's rows, newest first. ``until`` pins the list while one pages in it."""

    rows: list[Row]
    number: int
    total: int
    until: datetime
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        return max(1, math.ceil(self.total / self.size))


@dataclass(frozen=True)
class Summary:
    """What is held in one category: how much, since when, until when."""

    category: Category
    count: int = 0
    size: int = 0
    """Bytes, files included."""
    first: datetime | None = None
    last: datetime | None = None
    erase_first: datetime | None = None
    erase_last: datetime | None = None
    open_ended: int = 0
    """Records whose end waits for an event (a delivery, the end of the account)."""


@dataclass(frozen=True)
class Overview:
    """All categories at a glance, and the dates that hang on the account as a whole."""

    summaries: dict[str, Summary]
    account_ends: datetime | None
    """When the account is erased if nobody signs in; None while an order is open."""
    unread_notices: int = 0


@dataclass(frozen=True)
class Dossier:
    """An open dossier: the right to read some categories of one client's data."""

    client: ObjectId
    purpose: Purpose
    categories: frozenset[str]
    entry: int
    """The number of the ledger entry that records this opening."""
    _opened: bool = field(default=False, repr=False)
    _closed_too: bool = field(default=False, repr=False)
    """Whether the records of closed orders are yielded (P21)."""

    @classmethod
    def open(
        cls,
        client: ObjectId,
        actor: Actor,
        purpose: Purpose,
        *,
        categories: Iterable[str],
        event: Event = Event.CATEGORY_SHOWN,
        details: Mapping[str, Any] | None = None,
        chain: ObjectId | None = None,
    ) -> Self:
        """Open these categories; AccessDenied or LedgerUnavailable mean that nothing is read.

        ``chain`` is whose ledger records it: not the client's where a law forbids to tell them.
        """
        wanted = frozenset(categories)
        if unknown := wanted - BY_SLUG.keys():
            raise UnknownCategory(min(unknown))
        reason = access.check(actor, client, purpose, wanted)
        # The client's own access costs no look-up: a restriction never stands against it.
        if access.barred_while_restricted(actor, purpose, wanted) and _is_restricted(client):
            raise access.Restricted("the use of this client's data is restricted")
        told = chain or client
        entry = ledger.append(
            told, event, actor, purpose, categories=wanted, details=details, reason=reason
        )
        closed_too = access.yields_closed(actor, purpose)
        return cls(client, purpose, wanted, entry, _opened=True, _closed_too=closed_too)

    def overview(self) -> Overview:
        """Counts and dates of the open categories, in one round trip; no value is opened."""
        if not self._opened:
            raise access.AccessDenied("the dossier was not opened")
        wanted = [CATEGORIES[slug] for slug in CATEGORIES if slug in self.categories]
        # The end of the account hangs on these two; only their dates are looked at.
        dates = [CATEGORIES[slug] for slug in ("account", "orders") if slug not in self.categories]
        found = {group["_id"]: group for group in self._aggregate(wanted + dates)}
        summaries = {c.slug: _summary(c, found.get(c.slug, {})) for c in wanted}
        open_orders = found.get("orders", {}).get("open_ended", 0)
        active = found.get("account", {}).get("active")
        return Overview(
            summaries,
            retention.account_ends(active, open_orders > 0) if active else None,
            found.get("notices", {}).get("unread", 0),
        )

    def _aggregate(self, wanted: list[Category]) -> Iterable[dict[str, Any]]:
        first, *others = wanted
        pipeline = _summary_stages(first, self._yielded(first))
        for other in others:
            stages = _summary_stages(other, self._yielded(other))
            union = {"coll": _collection(other), "pipeline": stages}
            pipeline.append({"$unionWith": union})
        return connection.current().database[_collection(first)].aggregate(pipeline)

    def page(
        self,
        slug: str,
        number: int = 1,
        until: datetime | None = None,
        size: int = PAGE_SIZE,
        where: Mapping[str, Any] | None = None,
    ) -> Page:
        """One page of a category; a page beyond the last is the last.

        ``where`` narrows it down by clear fields; it never reaches another client's records.
        """
        chosen = self._checked(slug)
        until = until or datetime.now(UTC)
        query = {**(where or {}), **self._yielded(chosen), "recorded_at": {"$lte": until}}
        collection = _model(chosen).raw()
        total = collection.count_documents(query)
        number = min(max(number, 1), max(1, math.ceil(total / size)))
        cursor = collection.find(query, _projection(chosen)).sort(
            [("recorded_at", -1), ("_id", -1)]
        )
        cursor = cursor.skip((number - 1) * size).limit(size)
        return Page(_rows(chosen, list(cursor)), number, total, until, size)

    def rows(self, slug: str, since: datetime | None = None) -> Iterator[Row]:
        """All of a category, oldest first, opened in batches.

        With ``since`` only what was recorded or changed from then on.
        """
        chosen = self._checked(slug)
        cursor = (
            _model(chosen)
            .raw()
            .find(
                {**self._yielded(chosen), **_fresh(chosen, since)},
                _projection(chosen),
                batch_size=BATCH,
            )
            .sort([("recorded_at", 1), ("_id", 1)])
        )
        batch: list[dict[str, Any]] = []
        for document in cursor:
            batch.append(document)
            if len(batch) == BATCH:
                yield from _rows(chosen, batch)
                batch = []
        yield from _rows(chosen, batch)

    def row(self, slug: str, record: ObjectId) -> Row:
        """One record; NoSuchRecord where this client has none of that id."""
        chosen = self._checked(slug)
        query = {"_id": record, **self._yielded(chosen)}
        document = _model(chosen).raw().find_one(query, _projection(chosen))
        if document is None:
            raise NoSuchRecord(slug)
        return _rows(chosen, [document])[0]

    def files(self, slug: str = "documents") -> dict[ObjectId, tuple[str, str]]:
        """For each readable record where its file lies: the vault's key and identity."""
        chosen = self._checked(slug)
        kept = {**self._yielded(chosen), "vault_key": {"$exists": True}}
        found = list(_model(chosen).raw().find(kept, {"vault_key": 1, "sealed": 1}))
        opened = connection.current().keyring.unseal_many([one["sealed"] for one in found])
        return {
            one["_id"]: (one["vault_key"], inside["vault_identity"])
            for one, inside in zip(found, opened, strict=True)
            if inside
        }

    def together(
        self, slug: str, where: Mapping[str, Any], others: Iterable[str], by: str
    ) -> dict[str, list[Row]]:
        """One record and all that refers to it through the field ``by``, in one read.

        ``where`` finds the record by clear fields; NoSuchRecord where this client has none. The
        rows of each category are in the order they were recorded.
        """
        chosen, related = self._checked(slug), [self._checked(other) for other in others]
        pipeline: list[dict[str, Any]] = [
            {"$match": {**where, **self._yielded(chosen)}},
            {"$limit": 1},
            {"$project": _projection(chosen)},
        ]
        for other in related:
            lookup = {
                "from": _collection(other),
                "localField": "_id",
                "foreignField": by,
                "pipeline": [
                    {"$match": self._yielded(other)},
                    {"$sort": {"recorded_at": 1, "_id": 1}},
                    {"$project": _projection(other)},
                ],
                "as": f"with_{other.slug}",
            }
            pipeline.append({"$lookup": lookup})
        found = list(_model(chosen).raw().aggregate(pipeline))
        if not found:
            raise NoSuchRecord(slug)
        rows = {other.slug: _rows(other, found[0][f"with_{other.slug}"]) for other in related}
        return {slug: _rows(chosen, found), **rows}

    def references(self, slug: str, name: str) -> dict[ObjectId, ObjectId]:
        """For each record of a category the number of the other record that its field names."""
        chosen = self._checked(slug)
        path = chosen.field(name).path
        named = {**self._yielded(chosen), path: {"$ne": None}}
        found = _model(chosen).raw().find(named, {path: 1})
        return {one["_id"]: one[path] for one in found}

    def record(self, model: type[SealedRecord], **query: Any) -> tuple[Any, Any]:
        """A record to act on, with its personal values; NoSuchRecord, KeyDestroyed."""
        chosen = self._checked(_category_of(model).slug)
        found = model.objects(client=self.client, **self._open_only(chosen), **query).first()
        if found is None:
            raise NoSuchRecord(model.__name__)
        return found, unsealed(found)

    def _checked(self, slug: str) -> Category:
        if not self._opened or slug not in self.categories:
            raise access.AccessDenied(f"the category {slug} was not opened")
        return BY_SLUG[slug]

    def _yielded(self, chosen: Category) -> dict[str, Any]:
        """The query for all that this dossier yields of a category."""
        return {"client": self.client, **chosen.shown_where, **self._open_only(chosen)}

    def _open_only(self, chosen: Category) -> dict[str, None]:
        """Closed orders are kept for the tax rule alone: other purposes do not get them (P21)."""
        kept_by_year = "closed_year" in _model(chosen)._fields
        return {"closed_year": None} if kept_by_year and not self._closed_too else {}


def _is_restricted(client: ObjectId) -> bool:
    restricted = {"_id": client, "restricted_at": {"$ne": None}}
    return models.Client.raw().find_one(restricted, {"_id": 1}) is not None


def _fresh(chosen: Category, since: datetime | None) -> dict[str, Any]:
    """The query for what has a moment of its own in that time: recorded, changed, read, ended."""
    if since is None:
        return {}
    moments = {f.path for f in chosen.fields if f.kind is Kind.MOMENT and not f.sealed}
    span = {"$gte": since, "$lte": datetime.now(UTC)}
    return {"$or": [{path: span} for path in sorted(moments | {"recorded_at", "changed_at"})]}


def _model(chosen: Category) -> type[Record]:
    found: type[Record] = getattr(models, chosen.model)
    return found


def _collection(chosen: Category) -> str:
    return str(_model(chosen)._get_collection_name())


def _category_of(model: type[Record]) -> Category:
    return next(c for c in BY_SLUG.values() if c.model == model.__name__)


def _projection(chosen: Category) -> dict[str, int]:
    """What must be read to fill a row; internal fields stay in the database."""
    paths = {f.path.split(".")[0] for f in chosen.fields if f.shown}
    return dict.fromkeys(sorted(paths | {"recorded_at", "erase_after"}), 1)


def _rows(chosen: Category, documents: list[dict[str, Any]]) -> list[Row]:
    opened = connection.current().keyring.unseal_many([d.get("sealed") for d in documents])
    return [
        Row(
            id=document["_id"],
            recorded_at=document["recorded_at"],
            erase_after=document.get("erase_after"),
            values={f.name: _value(f, document, inside) for f in chosen.shown_fields},
            readable=inside is not None or document.get("sealed") is None,
        )
        for document, inside in zip(documents, opened, strict=True)
    ]


def _value(shown: Field, document: dict[str, Any], inside: dict[str, Any] | None) -> Any:
    if shown.sealed:
        return inside.get(shown.name) if inside else None
    return document.get(shown.path)


def _summary_stages(chosen: Category, yielded: dict[str, Any]) -> list[dict[str, Any]]:
    group: dict[str, Any] = {
        "_id": chosen.slug,
        "count": {"$sum": 1},
        "size": {"$sum": {"$add": [{"$bsonSize": "$$ROOT"}, {"$ifNull": ["$size", 0]}]}},
        "first": {"$min": "$recorded_at"},
        "last": {"$max": "$recorded_at"},
        "erase_first": {"$min": "$erase_after"},
        "erase_last": {"$max": "$erase_after"},
        "open_ended": {"$sum": {"$cond": [{"$ifNull": ["$erase_after", False]}, 0, 1]}},
    }
    if chosen.slug == "account":
        group["active"] = {"$max": "$last_active_at"}
    if chosen.slug == "notices":
        group["unread"] = {"$sum": {"$cond": [{"$ifNull": ["$read_at", False]}, 0, 1]}}
    return [{"$match": yielded}, {"$group": group}]


def _summary(chosen: Category, group: dict[str, Any]) -> Summary:
    members = ("count", "size", "first", "last", "erase_first", "erase_last", "open_ended")
    return Summary(chosen, **{name: group[name] for name in members if name in group})


def erase_date(
    chosen: Category, erase_after: datetime | None, account_ends: datetime | None
) -> datetime | None:
    """When a record is erased: by its own rule, else with the account (None: an event is due)."""
    if erase_after is not None:
        return erase_after
    if chosen.retention in (Retention.ACCOUNT, Retention.MARKETING):
        return account_ends
    return None
