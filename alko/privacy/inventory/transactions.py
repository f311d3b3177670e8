"""Transaction and service data (policy, section 2, third part)."""

from __future__ import annotations

from alko.privacy.inventory.common import sealed_housekeeping
from alko.privacy.inventory.types import Category, Field, Group, Kind
from alko.privacy.retention import Retention
from alko.privacy.vocabulary import Basis, Erasure, Purpose, Recipient, Source
from alko.words import N_

_YEAR = Field(path="closed_year", label=N_("Year in which the order closed"), kind=Kind.INTERNAL)
_ORDER = Field(path="order", label=N_("Order"), kind=Kind.INTERNAL)

ORDERS = Category(
    slug="orders",
    label=N_("Orders"),
    group=Group.TRANSACTIONS,
    model="Order",
    summary=N_("Car selection and purchase details"),
    purposes=(Purpose.SERVICE, Purpose.LEGAL),
    basis=Basis.CONTRACT,
    source=Source.CLIENT,
    retention=Retention.TRANSACTIONS,
    erasure=Erasure.KEEP,
    fields=(
        *sealed_housekeeping(N_("Ordered on")),
        Field(path="number", label=N_("Order number"), source=Source.PORTAL),
        Field(path="assigned_to", label=N_("Who works on it"), kind=Kind.INTERNAL),
        Field(path="status", label=N_("State"), kind=Kind.CODE, source=Source.STAFF),
        Field(path="closed_at", label=N_("Closed on"), kind=Kind.MOMENT, source=Source.STAFF),
        Field(path="mail_preparation", label=N_("Mail before the voyage"), kind=Kind.FLAG),
        Field(path="mail_voyage", label=N_("Mail about the voyage"), kind=Kind.FLAG),
        Field(path="mail_formalities", label=N_("Mail about formalities"), kind=Kind.FLAG),
        Field(path="mail_handover", label=N_("Mail about the handover"), kind=Kind.FLAG),
        _YEAR,
        Field(path="sealed.make", label=N_("Make")),
        Field(path="sealed.model", label=N_("Model")),
        Field(path="sealed.model_year", label=N_("Model year"), kind=Kind.NUMBER),
        Field(path="sealed.colour", label=N_("Colour"), erasure=Erasure.DELETE),
        Field(
            path="sealed.vin",
            label=N_("Vehicle identification number"),
            source=Source.STAFF,
            basis=Basis.LEGAL_OBLIGATION,
        ),
        Field(
            path="sealed.price",
            label=N_("Price"),
            kind=Kind.MONEY,
            purposes=(Purpose.SERVICE, Purpose.FINANCE, Purpose.LEGAL),
        ),
        Field(path="sealed.currency", label=N_("Currency")),
    ),
)

PAYMENTS = Category(
    slug="payments",
    label=N_("Payments"),
    group=Group.TRANSACTIONS,
    model="Payment",
    summary=N_("Payment information and transaction history"),
    purposes=(Purpose.FINANCE, Purpose.LEGAL),
    basis=Basis.LEGAL_OBLIGATION,
    source=Source.CLIENT,
    recipients=(Recipient.PAYMENT_PROCESSOR,),
    retention=Retention.TRANSACTIONS,
    erasure=Erasure.KEEP,
    fields=(
        *sealed_housekeeping(N_("Paid on")),
        _ORDER,
        _YEAR,
        Field(path="sealed.amount", label=N_("Amount"), kind=Kind.MONEY),
        Field(path="sealed.currency", label=N_("Currency")),
        Field(path="sealed.method", label=N_("Method"), kind=Kind.CODE, source=Source.PROCESSOR),
        Field(
            path="sealed.account_ending",
            label=N_("Account or card, last digits"),
            sensitive=True,
            source=Source.PROCESSOR,
            erasure=Erasure.DELETE,
        ),
        Field(path="sealed.payer", label=N_("Payer")),
        Field(
            path="sealed.processor_reference",
            label=N_("Reference at the payment processor"),
            source=Source.PROCESSOR,
        ),
    ),
)

