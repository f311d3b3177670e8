"""Sealed files on Cloudinary, through its own SDK (promise P13).

Everything is ``raw`` and ``authenticated``: nothing is reachable without a signature, and every
signed address ends after minutes. Public ids are the vault's random keys under one folder.
"""

from __future__ import annotations

import io
import logging
import random
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NoReturn, TypeVar
from urllib.parse import parse_qs, urlsplit

import certifi
import cloudinary.api
import cloudinary.uploader
import cloudinary.utils
import urllib3
from cloudinary import exceptions

from alko.vault.stores import NotStored, StoreError, StoreUnavailable, checked

T = TypeVar("T")

FOLDER = "alko-vault"
CHUNK = 6_000_000
"""Bytes per request of a large file. Cloudinary takes no part below 5 MB but the last."""
IN_MEMORY = 1024 * 1024
"""Bytes of ciphertext up to which no temporary file is made."""
ADDRESS_SECONDS = 300
"""How long a signed download address can be used."""
PAGE = 500
RAW = {"resource_type": "raw", "type": "authenticated"}

_KEY = re.compile(rf"{FOLDER}/([0-9a-f]{{40}})", re.ASCII)
_STATUS = re.compile(r"server response \((\d{3})\)|^Error (\d{3}) - ")
_REFUSALS = (
    exceptions.AlreadyExists,
    exceptions.AuthorizationRequired,
    exceptions.BadRequest,
    exceptions.NotAllowed,
    exceptions.NotFound,
    exceptions.RateLimited,
)

# At DEBUG urllib3 logs whole addresses, and those of downloads carry a signature.
logging.getLogger("urllib3").setLevel(logging.INFO)
_downloads = urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=certifi.where())


