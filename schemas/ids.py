"""Stable ids, seeds and fingerprints. In: what a thing is. Out: hexadecimal digests of it.

    stable_id("pull_request", "acme/shop", 12, "3f2a...")  ->  "8c1b5e..." (32 hex digits)

Parts are length-prefixed before hashing, so ("ab", "c") and ("a", "bc") differ.
"""

import hashlib
import json
from typing import Any


def stable_id(*parts: str | int | bytes) -> str:
    """128-bit BLAKE2b of the parts, as 32 hex digits; the same on every machine."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def seed_for(seed: int, row_id: str) -> int:
    """A 63-bit seed from the run's seed and the row alone, never from the order of work."""
    return int(stable_id("seed", seed, row_id)[:16], 16) >> 1


def fingerprint(value: Any) -> str:
    """32 hex digits of a JSON-able value, with keys sorted."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return stable_id("fingerprint", text)
