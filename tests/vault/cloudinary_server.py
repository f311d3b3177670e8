"""A Cloudinary of our own on loopback, as its documentation describes it, that believes nothing.

It speaks the Upload API (upload whole or in parts, destroy), signed downloads and the Admin API's
listing, for raw files. Every signature, timestamp and expiry is verified; what is wrong gets the
answer that Cloudinary gives. It can be told to fail, and it notes what it was asked.

https://cloudinary.com/documentation/authentication_signatures
https://cloudinary.com/documentation/upload_images#chunked_asset_upload
https://cloudinary.com/documentation/admin_api#get_resources
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

CLOUD, KEY, SECRET = "alko-test", "123456789012345", "s3cr3t-of-the-test-cloud"
SIGNATURE_SECONDS = 3600
SMALLEST_PART = 5 * 1000 * 1000
UNSIGNED = {"file", "cloud_name", "resource_type", "api_key", "signature"}


@dataclass
class Fault:
    """What goes wrong with the next ``times`` requests of an action."""

    action: str
    times: int
    status: int = 0
    """Answer with this instead of doing anything."""
    drop: bool = False
    """Close the connection without an answer, ..."""
    after: bool = False
    """... but only after the work was done, or half an answer was sent."""
    hang: float = 0
    body: bytes = b'{"error":{"message":"General Error"}}'


@dataclass
class Request:
    """What was asked: ``upload``, ``destroy``, ``download``, ``resource`` or ``resources``."""

    action: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass
class Kept:
    data: bytes
    type: str
    invalidated: int = 0


class Refusal(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class CloudinaryServer(ThreadingHTTPServer):
    """A context manager; ``url`` is a CLOUDINARY_URL and ``prefix`` where the interface is."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kept: dict[str, Kept] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.requests: list[Request] = []
        self.invalidated: list[str] = []
        self.faults: list[Fault] = []
        self.lock = threading.Lock()
        self.url = f"cloudinary://{KEY}:{SECRET}@{CLOUD}"
        self.prefix = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """A client that went away is what some tests are about."""

    def fail(self, action: str, times: int = 1, **what: Any) -> None:
        self.faults.append(Fault(action, times, **what))

    def fault_of(self, action: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.action == action and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None

    def asked(self, action: str) -> list[Request]:
        return [request for request in self.requests if request.action == action]

    # What Cloudinary does -----------------------------------------------------------------------

    def upload(self, params: dict[str, str], file: bytes, headers: Mapping[str, str]) -> Any:
        verify_signature(params)
        if not file:
            raise Refusal(400, "Empty file")
        public_id = params["public_id"]
        if span := headers.get("Content-Range"):
            start, end, total = map(int, re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", span).groups())
            if end - start + 1 != len(file):
                raise Refusal(400, "Content-Range does not fit the part")
            if end + 1 < total and len(file) < SMALLEST_PART:
                raise Refusal(400, "All parts except EOF-chunk must be larger than 5mb")
            with self.lock:
                parts = self.parts.setdefault(headers["X-Unique-Upload-Id"], {})
                parts[start] = file  # sent again after a lost answer: the same part
                there = sum(map(len, parts.values()))
                if there < total:
                    return {"done": False, "bytes": there, "public_id": public_id}
            file = b"".join(parts[start] for start in sorted(parts))
        with self.lock:
            if public_id in self.kept and params.get("overwrite") not in ("1", "true"):
                raise Refusal(409, "already exists")
            self.kept[public_id] = Kept(file, params.get("type", "upload"))
        return {"done": True, "bytes": len(file), **described(public_id)}

    def destroy(self, params: dict[str, str]) -> Any:
        verify_signature(params)
        with self.lock:
            kept = self.kept.get(params["public_id"])
            if kept is None or kept.type != params.get("type", "upload"):
                return {"result": "not found"}
            del self.kept[params["public_id"]]
            if params.get("invalidate") in ("1", "true"):
                self.invalidated.append(params["public_id"])
        return {"result": "ok"}

    def download(self, params: dict[str, str]) -> bytes:
        verify_signature(params)
        if int(params.get("expires_at", time.time() + 1)) <= time.time():
            raise Refusal(401, "The address has expired")
        kept = self.kept.get(params["public_id"])
        if kept is None or kept.type != params.get("type", "upload"):
            raise Refusal(404, "Resource not found")
        return kept.data

    def resource(self, kind: str, public_id: str) -> Any:
        kept = self.kept.get(public_id)
        if kept is None or kept.type != kind:
            raise Refusal(404, f"Resource not found - {public_id}")
        return described(public_id)

    def resources(self, kind: str, params: dict[str, str]) -> Any:
        size = min(int(params.get("max_results", 10)), 500)
        start = int(params.get("next_cursor", 0))
        with self.lock:
            names = sorted(
                name
                for name, kept in self.kept.items()
                if kept.type == kind and name.startswith(params.get("prefix", ""))
            )
        page = {"resources": [described(name) for name in names[start : start + size]]}
        more = {"next_cursor": str(start + size)} if start + size < len(names) else {}
        return page | more


def described(public_id: str) -> dict[str, Any]:
    return {"public_id": public_id, "resource_type": "raw", "asset_id": secrets.token_hex(16)}


def verify_signature(params: dict[str, str]) -> None:
    """As Cloudinary does: SHA-1 or SHA-256 over the sorted parameters and the secret."""
    if params.get("api_key") != KEY:
        raise Refusal(401, "Unknown API key")
    signed = {name: value for name, value in params.items() if name not in UNSIGNED and value}
    text = "&".join(sorted(f"{n}={v}".replace("&", "%26") for n, v in signed.items()))
    expected = {
        digest(f"{text}{SECRET}".encode()).hexdigest() for digest in (hashlib.sha1, hashlib.sha256)
    }
    if not any(hmac.compare_digest(params.get("signature", ""), one) for one in expected):
        raise Refusal(401, f"Invalid Signature. String to sign - '{text}'.")
    if abs(time.time() - int(params.get("timestamp", 0))) > SIGNATURE_SECONDS:
        raise Refusal(400, "Stale request - reported time is out of range")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CloudinaryServer

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        params, file = form_of(self._body(), self.headers["Content-Type"])
        actions: dict[str, Callable[[], Any]] = {
            "upload": lambda: self.server.upload(params, file, self.headers),
            "destroy": lambda: self.server.destroy(params),
        }
        parts = self._path()
        action = parts[1] if len(parts) == 2 and parts[0] == "raw" else ""
        self._answer(action, params, actions.get(action))

    def do_GET(self) -> None:
        params = dict(parse_qsl(urlsplit(self.path).query))
        match self._path():
            case ["raw", "download"]:
                self._answer("download", params, lambda: self.server.download(params))
            case ["resources", "raw", kind]:
                self._answer("resources", params, self._admin(self.server.resources, kind, params))
            case ["resources", "raw", kind, *rest]:
                name = "/".join(rest)
                self._answer("resource", params, self._admin(self.server.resource, kind, name))
            case _:
                self._answer("", params, None)

    def _admin(self, work: Callable[..., Any], *args: Any) -> Callable[[], Any]:
        def call() -> Any:
            known = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
            if not hmac.compare_digest(self.headers.get("Authorization", ""), f"Basic {known}"):
                raise Refusal(401, "Invalid credentials")
            return work(*args)

        return call

    def _path(self) -> list[str]:
        """The path below ``/v1_1/<cloud>``; empty for other clouds."""
        version, cloud, *rest = unquote(urlsplit(self.path).path).strip("/").split("/")
        return rest if (version, cloud) == ("v1_1", CLOUD) else []

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, action: str, params: dict[str, str], work: Callable[[], Any] | None) -> None:
        self.server.requests.append(Request(action, params, dict(self.headers)))
        fault = self.server.fault_of(action) or Fault(action, 0)
        time.sleep(fault.hang)
        if fault.drop and not fault.after:
            self.close_connection = True
            return
        if fault.status:
            self._send(fault.status, fault.body)
            return
        try:
            if work is None:
                raise Refusal(404, "no such address")
            result = work()
            status = 200
        except Refusal as refusal:
            status, result = refusal.status, {"error": {"message": str(refusal)}}
        body = result if isinstance(result, bytes) else json.dumps(result).encode()
        self._send(status, body, cut=fault.drop)

    def _send(self, status: int, body: bytes, cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut


def form_of(body: bytes, content_type: str) -> tuple[dict[str, str], bytes]:
    """The fields of a multipart form, and the content of its file."""
    boundary = re.search(r'boundary="?([^";]+)', content_type)
    if boundary is None:
        return dict(parse_qsl(body.decode())), b""
    params, file = {}, b""
    mark = b"\r\n--" + boundary[1].encode()
    for piece in (b"\r\n" + body).split(mark)[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]+)"', head)
        assert name
        if name[1] == b"file":
            file = content
        else:
            params[name[1].decode()] = content.decode()
    return params, file