@dataclass(frozen=True)
class Account:
    """Whose Cloudinary it is. The secret stays out of ``repr``, hence out of logs."""

    cloud_name: str
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    upload_prefix: str = "https://api.cloudinary.com"
    """Another region has another one, for instance https://api-eu.cloudinary.com."""
    signature_algorithm: str = "sha1"

    @classmethod
    def of(cls, url: str, upload_prefix: str = "") -> Account:
        """The account of a CLOUDINARY_URL (``cloudinary://key:secret@cloud``).

        As with the SDK, ``?upload_prefix=`` and ``?signature_algorithm=sha256`` may follow.
        Raises ValueError, which does not quote the address.
        """
        parts = urlsplit(url)
        if parts.scheme != "cloudinary" or not (
            parts.hostname and parts.username and parts.password
        ):
            raise ValueError("CLOUDINARY_URL must be cloudinary://key:secret@cloud")
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return cls(
            parts.hostname,
            parts.username,
            parts.password,
            (upload_prefix or options.get("upload_prefix") or cls.upload_prefix).rstrip("/"),
            options.get("signature_algorithm", cls.signature_algorithm),
        )

    @property
    def options(self) -> dict[str, str]:
        """What every call of the SDK is given, so that its global settings do not matter."""
        return {
            "cloud_name": self.cloud_name,
            "api_key": self.api_key,
            "api_secret": self.api_secret,
            "upload_prefix": self.upload_prefix,
            "signature_algorithm": self.signature_algorithm,
        }


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds, and how often to try what may work the next time."""

    attempts: int = 4
    first: float = 0.3
    most: float = 5.0
    deadline: float = 45.0
    """After this no further attempt begins: a person waits for the answer."""
    connect: float = 5.0
    read: float = 30.0

    @property
    def timeout(self) -> urllib3.Timeout:
        return urllib3.Timeout(connect=self.connect, read=self.read)

    def pause(self, attempt: int) -> float:
        """Doubles each time; by chance between half and all of it, so that not all come at once."""
        longest = min(self.most, self.first * 2**attempt)
        return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load, protects nothing


class _Failed(Exception):
    """Cloudinary could not do it now: a fault of its own, a timeout, no connection."""


class CloudinaryStore:
    """See Store for what each method does."""

    def __init__(self, account: Account, patience: Patience | None = None) -> None:
        self._account = account
        self._patience = patience or Patience()

    def put(self, key: str, write: Callable[[BinaryIO], T]) -> T:
        checked(key)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
            try:
                result = write(spool)  # type: ignore[arg-type]
                size = spool.tell()
                spool.seek(0)
            except OSError as error:
                raise StoreUnavailable(f"the file store failed: {error.strerror}") from error
            if not size:
                raise StoreError("an empty file is no sealed file")
            stored = self._upload(key, spool, size)  # type: ignore[arg-type]
        if stored.get("bytes") != size or stored.get("public_id") != _public_id(key):
            raise StoreUnavailable("the file store did not take the whole file")
        return result

    def open(self, key: str) -> BinaryIO:
        checked(key)

        def fetch() -> urllib3.BaseHTTPResponse:
            # Signed anew for each attempt: the last one may come when the first has expired.
            address = cloudinary.utils.private_download_url(
                _public_id(key),
                "",
                expires_at=int(time.time()) + ADDRESS_SECONDS,
                **RAW,
                **self._account.options,
            )
            answer = _downloads.request(
                "GET",
                address,
                preload_content=False,
                decode_content=False,
                retries=False,
                timeout=self._patience.timeout,
            )
            if answer.status == 200:
                return answer
            answer.close()
            if answer.status == 404:
                raise NotStored("nothing is stored under this key")
            _failed_or_refused(answer.status)

        return io.BufferedReader(_Download(self._repeated(fetch)), buffer_size=64 * 1024)

    def delete(self, key: str) -> None:
        checked(key)
        answer = self._call(cloudinary.uploader.destroy, _public_id(key), invalidate=True)
        if answer.get("result") not in ("ok", "not found"):
            raise StoreUnavailable("the file store did not remove the file")

    def exists(self, key: str) -> bool:
        checked(key)
        try:
            self._call(cloudinary.api.resource, _public_id(key))
        except NotStored:
            return False
        return True

    def keys(self) -> Iterator[str]:
        cursor: dict[str, str] = {}
        while True:
            listing = self._call(
                cloudinary.api.resources, prefix=f"{FOLDER}/", max_results=PAGE, **cursor
            )
            for resource in listing["resources"]:
                if found := _KEY.fullmatch(resource["public_id"]):
                    yield found[1]
            if not listing.get("next_cursor"):
                return
            cursor = {"next_cursor": listing["next_cursor"]}

    def tidy(self) -> int:
        """Nothing to do: Cloudinary forgets the parts of an upload that was not completed."""
        return 0

    def _upload(self, key: str, source: BinaryIO, size: int) -> dict[str, Any]:
        """Send the file in one request or in parts, each repeated by itself when it fails."""
        headers: dict[str, str] = {}
        upload = secrets.token_hex(16)
        answer: dict[str, Any] = {}
        for start in range(0, size, CHUNK):
            part = source.read(CHUNK)
            if size > CHUNK:
                span = f"bytes {start}-{start + len(part) - 1}/{size}"
                headers = {"Content-Range": span, "X-Unique-Upload-Id": upload}
            answer = self._call(
                # What upload_large does for each part; called here so that a failure costs a part.
                cloudinary.uploader.upload_large_part,
                ("sealed", part),
                http_headers=headers,
                public_id=_public_id(key),
                overwrite=True,
                invalidate=True,
            )
        return answer

    def _call(self, what: Callable[..., Any], *args: Any, **options: Any) -> dict[str, Any]:
        """Call the SDK until it answers; NotStored, StoreUnavailable."""

        def call() -> dict[str, Any]:
            try:
                answer: dict[str, Any] = what(
                    *args,
                    **options,
                    **RAW,
                    **self._account.options,
                    timeout=self._patience.timeout,
                    # Exceptions of the SDK do not say the status of every answer.
                    return_error=True,
                )
            except Exception as error:
                _explain(error)
            if "error" in answer:
                _failed_or_refused(answer["error"].get("http_code", 500))
            return answer

        return self._repeated(call)

    def _repeated(self, call: Callable[[], T]) -> T:
        end = time.monotonic() + self._patience.deadline
        for attempt in range(self._patience.attempts):
            if attempt:
                time.sleep(self._patience.pause(attempt - 1))
                if time.monotonic() > end:
                    break
            try:
                return call()
            except (_Failed, urllib3.exceptions.HTTPError):
                continue
        # Without a cause: the SDK's errors and urllib3's quote addresses and signatures.
        raise StoreUnavailable("the file store does not answer")


class _Download(io.RawIOBase):
    """The body of an answer as a file, with the store's own error when it breaks off."""

    def __init__(self, answer: urllib3.BaseHTTPResponse) -> None:
        self._answer = answer

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._answer.read(len(buffer))
        except (urllib3.exceptions.HTTPError, OSError):
            raise StoreUnavailable("the file store broke off") from None
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            # Also when it was not read to its end; a connection is cheaper than the rest of a file.
            self._answer.close()
        super().close()


def _public_id(key: str) -> str:
    return f"{FOLDER}/{key}"


def _explain(error: Exception) -> NoReturn:
    """Say what an exception of the SDK means, as far as it tells, without quoting it."""
    if isinstance(error, exceptions.NotFound):
        raise NotStored("nothing is stored under this key") from None
    if isinstance(error, _REFUSALS):
        raise StoreUnavailable(f"the file store refused: {type(error).__name__}") from None
    # The SDK raises plain Exception for answers that it has no class for.
    if not isinstance(error, exceptions.Error) and type(error) is not Exception:
        raise error
    status = _STATUS.search(str(error))
    _failed_or_refused(int(status[1] or status[2]) if status else 500)


def _failed_or_refused(status: int) -> NoReturn:
    if status >= 500:
        raise _Failed
    raise StoreUnavailable(f"the file store refused: status {status}") from None
