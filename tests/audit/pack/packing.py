"""A ledger of two cases with its trees and seals, packs made of it, and the stand-alone verifier run on them."""

import base64
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.history.v1 import ActivityTaskCompletedEventAttributes, HistoryEvent
from temporalio.bridge.proto.workflow_activation import DoUpdate

from nom.activities.checkpoints import CheckpointPublisher
from nom.activities.db import Pool, open_pool
from nom.activities.ledger import Ledger
from nom.activities.reader import LedgerReader
from nom.activities.readings import Purpose, Reading, ReadingLog, Shown
from nom.activities.refusals import RefusalLog
from nom.activities.requests import AppendRequest
from nom.activities.seals import SealStore
from nom.activities.sequencer import Sequencer
from nom.activities.trees import TreeName, TreeReader, signer_name
from nom.audit.pack.archive import MANIFEST, zipped
from nom.audit.pack.building import SCRIPT, pack_of
from nom.audit.pack.gathering import LedgerSource, Snapshot, gather
from nom.audit.trees import OutsideCheckpoint
from nom.audit.verify import Verified, verify, verify_signed
from nom.contracts.actors import Actor, Agency
from nom.contracts.base import canonical_bytes
from nom.contracts.envelope import Record, seal
from nom.contracts.errors import refuse, unmet
from nom.contracts.note import Signer
from nom.contracts.policy.loader import pack_of_version
from nom.contracts.refusals import NotedRefusal
from tests.activities.records import Told, asked
from tests.conftest_postgres import ForceDatabase

CASE, OTHER = "gmp/26-aaa", "gmp/26-bbb"
SPINE, TRIAGE, STRANGE = f"{CASE}/case", f"{CASE}/triage-1", f"{OTHER}/case"
RUN, STRANGE_RUN = "0192f5aa-0000-7000-8000-000000000001", "0192f5bb-0000-7000-8000-000000000002"
POLICY = pack_of_version("eng-police-2026.1").ref()
WORDS = ("one", "two", "three", "four")
AUDITOR = Actor(id="auditor-1", role="auditor", agency=Agency.POLICE)
TABLES = ("record", "position", "checkpoint", "seal", "reading", "refusal")

Change = Callable[[dict[str, bytes], dict[str, Any]], object]


def history_of(records: Sequence[Record], length: int = 5) -> list[HistoryEvent]:
    """Events of which the last says that these records were appended."""
    digests = json.dumps([record.digest for record in records], separators=(",", ":"))
    result = Payload(data=f'{{"appended":{{"digests":{digests},"again":false}},"moved_on":[]}}'.encode())
    told = ActivityTaskCompletedEventAttributes(result=Payloads(payloads=[result]))
    told_at = HistoryEvent(event_id=length, activity_task_completed_event_attributes=told)
    return [*(HistoryEvent(event_id=number) for number in range(1, length)), told_at]


def reading(stream: str) -> Reading:
    """The auditor is shown the first two records of a process."""
    shown = (Shown(stream=stream, up_to=2),)
    return Reading(id=uuid4(), reader=AUDITOR, named=True, purpose=Purpose.AUDIT, tool="audit-show", shown=shown)


def refusal(stream: str) -> NotedRefusal:
    """The rules refuse to close."""
    envelope = asked(stream, reason=f"nothing came of it in {stream}")
    payload = Payload(metadata={"encoding": b"json/plain"}, data=envelope.canonical())
    said = refuse("closure_gate", "no further action can't be approved yet", unmet("line_open", "a line is open"))
    failure = ApplicationFailureInfo(type=said.code, details=Payloads(payloads=[Payload(data=said.canonical())]))
    return NotedRefusal(
        history_length=9,
        place=0,
        at="1772442000000000000",
        update="command",
        code=said.code,
        request=base64.b64encode(DoUpdate(name="command", input=[payload]).SerializeToString()).decode(),
        failure=base64.b64encode(Failure(application_failure_info=failure).SerializeToString()).decode(),
    )


