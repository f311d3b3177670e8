"""Which store the vault uses: the settings decide."""

from __future__ import annotations

from alko.vault import Vault
from alko.vault.stores import LocalStore
from config import Settings


def vault_of(settings: Settings) -> Vault:
    """The vault of this portal. Raises StoreUnavailable where its folder cannot be used."""
    return Vault(LocalStore(settings.instance / "vault"))
