"""The blueprint, and the desks whose routes hang on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("moderation", __name__, url_prefix="/staff")

from alko.moderation import frame  # noqa: E402, F401
from alko.moderation.breaches import routes as breaches  # noqa: E402, F401
from alko.moderation.clients import holds_routes  # noqa: E402, F401
from alko.moderation.clients import routes as clients  # noqa: E402, F401
from alko.moderation.documents import routes as documents  # noqa: E402, F401
from alko.moderation.entrance import routes as entrance  # noqa: E402, F401
from alko.moderation.ledger import alert_routes  # noqa: E402, F401
from alko.moderation.ledger import routes as ledger  # noqa: E402, F401
from alko.moderation.mail import routes as mail  # noqa: E402, F401
from alko.moderation.messages import call_routes  # noqa: E402, F401
from alko.moderation.messages import routes as messages  # noqa: E402, F401
from alko.moderation.messages import search_routes as message_search  # noqa: E402, F401
from alko.moderation.orders import invoice_routes as order_invoices  # noqa: E402, F401
from alko.moderation.orders import new_routes as new_orders  # noqa: E402, F401
from alko.moderation.orders import routes as orders  # noqa: E402, F401
from alko.moderation.orders import shipment_routes as order_shipments  # noqa: E402, F401
from alko.moderation.orders import step_routes as order_steps  # noqa: E402, F401
from alko.moderation.policy import routes as policy  # noqa: E402, F401
from alko.moderation.recipients import routes as recipients  # noqa: E402, F401
from alko.moderation.reports import routes as reports  # noqa: E402, F401
from alko.moderation.requests import content_routes as request_content  # noqa: E402, F401
from alko.moderation.requests import routes as requests  # noqa: E402, F401
from alko.moderation.requests import step_routes as request_steps  # noqa: E402, F401
from alko.moderation.settings import routes as settings  # noqa: E402, F401
from alko.moderation.team import routes as team  # noqa: E402, F401
from alko.moderation.work import routes as work  # noqa: E402, F401
