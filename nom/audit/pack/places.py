"""Where a thing of a pack stands: how that is named, and whether it is shown to be so. Standard library alone."""

import hashlib
from typing import Any

from nom.audit.pack.arithmetic import is_included, leaf
from nom.audit.pack.opening import MALFORMED

LOGS = {"readings": "stream", "refusals": "workflow_id"}
"""The ledger's logs, and what a row of each calls its process."""


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def hashes(values: list[str]) -> list[bytes]:
    """A proof as bytes."""
    return [bytes.fromhex(value) for value in values]


def where(place: dict[str, Any]) -> str:
    """The place of a fault in words."""
    if place.get("tree") in LOGS and place.get("position") is not None:
        about = f" ({place['stream']})" if place.get("stream") is not None else ""
        return f"row {place['position']} of the log of {place['tree']}{about}"
    if place.get("stream") is not None:
        return f"{'history' if place.get('tree') == 'seals' else 'record'} {place.get('seq')} of {place['stream']}"
    if place.get("size") is not None:
        return f"checkpoint {place['size']} of {place.get('tree')}"
    return f"position {place['position']}" if place.get("position") is not None else str(place.get("file"))


def is_under(signed: tuple[int, bytes], item: dict[str, Any]) -> bool:
    """Whether a leaf is shown to stand at its position under a size and root."""
    try:
        found, proof = leaf(bytes.fromhex(item["digest"])), hashes(item["proof"])
    except MALFORMED:
        return False
    return is_included(signed[1], signed[0], item["position"], found, proof)
