"""Makes an evidence pack from the running stack: gathers a case, and its group where asked, and tries what it made.

A pack that does not hold is given all the same, and says so: it is what the ledger has.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from temporalio.api.history.v1 import History

from nom.audit.pack.building import SCRIPT, pack_of
from nom.audit.pack.gathering import Gathered, LedgerSource, Snapshot, gather
from nom.audit.pack.script import verifier_script
from nom.audit.replay import histories_of
from nom.audit.trees import OutsideCheckpoint
from nom.console.access import Access
from nom.console.proof import NoSuchCase
from nom.console.scenario.model import group_of
from nom.console.scenario.runner import require_served
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import CaseId, namespace_of
from nom.contracts.note import Verifier
from nom.contracts.services import NCA

SECONDS_UNTIL_SIGNED: Final = 20.0
"""How long to wait for a checkpoint over the newest records: workers publish one every five seconds."""


class KeyUnknown(LookupError):
    """The public key of a ledger is not in the data folder, and none was given."""

    code = "key_unknown"


BeforeShown = Callable[[Access, str, Sequence[StoredRecord]], Awaitable[None]]
"""Told which records of which ledger the pack shows, before it is made: a reading is logged first."""


class Packed(NamedTuple):
    """A pack, and what its own verifier says of it."""

    content: bytes
    verdict: dict[str, Any]


async def pack_case(
    access: Access,
    case: CaseId,
    before_shown: BeforeShown,
    *,
    with_group: bool = False,
    kept: Sequence[OutsideCheckpoint] = (),
    keys: Mapping[str, Verifier] | None = None,
) -> Packed:
    """The pack of a case. Raises `ForceNotServed`, `NoSuchCase`, `KeyUnknown` and the ledger's and client's errors."""
    matters = [case]
    if with_group and namespace_of(case) != NCA:
        matters.append(group_of(case))
    parts = [await _part(access, matter, kept, keys or access.verifiers()) for matter in matters]
    if not parts[0].records:
        raise NoSuchCase(f"there is nothing of {case[:80]!r} in the ledger of {namespace_of(case).upper()}")
    for part in parts:
        shown = [stored for stored in part.records if isinstance(stored, StoredRecord)]
        await before_shown(access, part.source.namespace, shown)
    content = pack_of(case, parts, matters)
    return Packed(content, await asyncio.to_thread(_tried, content, [part.source.verifier for part in parts]))


async def _part(
    access: Access, matter: CaseId, kept: Sequence[OutsideCheckpoint], keys: Mapping[str, Verifier]
) -> Gathered:
    """One case or group, once a checkpoint covers it, or after a while as it is."""
    namespace = namespace_of(matter)
    require_served(access, namespace)
    if namespace not in keys:
        raise KeyUnknown(f"no public key of the ledger of {namespace.upper()}; name its file with --key")
    source = LedgerSource(
        namespace,
        await access.reader(namespace),
        await access.trees(namespace),
        await access.seals(namespace),
        await access.readings(namespace),
        await access.refusals(namespace),
        keys[namespace],
    )
    deadline = asyncio.get_running_loop().time() + SECONDS_UNTIL_SIGNED
    while True:
        gathered = await gather(source, matter, await _snapshots(access, source, matter), kept)
        if not gathered.unproven or gathered.found or asyncio.get_running_loop().time() > deadline:
            return gathered
        await asyncio.sleep(1)


async def _snapshots(access: Access, source: LedgerSource, matter: CaseId) -> list[Snapshot]:
    """What the engine has of the case's runs behind what is sealed."""
    engine = await access.client.engine(source.namespace)
    snapshots: list[Snapshot] = []
    for stream in await source.reader.streams_of(matter):
        sealed: dict[str, int] = {}
        for seal in await source.seals.of_workflow(stream):
            sealed[seal.statement.run_id] = seal.statement.last_event
        for fetched in await histories_of(engine, stream):
            rest = fetched.history.events[sealed.get(fetched.run, 0) :]
            if rest:
                snapshots.append(
                    Snapshot(
                        workflow_id=stream,
                        run_id=fetched.run,
                        first_event=rest[0].event_id,
                        last_event=rest[-1].event_id,
                        history=History(events=rest).SerializeToString(deterministic=True),
                    )
                )
    return snapshots


def _tried(content: bytes, keys: Sequence[Verifier]) -> dict[str, Any]:
    """What the stand-alone verifier says, run as a receiver runs it."""
    with tempfile.TemporaryDirectory(prefix="nom-pack-") as place:
        folder = Path(place)
        (folder / "pack.zip").write_bytes(content)
        (folder / SCRIPT).write_bytes(verifier_script())
        (folder / "keys.txt").write_text("".join(f"{key}\n" for key in keys), encoding="utf-8")
        command = [sys.executable, "-I", "-S", SCRIPT, "pack.zip", "--key", "keys.txt", "--json"]
        ended = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return json.loads(ended.stdout)
