"""The policy page states every fact of the policy, and says what the inventory says."""

from __future__ import annotations

import dataclasses
import re

import pytest

from alko.policy import derived, text
from alko.policy.operator import facts
from alko.privacy.inventory import CATEGORIES
from alko.privacy.lifecycle.retention import RULES, Retention
from alko.privacy.rights.catalogue import RIGHTS
from alko.privacy.vocabulary import PURPOSES, RECIPIENTS
from config import Controller
from tests.portal import Page, Portal

TITLES = (
    "Introduction",
    "Data We Collect",
    "How We Use Your Data",
    "Data Storage & Security",
    "Data Retention",
    "Your Rights",
    "Contact Us",
)
FACTS = {
    "Introduction": ("collect, use, store and protect", "is not consent"),
    "Data We Collect": (
        "Personal Information",
        "Full name",
        "Email address",
        "phone",
        "address",
        "Date of birth",
        "Nationality",
        "government-issued identification numbers",
        "Uploaded Documents",
        "national ID card or passport",
        "driver's licence and related permits",
        "proof of residence (utility bill, lease)",
        "payment receipts and financial documents",
        "Transaction & Service Data",
        "Car selection and purchase details",
        "Payment information and transaction history",
        "Delivery tracking and shipping information",
        "Communication history and support requests",
        "Technical Information",
        "IP address",
        "browser type",
        "device information",
        "Usage data and website analytics",
        "Cookies and similar technologies",
    ),
    "How We Use Your Data": (
        "six purposes",
        "Service delivery",
        "Financial processing",
        "Legal compliance",
        "Communication",
        "Service improvement",
        "Security and fraud prevention",
        "Third-party sharing",
        "never sold, and never shared for marketing",
        "payment processor",
        "cloud storage",
        "confidentiality agreements",
    ),
    "Data Storage & Security": (
        "MongoDB, encrypted at rest",
        "authorised personnel",
        "Cloudinary",
        "HTTPS/TLS",
        "encrypted in transit and at rest",
        "every access is logged and monitored",
        "Regular backups",
    ),
    "Data Retention": (
        "while the account is active",
        "7 years",
        "until the car is delivered, or as the law requires",
        "until you unsubscribe or are removed",
        "securely deleted or anonymised",
        "cannot be recovered",
    ),
    "Your Rights": (
        "a copy of all the data",
        "inaccurate",
        "incomplete",
        "structured, machine-readable",
        "certain purposes",
        "certain circumstances",
    ),
    "Contact Us": (
        "contact@alkocars.com",
        "contact form",
        "within 30 days",
        "URGENT - Privacy Request",
        "Policy updates",
        "by email or by a prominent notice",
        "We do both",
    ),
}


@pytest.fixture
def page(portal: Portal) -> Page:
    return portal.get("/privacy")


def section_text(page: Page, title: str) -> str:
    for section in page.soup.select("article section"):
        heading = section.h2.get_text() if section.h2 else ""
        if heading.partition(". ")[2] == title:
            return " ".join(section.get_text(" ").split())
    raise AssertionError(f"no section {title}")


def test_the_page_has_its_title_and_dates(page: Page) -> None:
    assert page.h1 == "Privacy Policy"
    assert "Last updated January 2024" in page.main
    assert "Last reviewed January 2024" in page.main


def test_the_table_of_contents_leads_to_the_seven_sections(page: Page) -> None:
    entries = page.soup.select("nav.toc a")
    assert [entry.get_text() for entry in entries] == list(TITLES)
    for entry, title in zip(entries, TITLES, strict=True):
        target = page.soup.find(id=str(entry["href"]).removeprefix("#"))
        assert target is not None and target.h2 is not None
        assert target.h2.get_text().endswith(title)


@pytest.mark.parametrize("title", TITLES)
def test_every_fact_stands_in_its_section(page: Page, title: str) -> None:
    said = section_text(page, title).lower()
    missing = [fact for fact in FACTS[title] if fact.lower() not in said]
    assert not missing


@pytest.mark.promise("P3")
def test_the_page_names_every_field_that_a_client_can_have(page: Page) -> None:
    said = section_text(page, "Data We Collect")
    for category in CATEGORIES.values():
        for field in category.fields:
            if field.kind != "internal":
                assert field.label in said, field.path


@pytest.mark.promise("P19")
def test_the_page_and_the_published_text_say_the_same(page: Page) -> None:
    said = page.main
    terms = [
        *(one.text for one in PURPOSES.values()),
        *RECIPIENTS.values(),
        *(
            rule.period
            for key, rule in RULES.items()
            if key not in (Retention.STAFF, Retention.OVERSIGHT)
        ),
        *(right.text for right in RIGHTS.values()),
    ]
    published = "\n".join(text.lines())
    for term in terms:
        assert term in said
        assert term in published
    assert re.findall(r"^# (.*)$", published, re.MULTILINE) == list(TITLES)


def test_another_inventory_makes_another_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is derived: a rule that changes in the code changes in the policy."""
    before = text.lines()
    longer = dataclasses.replace(RULES[Retention.TECHNICAL], period="13 months after that")
    monkeypatch.setitem(RULES, Retention.TECHNICAL, longer)
    assert text.lines() != before
    assert any("13 months after that" in line for line in text.lines())


@pytest.mark.promise("P9")
def test_recipients_get_only_what_the_inventory_lists() -> None:
    listed = {row.header: set(row.cells[0]) for row in derived.recipients()}
    assert "Identification number" not in listed[RECIPIENTS["payment_processor"]]  # type: ignore[index]
    assert "Amount" in listed[RECIPIENTS["payment_processor"]]  # type: ignore[index]


def test_what_the_operator_did_not_provide_is_said(page: Page) -> None:
    assert page.text_of("#operator").count("not yet provided") == sum(
        not fact.value for fact in facts(Controller())
    )


def test_what_the_operator_provided_is_shown() -> None:
    provided = {fact.label: fact.value for fact in facts(Controller(address="12 Quay, Constanța"))}
    assert provided["Controller's address"] == "12 Quay, Constanța"
