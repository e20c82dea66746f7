"""Packs of real cases on the real stack: sealed and running histories, two cases side by side, the command itself."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nom.activities.reader import LedgerReader
from nom.console.access import Access
from nom.console.packing import NoSuchCase, pack_case
from nom.contracts.envelope import StoredRecord
from tests.audit.pack.changes import firsts, lines
from tests.audit.pack.packing import changed, files_of, found_in, lines_of
from tests.audit.test_sealing import a_process_in_its_second_run, sealed_to_its_end
from tests.console.command_line import nom
from tests.matters import a_matter, acknowledge, ago, note, receive, record_crime

pytestmark = pytest.mark.engine


class Log:
    """What was logged as read, in place of the ledger's log."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, int]] = []

    async def __call__(self, _access: Access, namespace: str, records: Sequence[StoredRecord]) -> None:
        self.shown.append((namespace, len(records)))


async def a_case(access: Access, word: str) -> str:
    """A referral on which three things were done."""
    case = a_matter()
    await access.client.submit(receive(case, ago(hours=2)))
    for request in (acknowledge(case), record_crime(case), note(case, f"a note that says {word}")):
        await access.client.submit(request)
    return case


async def test_a_running_case_is_packed_with_proofs_and_a_snapshot_and_without_any_other_case(
    access: Access, tmp_path: Path
) -> None:
    case, other = await a_case(access, "rosebay"), await a_case(access, "willowherb")
    log = Log()
    packed = await pack_case(access, case, log)
    assert packed.verdict["verdict"] == "holds", packed.verdict
    assert packed.verdict["proven"] == packed.verdict["records"] > 8
    assert packed.verdict["snapshots"] > 0
    assert log.shown == [("gmp", packed.verdict["records"])]
    whole = b"".join(files_of(packed.content).values())
    strange = [stored.record async for stored in (await access.reader("gmp")).case_records(other)]
    hidden = [other.split("/")[1], "willowherb"]
    hidden += [str(each) for record in strange for each in (record.event_id, record.digest)]
    assert b"rosebay" in whole
    assert [each for each in hidden if each.encode() in whole] == []
    assert found_in(packed.content, tmp_path, str(access.verifiers()["gmp"]))["verdict"] == "holds"


async def test_a_case_with_its_group_has_the_records_of_both_ledgers(access: Access) -> None:
    case = await a_case(access, "foxglove")
    packed = await pack_case(access, case, Log(), with_group=True)
    manifest = json.loads(files_of(packed.content)["manifest.json"])
    assert [ledger["ledger"] for ledger in manifest["ledgers"]] == ["gmp", "nca"]
    assert packed.verdict["verdict"] == "holds", packed.verdict


async def test_a_sealed_history_of_the_engine_gives_away_a_tail_that_was_left_out(
    access: Access, tmp_path: Path
) -> None:
    stream, run = await a_process_in_its_second_run(access)
    await sealed_to_its_end(await access.seals("gmp"), stream, run)
    case = stream.rsplit("/", 1)[0]
    pack = (await pack_case(access, case, Log())).content
    file = f"records/{stream}.jsonl"
    key = str(access.verifiers()["gmp"])
    assert found_in(pack, tmp_path, key)["verdict"] == "holds"
    sealed = await records_in_sealed_runs(access, stream)
    assert 0 < sealed <= len(lines_of(files_of(pack), file))

    def cut(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        lines(file, lambda held: held.__delitem__(slice(sealed - 1, None)))(files, manifest)
        for each in manifest["ledgers"][0]["streams"]:
            each["records"] = len(lines_of(files, each["file"]))

    found = found_in(changed(pack, cut), tmp_path, key)
    assert firsts(found) == ("cut_off", f"record {sealed} of {stream}")


async def records_in_sealed_runs(access: Access, stream: str) -> int:
    """The number of the last record of a stream that a sealed history says was appended."""
    histories = [seal.unpacked() for seal in await (await access.seals("gmp")).of_workflow(stream)]
    reader: LedgerReader = await access.reader("gmp")
    digests = [stored.record.digest.encode() async for stored in reader.stream(stream)]
    return max(number for number, digest in enumerate(digests, start=1) if any(digest in each for each in histories))


async def test_a_case_that_is_not_there_is_refused(access: Access) -> None:
    with pytest.raises(NoSuchCase):
        await pack_case(access, "gmp/test-nothing", Log())


async def test_the_command_writes_the_pack_and_says_what_its_verifier_found(access: Access, tmp_path: Path) -> None:
    case = await a_case(access, "campion")
    out = tmp_path / "evidence.zip"
    given = ["audit", "pack", case, "--out", str(out), "--data", str(access.folder.path), "--json"]
    ended = await nom(*given)
    assert ended.code == 0, ended
    said = ended.json
    assert (said["verdict"], said["file"]) == ("holds", str(out))
    readings = [row async for row in (await access.readings("gmp")).of_case(case)]
    assert {row.tool for row in readings} == {"audit-pack"}
    assert found_in(out.read_bytes(), tmp_path, str(access.verifiers()["gmp"]))["verdict"] == "holds"