INVOICES = Category(
    slug="invoices",
    label=N_("Invoices"),
    group=Group.TRANSACTIONS,
    model="Invoice",
    summary=N_("What was invoiced, to whom, and the tax on it"),
    purposes=(Purpose.FINANCE, Purpose.LEGAL),
    basis=Basis.LEGAL_OBLIGATION,
    source=Source.PORTAL,
    retention=Retention.TRANSACTIONS,
    erasure=Erasure.KEEP,
    fields=(
        *sealed_housekeeping(N_("Issued on")),
        _ORDER,
        _YEAR,
        Field(path="number", label=N_("Invoice number")),
        Field(path="sealed.buyer_name", label=N_("Invoiced to"), source=Source.CLIENT),
        Field(path="sealed.buyer_address", label=N_("Invoice address"), source=Source.CLIENT),
        Field(path="sealed.lines", label=N_("Invoice lines"), kind=Kind.LIST),
        Field(path="sealed.lines.description", label=N_("Description")),
        Field(path="sealed.lines.amount", label=N_("Amount"), kind=Kind.MONEY),
        Field(path="sealed.tax", label=N_("Tax"), kind=Kind.MONEY),
        Field(path="sealed.total", label=N_("Total"), kind=Kind.MONEY),
        Field(path="sealed.currency", label=N_("Currency")),
    ),
)

DELIVERIES = Category(
    slug="deliveries",
    label=N_("Deliveries"),
    group=Group.TRANSACTIONS,
    model="Delivery",
    summary=N_("Delivery tracking and shipping information"),
    purposes=(Purpose.SERVICE, Purpose.COMMUNICATION),
    basis=Basis.CONTRACT,
    source=Source.CARRIER,
    retention=Retention.TRANSACTIONS,
    erasure=Erasure.DELETE,
    fields=(
        *sealed_housekeeping(N_("Delivery opened on")),
        _ORDER,
        _YEAR,
        Field(path="delivered_at", label=N_("Delivered on"), kind=Kind.MOMENT),
        Field(path="reference", label=N_("Shipment reference")),
        Field(path="carrier_code", label=N_("Sender of updates"), kind=Kind.INTERNAL),
        Field(path="pending", label=N_("Work still to be done"), kind=Kind.INTERNAL),
        Field(path="sealed.carrier", label=N_("Carrier"), source=Source.STAFF),
        Field(path="sealed.vessel", label=N_("Vessel")),
        Field(path="sealed.voyage", label=N_("Voyage")),
        Field(path="sealed.from_port", label=N_("Port of loading"), source=Source.STAFF),
        Field(path="sealed.from_code", label=N_("Port of loading, code"), source=Source.STAFF),
        Field(path="sealed.to_port", label=N_("Port of arrival"), source=Source.STAFF),
        Field(path="sealed.to_code", label=N_("Port of arrival, code"), source=Source.STAFF),
        Field(
            path="sealed.handover_address",
            label=N_("Handover address"),
            source=Source.CLIENT,
            erasure=Erasure.DELETE,
        ),
        Field(path="sealed.events", label=N_("Tracking events"), kind=Kind.LIST),
        Field(path="sealed.events.milestone", label=N_("Milestone"), kind=Kind.CODE),
        Field(path="sealed.events.place", label=N_("Place")),
        Field(path="sealed.events.at", label=N_("Date"), kind=Kind.DATE),
        Field(path="sealed.events.done", label=N_("Reached"), kind=Kind.FLAG),
        Field(path="sealed.events.reason", label=N_("Reason of a delay")),
        Field(path="sealed.events.reported_at", label=N_("Reported at")),
        Field(path="sealed.events.id", label=N_("Number of the report")),
    ),
)

MESSAGES = Category(
    slug="messages",
    label=N_("Messages"),
    group=Group.TRANSACTIONS,
    model="Message",
    summary=N_("Communication history and support requests"),
    purposes=(Purpose.COMMUNICATION, Purpose.SERVICE),
    basis=Basis.CONTRACT,
    source=Source.CLIENT,
    retention=Retention.CORRESPONDENCE,
    fields=(
        *sealed_housekeeping(N_("Sent on")),
        Field(path="sealed.subject", label=N_("Subject")),
        Field(path="sealed.body", label=N_("Message")),
        Field(path="direction", label=N_("Direction"), kind=Kind.CODE, source=Source.PORTAL),
        Field(path="channel", label=N_("Channel"), kind=Kind.CODE, source=Source.PORTAL),
        Field(path="reference", label=N_("Conversation"), source=Source.PORTAL),
    ),
)

TRANSACTIONS = (ORDERS, PAYMENTS, INVOICES, DELIVERIES, MESSAGES)
