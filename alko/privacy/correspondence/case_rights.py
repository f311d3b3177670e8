"""A right in free words becomes a request, once a person has recognised it (promise P34)."""

from __future__ import annotations

from mongoengine import NotUniqueError

from alko.database.records import ConcurrentChange, retried
from alko.mail.kinds import MailKind
from alko.models.contact import Case, CaseChannel, CaseKind
from alko.models.request import DataRequest, RequestState
from alko.privacy.accountability.events import Event
from alko.privacy.correspondence import case_threads, cases
from alko.privacy.door.access import Actor
from alko.privacy.rights import requests
from alko.privacy.rights.catalogue import Right
from alko.privacy.rights.requests import StepRefused


def confirm_right(actor: Actor, reference: str, right: Right) -> DataRequest:
    """Make the case's request; its due date counts from the receipt of the words that ask for it.

    A correspondent's identity is checked first; whose case is in their dossier is identified. The
    same call again completes what a crash left. StepRefused where there is a request already.
    """
    case = cases.find(reference)
    if case.request:
        raise StepRefused("a request was made of this case already")
    if case.joining:
        raise ConcurrentChange("the case is being moved to another dossier")
    cases.dossier_of(case, actor, Event.CASE_RIGHT, _told(reference, right), ("cases",))
    request = _request(actor, case, right)

    def note() -> Case:
        case = cases.find(reference)
        case.kind = CaseKind.PRIVACY.value
        case.right, case.request = request.right, request.pk
        case.pending = MailKind.CASE_NEWS.value
        return case.save()

    cases.tell(retried(note))
    return request


def _request(actor: Actor, case: Case, right: Right) -> DataRequest:
    number = cases.number_of("request", str(case.pk))
    asked = case_threads.asking(actor, case, right)
    stranger = case.of_stranger
    try:
        return requests.file(
            case.client,
            actor,
            right,
            asked.body[: requests.LONGEST_TEXT],
            state=RequestState.IDENTITY_CHECK if stranger else RequestState.RECEIVED,
            channel=_channel(case),
            urgent=case.urgent,
            number=number,
            now=asked.at,
        )
    except NotUniqueError:
        found: DataRequest = DataRequest.objects(id=number).exclude("sealed").get()
        return found


def _channel(case: Case) -> str:
    """How the request came, as requests say it."""
    if case.channel == CaseChannel.PHONE:
        return "phone"
    return "email" if case.of_stranger else "portal"


def _told(reference: str, right: Right) -> dict[str, str]:
    return {"reference": reference, "right": right.value}
