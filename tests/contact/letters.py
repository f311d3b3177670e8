"""What the mailbox of somebody who wrote to ALKO holds."""

from __future__ import annotations

from alko.database.records import unsealed
from alko.models.communication import Mail


def links(email: str) -> list[str]:
    """The links of the mails that were written to this address, the oldest first."""
    found = [(mail, unsealed(mail)) for mail in Mail.objects.order_by("recorded_at")]
    return [inside.context["link"] for _, inside in found if inside.to == email and inside.context]
