"""The public's pages about privacy: the policy, its versions, cookies, the promise ledger."""

from __future__ import annotations

from alko.policy.routes import blueprint

__all__ = ["blueprint"]
