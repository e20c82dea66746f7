"""Builds a pack from what was gathered: every file of it, and the manifest that says where each thing is.

The bytes that were hashed are written as they were hashed, so that a verifier needs no canonical form of anything.
Adds nothing that the ledgers do not hold, and no moment of its own: the same ledgers give the same bytes.
"""

from collections.abc import Sequence
from typing import Any, Final

import zstandard

from nom.activities.errors import LedgerUnreadable
from nom.activities.readings import LoggedReading
from nom.activities.refusals import LoggedRefusal
from nom.activities.seals import Seal
from nom.activities.trees import TREES
from nom.audit.pack.archive import as_lines, zipped
from nom.audit.pack.gathering import Gathered, Proof, SignedTree, Snapshot
from nom.audit.pack.page import page_of
from nom.audit.pack.page_html import html_of
from nom.audit.pack.page_pdf import pdf_of
from nom.audit.pack.policies import Rules, rules_of
from nom.audit.pack.script import verifier_script
from nom.contracts.base import canonical_bytes
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import CaseId

FORMAT: Final = "nom-evidence-pack/2"
SCRIPT: Final = "verify.py"

Files = dict[str, bytes]


def pack_of(case: CaseId, parts: Sequence[Gathered], matters: Sequence[CaseId]) -> bytes:
    """The pack of a case, as a zip. `matters` are the case and, where it was asked for, its group."""
    records = [stored.record for part in parts for stored in part.records if isinstance(stored, StoredRecord)]
    rules = rules_of(records)
    page = page_of(case, parts, rules)
    files: Files = {SCRIPT: verifier_script(), "index.html": html_of(page), "index.pdf": pdf_of(page)}
    manifest = {
        "format": FORMAT,
        "case": case,
        "matters": list(matters),
        "ledgers": [_ledger(part, files) for part in parts],
        **_rules(rules, files),
    }
    return zipped(files, manifest)


def _rules(rules: Rules, files: Files) -> dict[str, Any]:
    for pinned in (*rules.policies, *rules.calendars):
        if pinned.file is not None and pinned.content is not None:
            files[pinned.file] = pinned.content
    return {
        "policies": [pinned.plain() for pinned in rules.policies],
        "calendars": [pinned.plain() for pinned in rules.calendars],
    }


def _ledger(part: Gathered, files: Files) -> dict[str, Any]:
    ledger = part.source.namespace
    checkpoints: dict[str, str | None] = dict.fromkeys(TREES)
    for name, tree in part.trees.items():
        if tree.note is not None:
            checkpoints[name] = f"checkpoints/{ledger}-{name}.txt"
            files[f"checkpoints/{ledger}-{name}.txt"] = tree.note.encode("utf-8")
    seals = f"seals/{ledger}.jsonl"
    files[seals] = as_lines([_seal(seal, part.trees["seals"], files) for seal in part.seals])
    files[f"keys/{ledger}.txt"] = f"{part.source.verifier}\n".encode()
    return {
        "ledger": ledger,
        "key": str(part.source.verifier),
        "streams": _streams(part, files),
        "checkpoints": checkpoints,
        "older": _older(part, files),
        "seals": seals,
        "logs": _logs(part, files),
        "running": [_running(snapshot, files) for snapshot in part.snapshots],
        "found": [fault.model_dump(mode="json") for fault in part.found],
    }


def _streams(part: Gathered, files: Files) -> list[dict[str, Any]]:
    streams: dict[str, list[dict[str, Any]]] = {}
    for stored in part.records:
        if isinstance(stored, LedgerUnreadable):
            streams.setdefault(stored.stream, []).append({"seq": stored.seq, "unreadable": str(stored)})
        else:
            streams.setdefault(stored.record.stream, []).append(_record(stored, part.trees["records"]))
    listed: list[dict[str, Any]] = []
    for stream, lines in streams.items():
        file = f"records/{stream}.jsonl"
        files[file] = as_lines(lines)
        listed.append({"stream": stream, "records": len(lines), "file": file})
    return listed


def _record(stored: StoredRecord, tree: SignedTree) -> dict[str, Any]:
    """A record's line. `sealed` is the text that its digest is of, `payload` the one that `payload_digest` is of."""
    record = stored.record
    sealed = canonical_bytes(record.model_dump(mode="json", exclude={"digest", "payload"}))
    return {
        "seq": record.seq,
        "sealed": sealed.decode("utf-8"),
        "digest": record.digest,
        "payload": record.payload,
        "asked": stored.asked,
        "recorded_at": stored.recorded_at.isoformat(),
        "position": stored.position,
        "proof": _plain(tree.proof(stored.position)),
    }


def _seal(seal: Seal, tree: SignedTree, files: Files) -> dict[str, Any]:
    """A sealed history's line. Its events are put into the pack unpacked: the zip packs them again."""
    try:
        file = f"histories/{seal.statement.workflow_id}/sealed-{seal.number}.binpb"
        files[file] = seal.unpacked()
    except zstandard.ZstdError:
        file = None
    return {
        "position": seal.number,
        "statement": seal.statement.canonical().decode("utf-8"),
        "digest": seal.digest,
        "sealed_at": seal.sealed_at.isoformat(),
        "file": file,
        "proof": _plain(tree.proof(seal.number)),
    }


def _logs(part: Gathered, files: Files) -> dict[str, str]:
    ledger = part.source.namespace
    logs: dict[str, list[dict[str, Any]]] = {
        "readings": [_row(row, part.trees["readings"]) for row in part.readings],
        "refusals": [_row(row, part.trees["refusals"]) for row in part.refusals],
    }
    files.update({f"logs/{ledger}-{log}.jsonl": as_lines(lines) for log, lines in logs.items()})
    return {log: f"logs/{ledger}-{log}.jsonl" for log in logs}


def _row(row: LoggedReading | LoggedRefusal, tree: SignedTree) -> dict[str, Any]:
    """The line of a log's row. The leaf is made of the SHA-256 of `statement`, which says all that the row holds."""
    return {
        "position": row.number,
        "statement": row.canonical().decode("utf-8"),
        "proof": _plain(tree.proof(row.number)),
    }


def _older(part: Gathered, files: Files) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = []
    for number, older in enumerate(part.older, start=1):
        file = f"checkpoints/{part.source.namespace}-older-{number}.txt"
        files[file] = older.note.encode("utf-8")
        listed.append({"file": file, "tree": older.tree, "size": older.size, "proof": _plain(older.proof)})
    return listed


def _running(snapshot: Snapshot, files: Files) -> dict[str, Any]:
    first, last = snapshot.first_event, snapshot.last_event
    file = f"histories/{snapshot.workflow_id}/not-sealed-{snapshot.run_id}-from-{first}.binpb"
    files[file] = snapshot.history
    return {
        "workflow_id": snapshot.workflow_id,
        "run_id": snapshot.run_id,
        "first_event": first,
        "last_event": last,
        "file": file,
    }


def _plain(proof: Proof) -> list[str]:
    return [step.hex() for step in proof]
