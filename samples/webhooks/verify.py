"""Verifies a delivery with nothing but Python's own library."""

import base64
import hashlib
import hmac
import os
import sys
import time

TOLERANCE_SECONDS = 5 * 60


def is_authentic(secret: str, headers: dict, body: bytes, now: float | None = None) -> bool:
    """secret: whsec_…; headers: with lower-case names; body: the raw bytes, before any JSON parser had them."""
    try:
        event_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        age = abs((time.time() if now is None else now) - int(timestamp))
        signatures = headers["webhook-signature"].split(" ")
    except (KeyError, ValueError):
        return False
    if age > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(signature, f"v1,{expected}") for signature in signatures)


# python3 verify.py ID TIMESTAMP SIGNATURES < body, with WEBHOOK_SECRET in the environment.
if __name__ == "__main__":
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    good = is_authentic(os.environ["WEBHOOK_SECRET"], dict(zip(names, sys.argv[1:])), sys.stdin.buffer.read())
    print("authentic" if good else "not authentic")
    sys.exit(0 if good else 1)
