"""Live probes of the heart: they look at the running code and at samples of the database.

Each costs a bounded number of reads, whatever the database holds, and opens no sealed value.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import alko.models as models
from alko.database import connection
from alko.database.records import Record, is_sealed
from alko.models.activity import LedgerEntry
from alko.models.consent import Consent
from alko.models.contact import Case, CaseKind, CaseState
from alko.models.disclosure import Disclosure
from alko.models.recipient import Agreement
from alko.models.request import OPEN, DataRequest
from alko.models.technical import PageView, SignIn
from alko.privacy.accountability import chain
from alko.privacy.door.dossier import Dossier
from alko.privacy.inventory import ALL_CATEGORIES, CATEGORIES, NOT_PERSONAL, Category
from alko.privacy.lifecycle.retention import RULES, Retention
from alko.privacy.promises.stored import differences
from alko.privacy.promises.types import Finding, Holds, Probes, together
from alko.privacy.rights import portability
from alko.privacy.sharing import recipients
from alko.privacy.vocabulary import Purpose, Recipient
from alko.words import N_

SAMPLED_CHAINS = 3
SAMPLED_ENTRIES = 50
COUNTED = 100
"""How many of a kind are counted at most."""
DATED_BY_THEMSELVES = (Retention.REGISTRATION, Retention.CORRESPONDENCE, Retention.TECHNICAL)
"""Rules whose end is known the moment a record is written."""


def _verdict(fine: bool, text: str, /, **values: Any) -> Finding:
    return Finding(Holds.YES if fine else Holds.NO, text, values)


def no_consent_from_reading() -> Finding:
    choices = sorted(Consent.choice.choices)
    return _verdict(
        not any("policy" in choice for choice in choices),
        N_("Consent is asked for these only: %(choices)s."),
        choices=", ".join(choices),
    )


def inventory_is_complete() -> Finding:
    wrong = differences()
    if wrong:
        return _verdict(False, N_("The inventory differs: %(what)s."), what="; ".join(wrong[:10]))
    count = sum(len(category.fields) for category in ALL_CATEGORIES)
    return _verdict(
        True, N_("%(count)d stored fields and as many entries in the inventory."), count=count
    )


def validators_demand_encryption() -> Finding:
    names = {model._get_collection_name(): model.__name__ for model in _sealed_models()}
    listed = connection.current().database.list_collections(filter={"name": {"$in": list(names)}})
    encrypted = {
        one["name"]
        for one in listed
        if _demands_encryption(one["options"]) and one["options"].get("validationAction") != "warn"
    }
    lacking = sorted(set(names) - encrypted)
    if lacking:
        return _verdict(
            False, N_("The database accepts clear text in: %(names)s."), names=", ".join(lacking)
        )
    return _verdict(
        True, N_("The database refuses clear text in all %(count)d collections."), count=len(names)
    )


def _demands_encryption(options: dict[str, Any]) -> bool:
    properties = options.get("validator", {}).get("$jsonSchema", {}).get("properties", {})
    return "encrypt" in properties.get("sealed", {})


def samples_are_encrypted() -> Finding:
    clear, seen = [], 0
    for model in _sealed_models():
        newest = model.raw().find_one({"sealed": {"$exists": True}}, sort=[("_id", -1)])
        if newest is None:
            continue
        seen += 1
        if not is_sealed(newest["sealed"]):
            clear.append(model.__name__)
    if clear:
        return _verdict(False, N_("Found in clear: %(names)s."), names=", ".join(clear))
    return _verdict(
        True, N_("The newest record of %(count)d collections was read: ciphertext."), count=seen
    )


def _sealed_models() -> Iterator[type[Record]]:
    for model in models.ALL:
        if model.__name__ not in NOT_PERSONAL and "sealed" in model._fields:
            yield model


def identification_is_guarded() -> Finding:
    number = CATEGORIES["identity"].field("identification_number")
    return _verdict(
        number.sealed and number.sensitive,
        N_("The identification number is sealed and masked."),
    )


def sensitive_is_sealed() -> Finding:
    marked = [(c, f) for c in ALL_CATEGORIES for f in c.fields if f.sensitive]
    clear = [f"{c.slug}.{f.name}" for c, f in marked if not f.sealed]
    if clear or not marked:
        return _verdict(False, N_("Sensitive and not sealed: %(names)s."), names=", ".join(clear))
    return _verdict(
        True, N_("%(count)d fields are marked sensitive; all are sealed."), count=len(marked)
    )


def analytics_is_off_by_default() -> Finding:
    return _verdict(SignIn.analytics.default is False, N_("Usage analysis starts switched off."))


def last_page_view_was_allowed() -> Finding:
    view = PageView.raw().find_one({}, {"client": 1, "recorded_at": 1}, sort=[("_id", -1)])
    if view is None:
        return _verdict(True, N_("No page view is stored."))
    before = {
        "client": view["client"],
        "choice": "analytics",
        "recorded_at": {"$lte": view["recorded_at"]},
    }
    decision = Consent.raw().find_one(
        before, {"granted": 1}, sort=[("recorded_at", -1), ("_id", -1)]
    )
    return _verdict(
        bool(decision and decision["granted"]),
        N_("The newest page view was compared with the client's choice at that time."),
    )


def reads_need_a_purpose() -> Finding:
    purpose = inspect.signature(Dossier.open).parameters["purpose"]
    return _verdict(
        purpose.default is inspect.Parameter.empty and len(Purpose) == 6,
        N_("Nothing is read without one of the %(count)d purposes."),
        count=len(Purpose),
    )


def newest_reads_named_a_purpose() -> Finding:
    newest = LedgerEntry.raw().find({}, {"purpose": 1}).sort("_id", -1).limit(SAMPLED_ENTRIES)
    purposes = [entry["purpose"] for entry in newest]
    known = {one.value for one in Purpose}
    return _verdict(
        set(purposes) <= known,
        N_("The newest %(count)d entries of the ledger each name one of the six purposes."),
        count=len(purposes),
    )


def no_marketing_recipient() -> Finding:
    names = sorted(recipient.value for recipient in Recipient)
    allowed = {"payment_processor", "cloud_storage"}
    return _verdict(
        set(names) <= allowed, N_("Recipients that exist: %(names)s."), names=", ".join(names)
    )


def disclosures_keep_to_the_list() -> Finding:
    newest = Disclosure.raw().find({}, {"recipient": 1, "data": 1}).sort("_id", -1)
    sampled = list(newest.limit(SAMPLED_ENTRIES))
    beyond = {
        one
        for s in sampled
        for one in set(s["data"]) - recipients.allowed(Recipient(s["recipient"]))
    }
    if beyond:
        values = ", ".join(sorted(beyond))
        return _verdict(False, N_("Disclosed, and on no list: %(names)s."), names=values)
    return _verdict(
        True,
        N_("The newest %(count)d disclosures were compared with the recipients' lists."),
        count=len(sampled),
    )


def disclosures_had_an_agreement() -> Finding:
    fields = {"agreement": 1, "recorded_at": 1}
    sampled = list(Disclosure.raw().find({}, fields).sort("_id", -1).limit(SAMPLED_ENTRIES))
    known = Agreement.objects(id__in=[one["agreement"] for one in sampled])
    found = {one.pk: one for one in known}
    fine = all(
        one["agreement"] in found
        and recipients.is_in_force(found[one["agreement"]], one["recorded_at"])
        for one in sampled
    )
    return _verdict(
        fine,
        N_("The newest %(count)d disclosures were each made under an agreement in force then."),
        count=len(sampled),
    )


def recent_chains_verify() -> Finding:
    newest = LedgerEntry.raw().find({}, {"client": 1}).sort("_id", -1).limit(SAMPLED_ENTRIES)
    sampled = list(dict.fromkeys(entry["client"] for entry in newest))[:SAMPLED_CHAINS]
    checked = [_tail_state(client) for client in sampled]
    return _verdict(
        all(state.verified for state in checked),
        N_("The last entries of %(count)d chains were verified, signatures included."),
        count=len(checked),
    )


def _tail_state(client: Any) -> chain.ChainState:
    """Verifies the last entries of a chain; how it links to the one before them, too."""
    newest = LedgerEntry.raw().find({"client": client}, {"sealed": 0}).sort("seq", -1)
    entries = list(newest.limit(SAMPLED_ENTRIES))[::-1]
    public_key = connection.current().signing_key.public_key()
    first = entries[0]
    start = {"after_seq": first["seq"] - 1, "previous": first["previous"]}
    return chain.verify(entries, public_key, **start)


def every_entry_has_an_end() -> Finding:
    endless = [
        f"{c.slug}.{f.name}"
        for c in ALL_CATEGORIES
        for f in c.fields
        if c.retention_of(f) not in RULES or not RULES[c.retention_of(f)].period
    ]
    return _verdict(
        not endless,
        N_("All %(count)d categories have a retention rule for every field."),
        count=len(ALL_CATEGORIES),
    )


def dated_records_have_their_date() -> Finding:
    undated = [
        category.slug
        for category in ALL_CATEGORIES
        if category.retention in DATED_BY_THEMSELVES
        and _collection(category).find_one({"erase_after": None}, {"_id": 1})
    ]
    if undated:
        return _verdict(False, N_("Records without an end: %(names)s."), names=", ".join(undated))
    return _verdict(True, N_("Every technical record and message carries its date of erasure."))


def _collection(category: Category) -> Any:
    model: type[Record] = getattr(models, category.model)
    return model.raw()


def copy_holds_everything() -> Finding:
    described = portability.schema()["properties"]["categories"]["properties"]
    missing = [
        f"{slug}.{field.name}"
        for slug, category in CATEGORIES.items()
        for field in category.shown_fields
        if field.name not in described.get(slug, {}).get("items", {}).get("properties", {})
    ]
    if missing:
        return _verdict(False, N_("Not in the copy: %(names)s."), names=", ".join(missing[:10]))
    return _verdict(
        True,
        N_("The copy covers all %(count)d categories of the inventory."),
        count=len(CATEGORIES),
    )


def schema_is_published() -> Finding:
    schema = portability.schema()
    return _verdict(
        "2020-12" in schema["$schema"] and schema["additionalProperties"] is False,
        N_("The JSON Schema in force is version %(version)d and allows nothing unlisted."),
        version=portability.SCHEMA_VERSION,
    )


def nobody_waits_too_long() -> Finding:
    now = datetime.now(UTC)
    # Either mark, so that the index of the queue leads to what is late and to nothing else.
    overdue = {"urgent": {"$in": [True, False, None]}, "due_at": {"$lt": now}}
    requests = {"state": {"$in": [state.value for state in OPEN]}}
    cases = {"closed_at": None, "kind": CaseKind.PRIVACY.value, "state": CaseState.OPEN.value}
    late = sum(
        model.raw().count_documents({**query, **overdue}, limit=COUNTED)
        for model, query in ((DataRequest, requests), (Case, cases))
    )
    if late:
        return _verdict(False, N_("%(count)d wait for an answer that is overdue."), count=late)
    return _verdict(True, N_("No open request and no open case is overdue."))


OF_DESIGN: Probes = {
    "P2": (no_consent_from_reading,),
    "P3": (inventory_is_complete,),
    "P4": (identification_is_guarded,),
    "P5": (analytics_is_off_by_default,),
    "P6": (reads_need_a_purpose,),
    "P8": (no_marketing_recipient,),
    "P11": (validators_demand_encryption,),
    "P15": (sensitive_is_sealed,),
    "P19": (every_entry_has_an_end,),
    "P26": (copy_holds_everything,),
    "P29": (schema_is_published,),
}
"""They look at the code and at how it is set up: what a release could break."""
OF_USE: Probes = {
    "P5": (last_page_view_was_allowed,),
    "P6": (newest_reads_named_a_purpose,),
    "P9": (disclosures_keep_to_the_list,),
    "P10": (disclosures_had_an_agreement,),
    "P11": (samples_are_encrypted,),
    "P17": (recent_chains_verify,),
    "P19": (dated_records_have_their_date,),
    "P34": (nobody_waits_too_long,),
}
"""They look at what is stored, and at what people do in time."""
PROBES = together(OF_DESIGN, OF_USE)
