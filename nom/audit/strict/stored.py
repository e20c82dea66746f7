"""Histories as files: protobuf packed with zstd, beside each a sidecar in JSON that says what it is.

The digest is of the stored bytes. Nothing is ever written anew to verify it, since two writings of the same history can
differ. A file that is there is never written over.
"""

from pathlib import Path
from typing import Final

import zstandard
from google.protobuf.message import DecodeError
from temporalio.api.history.v1 import History
from temporalio.client import WorkflowHistory

from nom.audit.replay import FetchedHistory
from nom.contracts.base import Contract, Digest, Instant, sha256_hex
from nom.contracts.envelope import PolicyRef
from nom.contracts.refusals import NotedRefusal

PACKED: Final = ".history.zst"
SIDECAR: Final = ".history.json"
PLAIN_JSON: Final = ".json"
LARGEST: Final = 1 << 28
"""Bytes of a history unpacked: far more than the engine lets a history grow to."""
_LEVEL: Final = 19


class HistoryUnreadable(ValueError):
    """A file is not a history, or not the one that its sidecar speaks of."""

    code = "history_unreadable"

    def __init__(self, file: Path, problem: str) -> None:
        super().__init__(f"{file.name}: {problem}")
        self.file = file


class HistorySidecar(Contract):
    """What a stored history is: of which process (`stream`) and run, which of how many runs, how many events, whether
    the run had ended; recorded when, by which version of the code and of the SDK; under which policy (none for a
    process that decides nothing). `sha256` is of the packed file. `refusals` left no event in it.
    """

    stream: str
    workflow_type: str
    run: str
    number: int
    runs: int
    events: int
    closed: bool
    recorded_at: Instant
    code: str
    sdk: str
    policy: PolicyRef | None
    sha256: Digest
    refusals: tuple[NotedRefusal, ...] = ()


def store(folder: Path, name: str, history: History, sidecar: HistorySidecar) -> Path:
    """Write a history and its sidecar; `sha256` is filled in. The packed file. Raises `FileExistsError`."""
    packed = zstandard.ZstdCompressor(level=_LEVEL).compress(history.SerializeToString(deterministic=True))
    file = folder / f"{name}{PACKED}"
    with file.open("xb") as out:
        out.write(packed)
    said = sidecar.model_copy(update={"sha256": sha256_hex(packed)})
    with (folder / f"{name}{SIDECAR}").open("x", encoding="utf-8") as out:
        out.write(said.model_dump_json(indent=1) + "\n")
    return file


def stored_in(place: Path) -> tuple[Path, ...]:
    """The packed histories under a folder, by name; a file stands for itself."""
    return tuple(sorted(place.rglob(f"*{PACKED}"))) if place.is_dir() else (place,)


def sidecar_of(file: Path) -> HistorySidecar | None:
    """What the sidecar of a packed history says; None where there is none. Raises `HistoryUnreadable`."""
    beside = file.with_name(file.name.removesuffix(PACKED) + SIDECAR)
    if not beside.exists():
        return None
    try:
        return HistorySidecar.model_validate_json(beside.read_bytes())
    except ValueError:
        raise HistoryUnreadable(beside, "is not a history's sidecar") from None


def load(file: Path) -> FetchedHistory:
    """A history from a packed file, or from JSON as the engine's own tool writes it. Checks it against its sidecar.
    Raises `HistoryUnreadable`.
    """
    sidecar = None
    if file.name.endswith(PLAIN_JSON):
        history = _from_json(file)
    else:
        sidecar, packed = sidecar_of(file), file.read_bytes()
        if sidecar is not None and sha256_hex(packed) != sidecar.sha256:
            raise HistoryUnreadable(file, "its SHA-256 is not the one in its sidecar")
        history = _unpacked(file, packed)
    if not history.events:
        raise HistoryUnreadable(file, "holds no event")
    if sidecar is not None and len(history.events) != sidecar.events:
        raise HistoryUnreadable(file, f"holds {len(history.events)} events, and its sidecar says {sidecar.events}")
    started = history.events[0].workflow_execution_started_event_attributes
    stream, run = started.workflow_id or file.name, started.original_execution_run_id or "unknown"
    if sidecar is not None and (sidecar.stream, sidecar.run) != (stream, run):
        raise HistoryUnreadable(file, f"is of {stream}, and its sidecar says {sidecar.stream}")
    return FetchedHistory(stream, run, history, () if sidecar is None else sidecar.refusals)


def _unpacked(file: Path, packed: bytes) -> History:
    try:
        if zstandard.frame_content_size(packed) > LARGEST:
            raise HistoryUnreadable(file, "is too large")
        return History.FromString(zstandard.ZstdDecompressor().decompress(packed, max_output_size=LARGEST))
    except (zstandard.ZstdError, DecodeError):
        raise HistoryUnreadable(file, "is not a packed history") from None


def _from_json(file: Path) -> History:
    try:
        return History(events=WorkflowHistory.from_json("", file.read_text(encoding="utf-8")).events)
    except Exception:  # noqa: BLE001 - whatever the reader of JSON raises, the file is at fault
        raise HistoryUnreadable(file, "is not a history in JSON") from None