class PackedLedger:
    """The ledger of GMP: twelve records in three streams, two of them of one case, published in three checkpoints."""

    def __init__(self, database: ForceDatabase, pool: Pool) -> None:
        self.database = database
        self.pool = pool
        self.signer = Signer(signer_name("gmp"), bytes(range(32)))
        self.publisher = CheckpointPublisher(pool, self.signer, "gmp")

    async def fill(self) -> None:
        """Three streams, and a sealed history of each; that of the spine in two parts."""
        for stream in (SPINE, STRANGE, TRIAGE):
            await self.append(stream, *(f"{word} of {stream}" for word in WORDS))
        store = SealStore(self.pool)
        spine = history_of(await self.records(SPINE))
        await store.add(SPINE, RUN, spine, "running")
        await store.add(SPINE, RUN, [*spine, *history_of((), 8)[5:]], "completed")
        await store.add(STRANGE, STRANGE_RUN, history_of(await self.records(STRANGE)), "completed")
        await self.note(SPINE, STRANGE)
        await self.publisher.run_once()

    async def note(self, *streams: str) -> None:
        """Of each process, a reading of its second record and a refusal."""
        async with await open_pool(self.database.reader) as pool:
            for stream in streams:
                await ReadingLog(pool).add(reading(stream))
        await RefusalLog(self.pool).add([(stream, RUN, refusal(stream)) for stream in streams])

    async def append(self, stream: str, *words: str) -> None:
        """Records of one command, their positions, and a checkpoint over them."""
        request = asked(stream, reason=f"a reason about {stream}")
        content = canonical_bytes(request.model_dump(mode="json", exclude={"submitted_at"})).decode()
        records = seal(request, tuple(Told(words=word) for word in words), POLICY, 0, None)
        await Ledger(self.pool).append(AppendRequest(stream=stream, expected_seq=0, records=records, asked=content))
        await Sequencer(self.pool).run_once()
        await self.publisher.run_once()

    async def records(self, stream: str) -> list[Record]:
        """What a stream holds."""
        return [stored.record async for stored in LedgerReader(self.pool).stream(stream)]

    async def notes(self, tree: TreeName = "records") -> list[str]:
        """The signed checkpoints, from the smallest on."""
        return [one.note async for one in TreeReader(self.pool).checkpoints(tree)]

    async def change(self, *statements: str) -> None:
        """Change it as the server's superuser, past triggers and constraints."""
        connection = await asyncpg.connect(self.database.admin)
        try:
            for table in TABLES:
                await connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")
            for constraint in ("record_payload", "record_chain", "record_asked"):
                await connection.execute(f"ALTER TABLE ledger.record DROP CONSTRAINT IF EXISTS {constraint}")
            for statement in statements:
                assert await connection.execute(statement) not in ("UPDATE 0", "DELETE 0"), statement
        finally:
            await connection.close()

    async def verified(self, *kept: str) -> Verified:
        """As `nom audit verify` finds it, by the force's reader."""
        outside = [OutsideCheckpoint(note=note, kept_by="the NCA") for note in kept]
        async with await open_pool(self.database.reader) as pool:
            found = await verify("gmp", LedgerReader(pool))
            return await verify_signed(found, TreeReader(pool), SealStore(pool), self.signer.verifier, outside)

    async def packed(self, *kept: str, case: str = CASE, snapshots: Sequence[Snapshot] = ()) -> bytes:
        """A pack of a case, made by the force's reader."""
        outside = [OutsideCheckpoint(note=note, kept_by="the NCA") for note in kept]
        async with await open_pool(self.database.reader) as pool:
            readers = (LedgerReader(pool), TreeReader(pool), SealStore(pool), ReadingLog(pool), RefusalLog(pool))
            source = LedgerSource("gmp", *readers, self.signer.verifier)
            return pack_of(case, [await gather(source, case, snapshots, outside)], [case])

    @property
    def key(self) -> str:
        """The public key."""
        return str(self.signer.verifier)


def files_of(pack: bytes) -> dict[str, bytes]:
    """The files of a pack."""
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def changed(pack: bytes, change: Change) -> bytes:
    """A pack that somebody changed who also wrote its manifest anew: nothing but what is signed gives it away."""
    files = files_of(pack)
    manifest = json.loads(files.pop(MANIFEST))
    change(files, manifest)
    return zipped(files, manifest)


def rezipped(files: dict[str, bytes]) -> bytes:
    """A pack of these files as they are, whatever its manifest says of them."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return written.getvalue()


def lines_of(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    """The lines of a file."""
    return [json.loads(line) for line in files[name].splitlines()]


def put(files: dict[str, bytes], name: str, lines: Sequence[dict[str, Any]]) -> None:
    """Write the lines of a file."""
    files[name] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def checked(
    pack: bytes, folder: Path, *keys: str, kept: Sequence[str] = (), script: bytes | None = None, more: str = "--json"
) -> tuple[int, str]:
    """Run the verifier that is in the pack, alone: isolated, without site-packages, in a folder of its own."""
    (folder / "pack.zip").write_bytes(pack)
    (folder / SCRIPT).write_bytes(script or files_of(pack)[SCRIPT])
    command = [sys.executable, "-I", "-S", SCRIPT, "pack.zip", more]
    for number, key in enumerate(keys):
        (folder / f"key-{number}.txt").write_text(f"{key}\n", encoding="utf-8")
        command += ["--key", f"key-{number}.txt"]
    for number, note in enumerate(kept):
        (folder / f"kept-{number}.txt").write_text(note, encoding="utf-8")
        command += ["--checkpoint", f"kept-{number}.txt"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60, env={"PYTHONUTF8": "1"})
    assert b"Traceback" not in ended.stderr, ended.stderr.decode()
    return ended.returncode, (ended.stdout or ended.stderr).decode("utf-8")


def found_in(pack: bytes, folder: Path, key: str, kept: Sequence[str] = ()) -> dict[str, Any]:
    """What the verifier says of a pack."""
    code, said = checked(pack, folder, key, kept=kept)
    found: dict[str, Any] = json.loads(said)
    assert code == {"holds": 0, "broken": 1, "not_proven": 3}[found["verdict"]]
    return found
