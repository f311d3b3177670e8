"""Sealed records: clear operational fields, and one ``sealed`` value with all that is personal.

``sealed`` is ciphertext from the moment it enters a record: the record never holds the plaintext,
so there is no state in which saving it could write clear text. Whoever changes something inside
reads the whole value, changes it and seals the whole again. Three locks stand behind each other:
this field refuses anything but ciphertext, the collection's validator refuses unknown fields, and
the server itself refuses a ``sealed`` that is not encrypted (promises P11, P15).
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, Self, TypeVar

from bson.binary import Binary
from mongoengine import DateTimeField, Document, IntField, ObjectIdField, ValidationError
from mongoengine.base import BaseField
from pymongo.client_session import ClientSession

from alko.database import connection
from alko.database.keyring import SEALED_SUBTYPE, key_name
from alko.database.transactions import together

CHANGED = {"$currentDate": {"changed_at": True}}
"""Part of every update that goes past save() and changes what the client can see."""
CHANGE_ATTEMPTS = 8
"""How often a change is tried against others of the same record."""
Result = TypeVar("Result")
Write = Callable[[ClientSession | None], None]


class SealedField(BaseField):
    """Holds ciphertext and nothing else."""

    def validate(self, value: Any, clean: bool = True) -> None:
        if not is_sealed(value):
            self.error("only an encrypted value may be stored here")

    def to_mongo(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if value is not None and not is_sealed(value):
            raise ValidationError("only an encrypted value may be stored here")
        return value

    def prepare_query_value(self, op: str, value: Any) -> Any:
        return self.to_mongo(value)


def is_sealed(value: Any) -> bool:
    return isinstance(value, Binary) and value.subtype == SEALED_SUBTYPE


class ConcurrentChange(Exception):
    """Somebody else changed the record meanwhile; read it again."""


def retried(change: Callable[[], Result]) -> Result:
    """What ``change`` returns; it reads and changes anew where somebody else was faster."""
    for _ in range(CHANGE_ATTEMPTS - 1):
        try:
            return change()
        except ConcurrentChange:
            continue
    return change()


class Personal:
    """Base of the dataclasses that describe what is inside ``sealed``."""

    def stored(self) -> dict[str, Any]:
        """The values as they are sealed: a plain dictionary."""
        return dataclasses.asdict(self)  # type: ignore[call-overload]

    @classmethod
    def restored(cls, values: dict[str, Any]) -> Self:
        """The inverse of stored(); a field added later takes its default."""
        known = {}
        hints = type_hints(cls)
        for name, hint in hints.items():
            if name in values:
                known[name] = _revived(hint, values[name])
        return cls(**known)


def type_hints(personal: type) -> dict[str, Any]:
    """Field name to type, in the order of declaration."""
    hints = typing.get_type_hints(personal)
    return {field.name: hints[field.name] for field in dataclasses.fields(personal)}


def nested_type(hint: Any) -> type | None:
    """The dataclass inside ``Thing``, ``Thing | None`` or ``list[Thing]``, if there is one."""
    if dataclasses.is_dataclass(hint):
        return typing.cast(type, hint)
    if typing.get_origin(hint) in (list, types.UnionType, typing.Union):
        for inner in typing.get_args(hint):
            if found := nested_type(inner):
                return found
    return None


def _revived(hint: Any, value: Any) -> Any:
    inner = nested_type(hint)
    if inner is None or value is None:
        return value
    if isinstance(value, list):
        return [inner(**item) for item in value]
    return inner(**value)


SWEPT_BY = "sweep"
DUE = {
    "name": SWEPT_BY,
    "fields": ["erase_after", "hold_until", "client"],
    "partialFilterExpression": {"erase_after": {"$exists": True}},
}
"""By this index alone a sweep sees what is due, and whose; records that wait for an event are not
in it."""


class Record(Document):
    """A stored record about one client, with the date its retention rule ends."""

    meta: ClassVar[dict[str, Any]] = {
        "abstract": True,
        "auto_create_index": False,
        "indexes": [DUE],
    }

    client = ObjectIdField(required=True)
    recorded_at = DateTimeField(required=True, default=lambda: datetime.now(UTC))
    erase_after = DateTimeField()
    """When the retention rule ends (UTC); absent while an event must come first."""
    hold_until = DateTimeField()
    """The end of a legal hold (UTC): until then nothing erases the record."""

    @classmethod
    def raw(cls) -> Any:
        """The PyMongo collection, for reads that need no MongoEngine objects."""
        return cls._get_collection()

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """The validator which the server applies to every write."""
        names = [field.db_field for field in cls._fields.values()]
        properties: dict[str, Any] = {name: {} for name in names}
        required = [field.db_field for field in cls._fields.values() if field.required]
        if "sealed" in names:
            properties["sealed"] = {"encrypt": {}}
        return {
            "$jsonSchema": {
                "bsonType": "object",
                "properties": properties,
                "required": sorted(required),
                "additionalProperties": False,
            }
        }


class SealedRecord(Record):
    """A record whose personal values are sealed under one of the client's keys."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}
    KEY_CLASS: ClassVar[str]
    Personal: ClassVar[type[Any]]

    revision = IntField(required=True, default=0)
    kept_by = ObjectIdField()
    """The erasure that had to leave it: it is then sealed under a key of its own (P24, P25)."""
    changed_at = DateTimeField()
    """When it was last changed; absent where it is as it was recorded."""
    sealed = SealedField(required=True)

    def key_name(self) -> str:
        """The key this record is sealed under; it follows the retention rule."""
        name = key_name(self.client, self.key_class())
        return f"{name}/kept/{self.kept_by}" if self.kept_by else name

    def key_class(self) -> str:
        return self.KEY_CLASS

    @classmethod
    def sealing(cls, personal: Any, **clear: Any) -> Self:
        """A new record with ``personal`` sealed; KeyDestroyed where the client has no key."""
        record = cls(**clear)
        record.seal(personal)
        return record

    def seal(self, personal: Any) -> None:
        """Seal all personal values anew (there is no partial change of a sealed value)."""
        if not isinstance(personal, self.Personal):
            raise TypeError(f"{type(self).__name__} seals {self.Personal.__name__} only")
        sealed = connection.current().keyring.seal(self.key_name(), personal.stored())
        self.sealed = sealed  # type: ignore[assignment]

    def check(self) -> None:
        """Raise where the record does not hold what its state must hold; nothing is saved then."""

    def save(self, *args: Any, session: ClientSession | None = None, **kwargs: Any) -> Self:
        """Insert or update; ConcurrentChange where another process was faster.

        A record loaded with only() or exclude() updates just what changed in it. With ``session``
        an update is part of that transaction.
        """
        self.check()
        if self._created:
            return super().save(*args, force_insert=True, **kwargs)
        write = self._update()
        try:
            write(session)
        except ConcurrentChange:
            self.revision -= 1
            raise
        self._clear_changed_fields()
        return self

    def _update(self) -> Write:
        """The write that brings the stored record up to date; it may run more than once."""
        seen, self.revision = self.revision, self.revision + 1
        self.changed_at = datetime.now(UTC)
        changes, removed = self._delta()
        changes.pop("_id", None)
        update: dict[str, Any] = {"$set": changes}
        if removed:
            update["$unset"] = removed
        if "sealed" in changes and not is_sealed(changes["sealed"]):
            raise ValidationError("only an encrypted value may be stored here")

        def write(session: ClientSession | None) -> None:
            only = {"_id": self.pk, "revision": seen}
            if not self.raw().update_one(only, update, session=session).matched_count:
                raise ConcurrentChange(f"{type(self).__name__} {self.pk} was changed meanwhile")

        return write

    def _insert(self) -> Write:
        self.validate()
        document = self.to_mongo()

        def write(session: ClientSession | None) -> None:
            self.raw().insert_one(document, session=session)

        return write


def save_together(*records: SealedRecord) -> None:
    """Save all of them in one transaction, or none.

    Raises ConcurrentChange or DuplicateKeyError; the records are not to be used any more then.
    """
    for one in records:
        one.check()
    writes = [one._insert() if one._created else one._update() for one in records]

    def write_all(session: ClientSession) -> None:
        for write in writes:
            write(session)

    together(write_all)
    for one in records:
        one._clear_changed_fields()
        one._created = False


def unsealed(record: SealedRecord) -> Any:
    """The record's personal values; KeyDestroyed where the key is gone.

    Only the dossier (alko/privacy/door/dossier.py) calls this: it writes to the ledger first.
    """
    if record.sealed is None:
        raise ValueError("the record was loaded without its sealed value")
    return record.Personal.restored(connection.current().keyring.unseal(record.sealed))


def prepare(models: list[type[Document]]) -> None:
    """Make every collection with its validator and indexes; safe to repeat."""
    database = connection.current().database
    existing = set(database.list_collection_names())
    for model in models:
        name = model._get_collection_name()
        validator = model.schema() if issubclass(model, Record) else {}
        if name not in existing:
            database.create_collection(name, validator=validator)
        else:
            database.command("collMod", name, validator=validator)
        model.ensure_indexes()
