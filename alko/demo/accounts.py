"""The accounts of the demo, as docs and pages name them. Nothing here is a secret."""

from __future__ import annotations

from dataclasses import dataclass

from alko.models.staff import StaffRole

PASSWORD = "correct-horse-demo"  # noqa: S105 - published, and refused in production
TOTP_SECRET = "JBSWY3DPEHPK3PXP"  # noqa: S105 - published, and refused in production
CLIENT_EMAIL = "client@demo.example"
OTHER_EMAIL = "other@demo.example"


@dataclass(frozen=True)
class DemoStaff:
    email: str
    full_name: str
    role: StaffRole
    label: str


STAFF = (
    DemoStaff("agent@demo.example", "Renske Okonjo", StaffRole.AGENT, "staff: agent"),
    DemoStaff(
        "officer@demo.example", "Pavel Lindholm", StaffRole.OFFICER, "staff: privacy officer"
    ),
    DemoStaff(
        "officer2@demo.example",
        "Mirela Osei",
        StaffRole.OFFICER,
        "staff: second privacy officer",
    ),
    DemoStaff(
        "admin@demo.example", "Noor Castellane", StaffRole.ADMINISTRATOR, "staff: administrator"
    ),
)


def accounts_table() -> str:
    """Who can sign in, and with what, as a table for the terminal."""
    rows = [
        ("who", "email", "password", "second factor"),
        ("client with a rich history", CLIENT_EMAIL, PASSWORD, "none"),
        ("second client", OTHER_EMAIL, PASSWORD, "none"),
        *((one.label, one.email, PASSWORD, f"TOTP secret {TOTP_SECRET}") for one in STAFF),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
