"""One list of tamperings, done to a ledger and done to a pack: both verifiers name the same first fault."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import zstandard

from nom.activities.db import Pool
from nom.audit.verify import Verified
from nom.contracts.base import sha256_hex
from nom.contracts.note import Checkpoint
from nom.contracts.seals import SealStatement
from tests.audit.pack.changes import (
    READINGS,
    REFUSALS,
    SEALS,
    SPINE_FILE,
    TRIAGE_FILE,
    both,
    field,
    file,
    firsts,
    forged,
    forging,
    lines,
    put_in,
    sealed,
    sealed_anew,
    swap,
)
from tests.audit.pack.packing import (
    RUN,
    SPINE,
    STRANGE,
    TRIAGE,
    Change,
    PackedLedger,
    changed,
    files_of,
    found_in,
    lines_of,
)
from tests.conftest_postgres import ForceDatabase


@pytest.fixture
async def ledger(own_database: ForceDatabase, own_pool: Pool) -> PackedLedger:
    made = PackedLedger(own_database, own_pool)
    await made.fill()
    return made


OTHER_HISTORY = b"\n\x02\x08\x07"
PACKED = zstandard.ZstdCompressor().compress(OTHER_HISTORY).hex()


class Tampering(NamedTuple):
    """The same change of a ledger and of a pack, and what is found first."""

    name: str
    ledger: Sequence[str]
    pack: Change
    kind: str
    where: str


ON_SECOND = f"WHERE stream = '{SPINE}' AND seq = 2"
SECOND = f"record 2 of {SPINE}"
TAMPERINGS = (
    Tampering(
        "content edited",
        [f"UPDATE ledger.record SET payload = convert_to('{{}}', 'UTF8') {ON_SECOND}"],
        field("payload", "{}"),
        "payload_differs",
        SECOND,
    ),
    Tampering(
        "content edited with its digest",
        [f"UPDATE ledger.record SET payload = '{{}}', payload_digest = sha256('{{}}') {ON_SECOND}"],
        lines(
            SPINE_FILE,
            lambda held: held[1].update(
                payload="{}",
                sealed=held[1]["sealed"].replace(json.loads(held[1]["sealed"])["payload_digest"], sha256_hex(b"{}")),
            ),
        ),
        "digest_differs",
        SECOND,
    ),
    Tampering(
        "another person",
        [f"UPDATE ledger.record SET actor_id = 'officer-9' {ON_SECOND}"],
        sealed('"id":"officer-1"', '"id":"officer-9"'),
        "digest_differs",
        SECOND,
    ),
    Tampering(
        "another time",
        [f"UPDATE ledger.record SET occurred_at = occurred_at - interval '1 hour' {ON_SECOND}"],
        sealed('"occurred_at":"2026-03-01T08', '"occurred_at":"2026-03-01T07'),
        "digest_differs",
        SECOND,
    ),
    Tampering(
        "another reason",
        [f"UPDATE ledger.record SET reason = 'another' {ON_SECOND}"],
        sealed('"reason":"a reason', '"reason":"another'),
        "digest_differs",
        SECOND,
    ),
    Tampering(
        "another policy",
        [f"UPDATE ledger.record SET policy_version = 'eng-police-2026.2' {ON_SECOND}"],
        sealed("eng-police-2026.1", "eng-police-2026.2"),
        "digest_differs",
        SECOND,
    ),
    Tampering(
        "digest edited",
        [f"UPDATE ledger.record SET digest = sha256('x') {ON_SECOND}"],
        field("digest", sha256_hex(b"x")),
        "digest_differs",
        SECOND,
    ),
    Tampering(
        "what was asked edited",
        [f"UPDATE ledger.record SET asked = convert_to('{{}}', 'UTF8') WHERE stream = '{SPINE}' AND seq = 1"],
        field("asked", "{}", at=0),
        "asked_differs",
        f"record 1 of {SPINE}",
    ),
    Tampering(
        "deleted",
        [f"DELETE FROM ledger.record {ON_SECOND}"],
        lines(SPINE_FILE, lambda held: held.pop(1)),
        "sequence_broken",
        SECOND,
    ),
    Tampering(
        "first deleted",
        [f"DELETE FROM ledger.record WHERE stream = '{SPINE}' AND seq = 1"],
        lines(SPINE_FILE, lambda held: held.pop(0)),
        "sequence_broken",
        f"record 1 of {SPINE}",
    ),
    Tampering(
        "swapped",
        [
            f"UPDATE ledger.record SET seq = seq + 100 WHERE stream = '{SPINE}' AND seq IN (2, 3)",
            f"UPDATE ledger.record SET seq = 105 - seq WHERE stream = '{SPINE}' AND seq > 100",
        ],
        lines(SPINE_FILE, swap),
        "wrong_id",
        SECOND,
    ),
    Tampering(
        "inserted",
        [f"UPDATE ledger.record SET stream = '{SPINE}', seq = 5 WHERE stream = '{STRANGE}' AND seq = 1"],
        lines(SPINE_FILE, put_in),
        "wrong_id",
        f"record 5 of {SPINE}",
    ),
    Tampering(
        "positions changed places",
        [
            "UPDATE ledger.position SET position = position + 100 WHERE position IN (3, 8)",
            "UPDATE ledger.position SET position = CASE position WHEN 103 THEN 8 ELSE 3 END WHERE position > 99",
        ],
        both(field("position", 8, at=3), field("position", 3, TRIAGE_FILE, at=0)),
        "replaced",
        f"record 1 of {TRIAGE}",
    ),
    Tampering(
        "positions out of order",
        [
            "UPDATE ledger.position SET position = position + 100 WHERE position IN (1, 2)",
            "UPDATE ledger.position SET position = 103 - (position - 100) - 100 WHERE position > 99",
        ],
        both(field("position", 2, at=1), field("position", 1, at=2)),
        "position_out_of_order",
        f"record 3 of {SPINE}",
    ),
    Tampering(
        "checkpoint by another key",
        ["FORGE records"],
        forging,
        "checkpoint_invalid",
        "checkpoint 12 of records",
    ),
    Tampering(
        "history altered",
        [f"UPDATE ledger.seal SET history = '\\x{PACKED}' WHERE workflow_id = '{SPINE}' AND last_event = 5"],
        file(f"histories/{SPINE}/sealed-0.binpb", OTHER_HISTORY),
        "seal_differs",
        f"history 5 of {SPINE}",
    ),
    Tampering(
        "history altered beyond unpacking",
        [f"UPDATE ledger.seal SET history = '\\x00' WHERE workflow_id = '{SPINE}' AND last_event = 5"],
        field("file", None, SEALS, at=0),
        "seal_differs",
        f"history 5 of {SPINE}",
    ),
    Tampering(
        "reader replaced in the log of readings",
        [f"UPDATE ledger.reading SET reader_id = 'auditor-2' WHERE stream = '{SPINE}'"],
        lines(READINGS, lambda held: held[0].update(statement=held[0]["statement"].replace("auditor-1", "auditor-2"))),
        "replaced",
        f"row 0 of the log of readings ({SPINE})",
    ),
    Tampering(
        "code replaced in the log of refusals",
        [f"UPDATE ledger.refusal SET code = 'role' WHERE workflow_id = '{SPINE}'"],
        lines(REFUSALS, lambda held: held[0].update(statement=held[0]["statement"].replace("closure_gate", "role", 1))),
        "replaced",
        f"row 0 of the log of refusals ({SPINE})",
    ),
    Tampering(
        "seal's statement edited",
        [f"UPDATE ledger.seal SET status = 'failed' WHERE workflow_id = '{SPINE}' AND last_event = 8"],
        lines(SEALS, lambda held: held[1].update(statement=held[1]["statement"].replace("completed", "failed"))),
        "seal_differs",
        f"history 8 of {SPINE}",
    ),
)


def first(found: Verified) -> tuple[str, str]:
    """The first fault as `nom audit verify` names it."""
    fault = found.first_fault
    assert fault is not None
    return fault.kind.value, fault.where


async def forged_where_asked(ledger: PackedLedger, statements: Sequence[str]) -> list[str]:
    """The statements, with a forged checkpoint where one is asked for."""
    note = forged((await ledger.notes())[-1])
    forge = f"UPDATE ledger.checkpoint SET note = '{note}' WHERE tree = 'records' AND size = 12"
    return [forge if statement == "FORGE records" else statement for statement in statements]


@pytest.mark.parametrize("done", TAMPERINGS, ids=[each.name for each in TAMPERINGS])
async def test_both_verifiers_name_the_same_first_fault_in_the_ledger_and_in_the_pack(
    done: Tampering, ledger: PackedLedger, tmp_path: Path
) -> None:
    honest = await ledger.packed()
    assert found_in(honest, tmp_path, ledger.key)["verdict"] == "holds"
    assert firsts(found_in(changed(honest, done.pack), tmp_path, ledger.key)) == (done.kind, done.where)
    await ledger.change(*await forged_where_asked(ledger, done.ledger))
    assert first(await ledger.verified()) == (done.kind, done.where)
    assert firsts(found_in(await ledger.packed(), tmp_path, ledger.key)) == (done.kind, done.where)


async def test_a_stream_written_anew_with_every_digest_is_named_by_both(ledger: PackedLedger, tmp_path: Path) -> None:
    anew = changed(await ledger.packed(), lines(SPINE_FILE, sealed_anew))
    assert firsts(found_in(anew, tmp_path, ledger.key)) == ("replaced", SECOND)
    held = lines_of(files_of(anew), SPINE_FILE)
    await ledger.change(
        *(
            f"UPDATE ledger.record SET reason = convert_to('another reason', 'UTF8'), digest = '\\x{line['digest']}', "
            f"previous = '\\x{json.loads(line['sealed'])['previous']}' WHERE stream = '{SPINE}' AND seq = {number}"
            for number, line in enumerate(held, start=1)
            if number > 1
        )
    )
    assert first(await ledger.verified()) == ("replaced", SECOND)
    assert firsts(found_in(await ledger.packed(), tmp_path, ledger.key)) == ("replaced", SECOND)


async def test_a_history_sealed_anew_with_its_digests_is_named_by_both(ledger: PackedLedger, tmp_path: Path) -> None:
    said = SealStatement(
        workflow_id=SPINE,
        run_id=RUN,
        first_event=1,
        last_event=5,
        status="running",
        history_digest=sha256_hex(OTHER_HISTORY),
    )
    await ledger.change(
        f"UPDATE ledger.seal SET history = '\\x{PACKED}', history_digest = '\\x{said.history_digest}', "
        f"digest = '\\x{said.fingerprint()}' WHERE workflow_id = '{SPINE}' AND last_event = 5"
    )
    assert first(await ledger.verified()) == ("replaced", f"history 5 of {SPINE}")
    assert firsts(found_in(await ledger.packed(), tmp_path, ledger.key)) == ("replaced", f"history 5 of {SPINE}")


async def test_a_tail_cut_off_a_ledger_is_named_by_both(ledger: PackedLedger, tmp_path: Path) -> None:
    await ledger.change(
        "DELETE FROM ledger.position WHERE position = 11",
        f"DELETE FROM ledger.record WHERE stream = '{TRIAGE}' AND seq = 4",
    )
    assert first(await ledger.verified()) == ("cut_off", "position 11")
    assert firsts(found_in(await ledger.packed(), tmp_path, ledger.key)) == ("cut_off", "position 11")


async def test_a_ledger_put_back_is_named_by_both_where_a_checkpoint_was_kept(
    ledger: PackedLedger, tmp_path: Path
) -> None:
    kept = (await ledger.notes())[-1]
    await ledger.change(
        "DELETE FROM ledger.checkpoint WHERE tree = 'records' AND size = 12",
        "DELETE FROM ledger.position WHERE position > 7",
        f"DELETE FROM ledger.record WHERE stream = '{TRIAGE}'",
    )
    assert first(await ledger.verified(kept)) == ("cut_off", "checkpoint 12 of records")
    pack = await ledger.packed(kept)
    assert firsts(found_in(pack, tmp_path, ledger.key)) == ("cut_off", "checkpoint 12 of records")


async def test_a_forked_ledger_is_named_by_both_where_a_checkpoint_was_kept(
    ledger: PackedLedger, tmp_path: Path
) -> None:
    said = Checkpoint.parse((await ledger.notes())[1])
    fork = ledger.signer.sign(said.model_copy(update={"root": "ab" * 32}).text())
    assert first(await ledger.verified(fork)) == ("checkpoint_differs", "checkpoint 8 of records")
    pack = await ledger.packed(fork)
    assert firsts(found_in(pack, tmp_path, ledger.key)) == ("checkpoint_differs", "checkpoint 8 of records")
    kept = found_in(await ledger.packed(), tmp_path, ledger.key, kept=[fork])
    assert kept["verdict"] == "not_proven"


async def test_a_fault_of_another_case_is_told_without_its_name(ledger: PackedLedger, tmp_path: Path) -> None:
    await ledger.change(f"UPDATE ledger.record SET digest = sha256('x') WHERE stream = '{STRANGE}' AND seq = 1")
    pack = await ledger.packed()
    assert firsts(found_in(pack, tmp_path, ledger.key)) == ("replaced", "position 4")
    assert all(STRANGE.encode() not in content for content in files_of(pack).values())
