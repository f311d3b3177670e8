#!/usr/bin/env python3
"""Verify the receipt of an erasure at ALKO Cars, away from the portal.

Usage: python3 verify_receipt.py alko-erasure-receipt.json --key BASE64

Needs Python 3.9 or newer and the package "cryptography". --key is the portal's public key as
published under /.well-known/alko-signing-key.json; without it the key in the receipt is used,
which proves only that nothing was changed since somebody signed it.
Exits with 0 when the receipt is genuine and result equals plan, with 1 when it is not, with 2 when
it cannot be checked.
"""

import argparse
import base64
import json
import sys


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify the receipt of an erasure.")
    parser.add_argument("file")
    parser.add_argument("--key", help="the portal's public key, base64")
    arguments = parser.parse_args()
    try:
        with open(arguments.file, encoding="utf-8") as file:
            receipt = json.load(file)
        genuine = is_genuine(receipt, arguments.key or receipt["public_key"])
        different = [
            one["category"]
            for one in receipt["categories"]
            if one["planned_to_keep"] != one["still_held"]
        ]
    except ImportError:
        print('The package "cryptography" is missing: pip install cryptography')
        return 2
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"This file or key cannot be read: {type(error).__name__}")
        return 2
    if not genuine:
        print("This receipt was changed, or signed with another key.")
        return 1
    if different or not receipt["as_planned"]:
        print(f"Genuine, but the result differs from the plan: {', '.join(different)}")
        return 1
    source = "the given key" if arguments.key else "the key in the receipt itself"
    print(f"Genuine (by {source}). Finished {receipt['finished_at']}; all is as planned.")
    print(f"Keys destroyed: {receipt['keys_destroyed_at']}")
    print(f"No copy of them with ALKO since: {receipt['copies_replaced_at'] or 'not yet'}")
    print(f"Every older copy useless since: {receipt['copies_unreadable_at'] or 'not yet'}")
    return 0


def is_genuine(receipt: dict, key: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    covered = {name: value for name, value in receipt.items() if name != "signature"}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    public_key = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
    try:
        public_key.verify(base64.b64decode(receipt["signature"]), text.encode())
    except InvalidSignature:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
