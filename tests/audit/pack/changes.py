"""What somebody may do to a pack: each change as a function of its files and its manifest."""

import json
from collections.abc import Callable
from typing import Any

from nom.contracts.base import canonical_bytes, sha256_hex
from nom.contracts.note import Checkpoint, Signer
from tests.audit.pack.packing import SPINE, TRIAGE, Change, lines_of, put

Lines = list[dict[str, Any]]
SPINE_FILE, TRIAGE_FILE, SEALS = f"records/{SPINE}.jsonl", f"records/{TRIAGE}.jsonl", "seals/gmp.jsonl"
READINGS, REFUSALS = "logs/gmp-readings.jsonl", "logs/gmp-refusals.jsonl"


def lines(name: str, change: Callable[[Lines], object]) -> Change:
    """Change the lines of a file of a pack."""

    def made(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        held = lines_of(files, name)
        change(held)
        put(files, name, held)

    return made


def sealed(old: str, new: str, seq: int = 2) -> Change:
    """Change what a record of the spine says outside its content."""

    def made(held: Lines) -> None:
        assert old in held[seq - 1]["sealed"]
        held[seq - 1]["sealed"] = held[seq - 1]["sealed"].replace(old, new)

    return lines(SPINE_FILE, made)


def field(name: str, value: object, file: str = SPINE_FILE, at: int = 1) -> Change:
    """Put another value beside a record."""
    return lines(file, lambda held: held[at].__setitem__(name, value))


def file(name: str, content: bytes) -> Change:
    """Put another file in the place of one."""
    return lambda files, _manifest: files.__setitem__(name, content)


def both(one: Change, other: Change) -> Change:
    """One change after another."""

    def made(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        one(files, manifest)
        other(files, manifest)

    return made


def swap(held: Lines) -> None:
    """Let the second and third record change places, each with the number of its new place."""
    held[1], held[2] = held[2], held[1]
    for at, old, new in ((1, '"seq":3,', '"seq":2,'), (2, '"seq":2,', '"seq":3,')):
        assert old in held[at]["sealed"]
        held[at]["sealed"] = held[at]["sealed"].replace(old, new)


def put_in(held: Lines) -> None:
    """Put a copy of the first record behind the last, with the number of that place."""
    held.append({**held[0], "sealed": held[0]["sealed"].replace('"seq":1,', '"seq":5,')})


def sealed_anew(held: Lines) -> None:
    """Write a stream anew from its second record on, with every digest."""
    for number in range(1, 4):
        record = json.loads(held[number]["sealed"])
        record.update(reason="another reason", previous=held[number - 1]["digest"])
        text = canonical_bytes(record).decode()
        held[number].update(sealed=text, digest=sha256_hex(text.encode()))


def forged(note: str) -> str:
    """A checkpoint of the same size, signed with another key."""
    said = Checkpoint.parse(note)
    return Signer("nom/gmp", bytes(32)).sign(Checkpoint(origin=said.origin, size=said.size, root="00" * 32).text())


def firsts(found: dict[str, Any]) -> tuple[str, str]:
    """The first fault as the stand-alone verifier names it."""
    assert found["verdict"] == "broken"
    return found["faults"][0]["kind"], found["faults"][0]["where"]


def forging(files: dict[str, bytes], _manifest: dict[str, Any]) -> None:
    """Put a checkpoint there that another key signed."""
    name = "checkpoints/gmp-records.txt"
    files[name] = forged(files[name].decode()).encode()
