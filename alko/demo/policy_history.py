"""An earlier policy for the demo, so that there is something to compare with."""

from __future__ import annotations

EARLIER = """\
# Introduction
ALKO Cars sells and imports cars to order, and protects the privacy of its clients. This policy \
explains how we collect, use and store your data.
# Data We Collect
Identity: Full name, date of birth and government-issued identification numbers.
Contact details: Email address, phone number and postal address.
Uploaded documents: Copies of your national ID card or passport; driver's licence; payment \
receipts and financial documents.
Orders: Car selection and purchase details.
Payments: Payment information and transaction history.
Technical information: IP address, browser type and website analytics.
# How We Use Your Data
We use your data for five purposes: service delivery, financial processing, legal compliance, \
communication, and security and fraud prevention.
Third-party sharing.
Your data is never sold. Limited data goes to trusted processors (a payment processor, a cloud \
storage), only as needed.
# Data Storage & Security
Your data is kept in MongoDB; only authorised personnel can reach it. Uploaded documents are kept \
on Cloudinary.
Everything is transmitted over HTTPS/TLS.
Only staff whose work needs it have access. Regular backups are made.
# Data Retention
Account data is kept while the account is active; transaction records for 10 years, for tax and \
other legal duties; uploaded documents until the car is delivered.
After that, or when you ask for it (subject to legal duties), data is deleted.
# Your Rights
You have four rights over your data.
Access: You can have a copy of all the data that we hold about you. (GDPR Art. 15)
Correction: You can have data corrected that is inaccurate. (GDPR Art. 16)
Deletion: You can have your data deleted. (GDPR Art. 17)
Objection: You can object to the use of your data for certain purposes. (GDPR Art. 21)
# Contact Us
Our privacy team answers at contact@alkocars.com. You have an answer within 45 days.
Policy updates.
Significant changes are announced by email."""


def demo_earlier_lines() -> list[str]:
    """The text of the demo's version 2023-03, in the form of alko.policy.text.lines()."""
    return EARLIER.splitlines()
