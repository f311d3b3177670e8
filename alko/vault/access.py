"""Which store the vault uses: the settings decide."""

from __future__ import annotations

from alko.vault import Vault
from alko.vault.stores import LocalStore, Store
from config import Settings


def vault_of(settings: Settings) -> Vault:
    """The vault of this portal. Raises StoreUnavailable where its folder cannot be used."""
    return Vault(store_of(settings))


def store_of(settings: Settings) -> Store:
    """Cloudinary where CLOUDINARY_URL is set, else a folder of the instance (see vault_of)."""
    if not settings.cloudinary_url:
        return LocalStore(settings.instance / "vault")
    # Here and not above: the SDK reads the environment, and complains, while it is imported.
    from alko.vault.cloudinary_store import Account, CloudinaryStore

    account = Account.of(settings.cloudinary_url, settings.cloudinary_upload_prefix)
    return CloudinaryStore(account)
