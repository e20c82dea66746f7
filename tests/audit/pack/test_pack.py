"""A pack of one case: whole, provable alone, the same bytes each time, and silent about every other case."""

import json
import re
from pathlib import Path

import pytest
from temporalio.api.history.v1 import History

from nom.activities.db import Pool
from nom.audit.pack.gathering import Snapshot
from nom.contracts.base import sha256_hex
from nom.contracts.note import Signer
from tests.audit.pack.packing import (
    CASE,
    OTHER,
    RUN,
    SPINE,
    STRANGE,
    STRANGE_RUN,
    TRIAGE,
    PackedLedger,
    checked,
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


async def test_a_pack_of_a_case_holds_by_the_public_key_alone(ledger: PackedLedger, tmp_path: Path) -> None:
    found = found_in(await ledger.packed(), tmp_path, ledger.key)
    assert found == {
        "verdict": "holds",
        "case": CASE,
        "streams": 2,
        "records": 8,
        "proven": 8,
        "seals": 2,
        "seals_proven": 2,
        "readings": 1,
        "readings_proven": 1,
        "refusals": 1,
        "refusals_proven": 1,
        "snapshots": 0,
        "faults": [],
        "notes": [],
    }


async def test_the_same_ledger_gives_the_same_bytes(ledger: PackedLedger) -> None:
    assert await ledger.packed() == await ledger.packed()


async def test_a_pack_says_nothing_of_another_case(ledger: PackedLedger) -> None:
    strange = await ledger.records(STRANGE)
    words = [f"{word} of {STRANGE}" for word in ("one", "two", "three", "four")]
    ids = [str(each) for record in strange for each in (record.event_id, record.command_id)]
    digests = [each for record in strange for each in (record.digest, record.payload_digest, record.command_digest)]
    for name, content in files_of(await ledger.packed()).items():
        for hidden in (OTHER, "26-bbb", STRANGE_RUN, f"a reason about {STRANGE}", *words, *ids, *digests):
            assert hidden.encode() not in content, (name, hidden)
            assert hidden not in name
    whole = b"".join(files_of(await ledger.packed(case=OTHER)).values())
    assert all(each.encode() in whole for each in (STRANGE, STRANGE_RUN, *words, *ids, *digests))


async def test_each_stream_sealed_history_and_what_was_asked_stand_in_the_pack(ledger: PackedLedger) -> None:
    files = files_of(await ledger.packed())
    for stream in (SPINE, TRIAGE):
        records = await ledger.records(stream)
        lines = lines_of(files, f"records/{stream}.jsonl")
        assert [line["payload"] for line in lines] == [record.payload for record in records]
        assert [sha256_hex(line["sealed"].encode()) for line in lines] == [record.digest for record in records]
        assert [line["asked"] is None for line in lines] == [False, True, True, True]
        assert sha256_hex(lines[0]["asked"].encode()) == records[0].command_digest
    parts = [History.FromString(files[f"histories/{SPINE}/sealed-{number}.binpb"]) for number in (0, 1)]
    assert [event.event_id for part in parts for event in part.events] == list(range(1, 9))


async def test_who_was_shown_the_case_and_what_was_refused_stand_in_the_pack(ledger: PackedLedger) -> None:
    files = files_of(await ledger.packed())
    (shown,) = (json.loads(line["statement"]) for line in lines_of(files, "logs/gmp-readings.jsonl"))
    assert (shown["stream"], shown["up_to"], shown["reader_id"]) == (SPINE, 2, "auditor-1")
    (refused,) = (json.loads(line["statement"]) for line in lines_of(files, "logs/gmp-refusals.jsonl"))
    assert (refused["workflow_id"], refused["refusal"]["code"]) == (SPINE, "closure_gate")
    page = files["index.html"].decode()
    assert "no further action can&#39;t be approved yet; a line is open" in page
    assert f"Reason given: nothing came of it in {SPINE}" in page
    assert "auditor-1, auditor" in page


async def test_rows_that_no_checkpoint_covers_are_said_not_to_be_proven(ledger: PackedLedger, tmp_path: Path) -> None:
    await ledger.note(TRIAGE)
    found = found_in(await ledger.packed(), tmp_path, ledger.key)
    assert (found["verdict"], found["readings"], found["readings_proven"], found["faults"]) == ("not_proven", 2, 1, [])
    assert found["notes"] == [
        f"1 of 2 readings of GMP are under no signature: row 2 of the log of readings ({TRIAGE}).",
        f"1 of 2 refusals of GMP are under no signature: row 2 of the log of refusals ({TRIAGE}).",
    ]


async def test_a_row_that_was_taken_out_of_a_log_is_found_when_the_pack_is_made(
    ledger: PackedLedger, tmp_path: Path
) -> None:
    await ledger.change(f"DELETE FROM ledger.refusal WHERE workflow_id = '{SPINE}'")
    found = found_in(await ledger.packed(), tmp_path, ledger.key)
    assert [(fault["kind"], fault["where"]) for fault in found["faults"]] == [
        ("cut_off", "row 0 of the log of refusals")
    ]


@pytest.mark.parametrize(
    ("log", "changes"),
    [
        (
            "readings",
            [
                "ALTER TABLE ledger.reading ALTER COLUMN purpose DROP NOT NULL",
                f"UPDATE ledger.reading SET purpose = NULL WHERE stream = '{SPINE}'",
            ],
        ),
        (
            "refusals",
            [
                "ALTER TABLE ledger.refusal ALTER COLUMN failure DROP NOT NULL",
                f"UPDATE ledger.refusal SET failure = NULL WHERE workflow_id = '{SPINE}'",
            ],
        ),
    ],
)
async def test_a_log_with_a_row_that_no_version_wrote_is_named_and_the_pack_made(
    log: str, changes: list[str], ledger: PackedLedger, tmp_path: Path
) -> None:
    await ledger.change(*changes)
    found = found_in(await ledger.packed(), tmp_path, ledger.key)
    assert found["verdict"] == "broken"
    assert (found["faults"][0]["kind"], found["faults"][0]["where"]) == (
        "unreadable",
        f"row 0 of the log of {log} ({SPINE})",
    )
    assert found["records"] == 8


async def test_records_that_no_checkpoint_covers_are_said_not_to_be_proven(
    ledger: PackedLedger, tmp_path: Path
) -> None:
    await ledger.change("DELETE FROM ledger.checkpoint WHERE tree = 'records' AND size = 12")
    found = found_in(await ledger.packed(), tmp_path, ledger.key)
    assert (found["verdict"], found["records"], found["proven"], found["faults"]) == ("not_proven", 8, 4, [])
    assert found["notes"][0].startswith(f"4 of 8 records of GMP are under no signature: record 1 of {TRIAGE}")


async def test_without_a_key_of_ones_own_nothing_is_proven(ledger: PackedLedger, tmp_path: Path) -> None:
    code, said = checked(await ledger.packed(), tmp_path)
    assert (code, json.loads(said)["verdict"]) == (3, "not_proven")
    assert "the one in the pack proves nothing" in json.loads(said)["notes"][0]


async def test_another_key_than_the_one_that_signed_is_told(ledger: PackedLedger, tmp_path: Path) -> None:
    other = str(Signer("nom/gmp", bytes(32)).verifier)
    found = found_in(await ledger.packed(), tmp_path, other)
    assert [(fault["kind"], fault["where"]) for fault in found["faults"]] == [
        ("checkpoint_invalid", "checkpoint 12 of records"),
        ("checkpoint_invalid", "checkpoint 3 of seals"),
        ("checkpoint_invalid", "checkpoint 2 of readings"),
        ("checkpoint_invalid", "checkpoint 2 of refusals"),
    ]
    assert found["proven"] == 0


async def test_a_pack_shows_that_it_continues_an_older_checkpoint(ledger: PackedLedger, tmp_path: Path) -> None:
    notes = await ledger.notes()
    pack = await ledger.packed(*notes[:2])
    manifest = json.loads(files_of(pack)["manifest.json"])
    assert [(one["tree"], one["size"]) for one in manifest["ledgers"][0]["older"]] == [("records", 4), ("records", 8)]
    assert found_in(pack, tmp_path, ledger.key, kept=notes)["verdict"] == "holds"


async def test_a_checkpoint_of_ones_own_that_the_pack_has_no_proof_for_is_said(
    ledger: PackedLedger, tmp_path: Path
) -> None:
    found = found_in(await ledger.packed(), tmp_path, ledger.key, kept=(await ledger.notes())[:1])
    assert found["verdict"] == "not_proven"
    assert found["notes"] == ["No proof in the pack says how your checkpoint 4 of records goes with it."]


async def test_a_checkpoint_that_was_brought_along_and_is_none_is_said(ledger: PackedLedger, tmp_path: Path) -> None:
    found = found_in(await ledger.packed("nom/gmp/records\nmany\nAA==\n\n— nom/gmp AAAAAAAA\n"), tmp_path, ledger.key)
    assert [(fault["kind"], fault["tree"]) for fault in found["faults"]] == [("checkpoint_invalid", "records")]


async def test_a_snapshot_of_a_run_that_goes_on_is_marked_as_not_sealed(ledger: PackedLedger, tmp_path: Path) -> None:
    running = Snapshot(workflow_id=TRIAGE, run_id=RUN, first_event=1, last_event=2, history=b"events")
    pack = await ledger.packed(snapshots=[running])
    assert files_of(pack)[f"histories/{TRIAGE}/not-sealed-{RUN}-from-1.binpb"] == b"events"
    found = found_in(pack, tmp_path, ledger.key)
    assert (found["verdict"], found["seals"], found["snapshots"]) == ("holds", 2, 1)


async def test_people_read_what_was_checked(ledger: PackedLedger, tmp_path: Path) -> None:
    code, said = checked(await ledger.packed(), tmp_path, ledger.key, more="--records")
    assert code == 0
    assert f"{SPINE} #1  told.v1" in said
    assert f"one of {SPINE}" in said
    assert said.endswith("It holds.\n")


async def test_an_unreadable_record_is_named_and_the_rest_of_the_case_is_packed(
    ledger: PackedLedger, tmp_path: Path
) -> None:
    await ledger.change(f"UPDATE ledger.record SET payload = '\\xff' WHERE stream = '{SPINE}' AND seq = 2")
    found = found_in(await ledger.packed(), tmp_path, ledger.key)
    assert [(fault["kind"], fault["where"]) for fault in found["faults"]] == [("unreadable", f"record 2 of {SPINE}")]
    assert found["records"] == 8


async def test_the_verifier_imports_the_standard_library_alone(ledger: PackedLedger) -> None:
    script = files_of(await ledger.packed())["verify.py"].decode()
    imported = set(re.findall(r"^(?:import|from) ([a-z0-9_]+)", script, flags=re.MULTILINE))
    standard = "argparse base64 collections hashlib io json pathlib re struct sys typing uuid zipfile zlib"
    assert imported == set(standard.split())
