"""Where carriers report. The signature is the authentication: there is no cookie and no form."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, make_response, request

from alko.database.keyring import KeyDestroyed
from alko.extensions import alko_settings, csrf, limiter
from alko.hooks import reports, signatures
from alko.privacy.deliveries import EventConflict, TooManyEvents
from alko.privacy.door.access import Actor, Job
from alko.privacy.door.dossier import NoSuchRecord
from alko.sales import operations
from alko.web.access import public

LARGEST = 16 * 1024
"""Bytes of a report."""

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")
csrf.exempt(blueprint)


@blueprint.post("/deliveries/<carrier>")
@public
@limiter.limit(lambda: alko_settings().rate_hook)
def delivery(carrier: str) -> Response:
    """Take one report of a carrier.

    200: noted now or before (a repeat changes nothing) · 401: not signed by this carrier, or too
    long ago · 404: this carrier has no such shipment · 409: the event's id belongs to another
    report · 413, 422: not a report · 429: too many. No answer holds personal data.
    """
    request.max_content_length = LARGEST
    body = request.get_data()
    now = datetime.now(UTC)
    message = request.headers.get("webhook-id", "")
    if not signatures.is_signed(
        alko_settings().carriers.get(carrier, ()),
        message,
        request.headers.get("webhook-timestamp", ""),
        body,
        request.headers.get("webhook-signature", ""),
        now,
    ):
        return answer(401, error="the signature or its time is not valid")
    try:
        report = reports.read(body, now)
        if report.event.id != message:
            raise reports.Malformed("event: differs from the webhook-id that was signed")
        fresh = operations.note(
            operations.shipment(carrier, report.shipment), report.event, Actor.job(Job.DELIVERY)
        )
    except reports.Malformed as error:
        return answer(422, error=str(error))
    except operations.BeforeOrder:
        return answer(422, error="at: lies before the day of the order")
    except (operations.NoSuchShipment, NoSuchRecord, KeyDestroyed):
        return answer(404, error="there is no such shipment")
    except EventConflict:
        return answer(409, error="this id belongs to an event that says something else")
    except TooManyEvents:
        return answer(409, error="there are too many events of this shipment")
    return answer(200, report="noted" if fresh else "known")


def answer(status: int, **content: str) -> Response:
    return make_response(jsonify(content), status)
