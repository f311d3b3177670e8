#!/usr/bin/env python3
"""Verify a downloaded ALKO Cars ledger, away from the portal.

Usage: python3 verify_ledger.py alko-ledger.json [--key BASE64]

Needs Python 3.9 or newer. Hashes and order are checked with nothing else; signatures too where the
package "cryptography" is installed. --key is the portal's public key as published under
/.well-known/alko-signing-key.json; without it the key in the file is used, which proves less.
Exits with 0 when all is well, with 1 when the log does not add up, with 2 when it cannot be read.
"""

import argparse
import base64
import hashlib
import json
import sys

COVERED = (
    "client",
    "seq",
    "recorded_at",
    "event",
    "purpose",
    "actor",
    "actor_id",
    "categories",
    "details",
    "reason_hash",
    "previous",
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify a downloaded ALKO Cars ledger.")
    parser.add_argument("file")
    parser.add_argument("--key", help="the portal's public key, base64")
    arguments = parser.parse_args()
    try:
        with open(arguments.file, encoding="utf-8") as file:
            entries, client, key = read(json.load(file))
        check = signature_check(arguments.key or key)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"This file or key cannot be read: {type(error).__name__}")
        return 2
    previous = "0" * 64
    for number, entry in enumerate(entries, 1):
        try:
            problem = problem_of(entry, number, previous, client, check)
        except (ValueError, KeyError, TypeError):
            problem = "is incomplete or malformed"
        if problem:
            print(f"Entry {number}: {problem}")
            return 1
        previous = entry["hash"]
    signed = "signatures verified" if check else "signatures not checked (no key, or no library)"
    print(f"{len(entries)} entries hang together; {signed}. Head: {previous}")
    return 0


def read(content: dict) -> tuple:
    """The entries of a downloaded ledger, or of data.json in a copy."""
    if "entries" in content:
        entries, key = content["entries"], content.get("public_key")
    else:
        entries = sorted(content["categories"]["activity"], key=lambda entry: entry["seq"])
        key = None
    if not all(isinstance(entry, dict) for entry in entries):
        raise TypeError("an entry is no object")
    return entries, content["client"], key


def problem_of(entry: dict, number: int, previous: str, client: str, check: object) -> str:
    if entry["seq"] != number:
        return f"missing, number {entry['seq']} stands in its place"
    if entry["previous"] != previous:
        return "does not follow the one before it"
    covered = {name: entry.get(name) for name in COVERED}
    covered["client"] = client
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if hashlib.sha256(text.encode()).hexdigest() != entry["hash"]:
        return "was changed"
    sealed = entry.get("sealed")
    if sealed and hashlib.sha256(bytes.fromhex(sealed)).hexdigest() != entry["reason_hash"]:
        return "has another sealed reason than it had"
    if check and not check(bytes.fromhex(entry["signature"]), entry["hash"].encode()):
        return "is not signed by this portal"
    return ""


def signature_check(key: str) -> object:
    """A function of (signature, message), or None where signatures cannot be checked."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None
    if not key:
        return None
    public_key = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))

    def check(signature: bytes, message: bytes) -> bool:
        try:
            public_key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return check


if __name__ == "__main__":
    sys.exit(main())
