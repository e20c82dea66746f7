"""The invariants asked of recorded matters: what holds, what is violated by which record, what was not looked at."""

import functools
from collections.abc import Iterable
from typing import cast

import asyncpg
import pytest

from nom.activities.db import Pool
from nom.activities.ledger import Ledger
from nom.activities.reader import LedgerReader
from nom.activities.requests import AppendRequest
from nom.audit.invariants import Asked, MatterAsked, MatterRecords
from nom.console.access import Access
from nom.console.invariants import ask_case, ask_ledgers
from nom.console.proof import NoSuchCase
from nom.console.scenario.loading import bundled
from nom.contracts.envelope import PolicyRef, Record
from nom.contracts.ids import parse_stream
from nom.contracts.policy.loader import PolicyNotFound, pack_by_ref
from nom.contracts.policy.pack import PolicyPack
from tests.conftest_postgres import ForceDatabase
from tests.console.office import Office

NETWORK = "01"
SCENARIOS = {scenario.id: scenario for scenario in bundled()}


@functools.cache
def worked(scenario_id: str) -> tuple[str, tuple[Record, ...]]:
    """The first case of a worked scenario, and every record that it leaves."""
    office = Office(next(scenario for scenario in SCENARIOS.values() if scenario.id.startswith(scenario_id)))
    office.run()
    return office.case, tuple(office.all_records())


def asked_of(case: str, records: Iterable[Record]) -> MatterAsked:
    """The invariants asked of a case, everything else of the records beside it."""
    matter = MatterRecords(case)
    for record in records:
        matter.take(record)
    return matter.judged()


def number(asked: MatterAsked, of: int) -> Asked:
    return next(item for item in asked.invariants if item.number == of)


def own(case: str, records: Iterable[Record]) -> tuple[Record, ...]:
    return tuple(record for record in records if parse_stream(record.stream).case == case)


@pytest.mark.parametrize("scenario_id", SCENARIOS)
def test_nothing_is_violated_in_a_worked_case_and_what_holds_was_looked_at(scenario_id: str) -> None:
    case, records = worked(scenario_id)
    asked = asked_of(case, records)
    assert asked.found == ()
    assert [item.number for item in asked.invariants] == list(range(1, 26))
    for item in asked.invariants:
        assert (item.verdict == "holds") == (item.processes > 0 and not item.not_looked_at), item
    assert {number(asked, 18).verdict, number(asked, 25).verdict} == {"holds"}


def test_a_case_without_the_process_is_not_said_to_keep_its_invariant() -> None:
    asked = asked_of(*worked(NETWORK))
    assert number(asked, 8).verdict == "not_looked_at"
    assert number(asked, 8).not_looked_at == ("there is no closure",)
    assert number(asked, 10).not_looked_at == ("there is no designation",)


def test_a_group_that_is_not_at_hand_leaves_its_invariant_open_and_is_asked_for() -> None:
    case, records = worked(NETWORK)
    assert number(asked_of(case, records), 9).verdict == "holds"
    assert [stream.partition("-")[0] for stream in asked_of(case, records).beside] == ["nca/group"]
    alone = asked_of(case, own(case, records))
    (group,) = alone.absent
    assert group.startswith("nca/group-")
    assert number(alone, 9).verdict == "not_looked_at"
    assert number(alone, 9).not_looked_at == (f"{group}: its records are not at hand",)


def test_a_record_that_was_taken_out_is_missed_by_the_invariants_that_need_it() -> None:
    case, records = worked(NETWORK)
    gone = next(record for record in records if record.type == "referral_acknowledged.v1")
    asked = asked_of(case, (record for record in records if record is not gone))
    assert {of for of, _ in asked.found} == {1, 25}
    assert number(asked, 1).verdict == "violated"
    (after, *_) = number(asked, 25).found
    assert (after.stream, after.seq) == (gone.stream, gone.seq + 1)
    assert after.words == f"stands at place {gone.seq} and says {gone.seq + 1}"


def test_nothing_is_said_of_a_process_with_a_record_that_cannot_be_read() -> None:
    case, records = worked(NETWORK)
    broken = next(record for record in records if record.type == "charge_authorised.v1")
    odd = broken.model_copy(update={"payload": '{"type": "nobody_knows.v1"}'})
    asked = asked_of(case, (odd if record is broken else record for record in records))
    assert [(item.stream, item.seq) for item in asked.unreadable] == [(broken.stream, broken.seq)]
    for of in (21, 22, 23, 18, 25):
        assert number(asked, of).verdict == "not_looked_at"
        assert f"{broken.stream}: its record {broken.seq} can't be read" in number(asked, of).not_looked_at
    assert number(asked, 1).verdict == "holds"


def test_an_invariant_under_a_pack_that_nobody_holds_is_not_said_to_hold() -> None:
    case, records = worked(NETWORK)
    lost = next(record.policy for record in records if record.type == "charge_authorised.v1")

    def pack_of(ref: PolicyRef) -> PolicyPack:
        if ref == lost:
            raise PolicyNotFound("no pack of that version")
        return pack_by_ref(ref)

    matter = MatterRecords(case)
    for record in records:
        matter.take(record)
    asked = matter.judged(pack_of)
    assert number(asked, 10).verdict == "not_looked_at"
    assert "no pack of that version" in " ".join(number(asked, 18).not_looked_at)
    assert number(asked, 25).verdict == "violated"


class OneLedger:
    """Every namespace in one ledger, as the console reaches it."""

    def __init__(self, pool: Pool, *namespaces: str) -> None:
        self._reader = LedgerReader(pool)
        self._namespaces = namespaces

    def namespaces(self) -> tuple[str, ...]:
        return self._namespaces

    async def reader(self, _namespace: str) -> LedgerReader:
        return self._reader


async def kept(pool: Pool, records: Iterable[Record]) -> None:
    """Append records as their commands made them."""
    ledger = Ledger(pool)
    commands: dict[object, list[Record]] = {}
    for record in records:
        commands.setdefault((record.stream, record.command_id), []).append(record)
    for made in commands.values():
        first = made[0]
        await ledger.append(AppendRequest(stream=first.stream, expected_seq=first.seq - 1, records=tuple(made)))


async def test_a_whole_ledger_is_asked_case_by_case_and_what_was_taken_out_is_named(
    own_pool: Pool, own_database: ForceDatabase
) -> None:
    case, records = worked(NETWORK)
    await kept(own_pool, records)
    access = cast("Access", OneLedger(own_pool, "gmp", "nca"))
    tally = await ask_ledgers(access, ("gmp",))
    cases = {parse_stream(record.stream).case for record in records}
    assert (tally.matters, tally.records, tally.is_clean) == (len(cases), len(records), True)
    assert tally.holds[9] >= 1
    assert tally.holds[25] == len(cases)
    assert tally.without[8] == len(cases)

    connection = await asyncpg.connect(own_database.admin)
    await connection.execute("ALTER TABLE ledger.record DISABLE TRIGGER ALL")
    gone = f"DELETE FROM ledger.record WHERE type = 'referral_acknowledged.v1' AND stream LIKE '{case}/%'"
    assert await connection.execute(gone) == "DELETE 1"
    await connection.close()
    tally = await ask_ledgers(access, ("gmp",))
    assert not tally.is_clean
    assert {(item.number, item.matter) for item in tally.found} == {(1, case), (25, case)}
    asked, read = await ask_case(access, case)
    assert {of for of, _ in asked.found} == {1, 25}
    assert number(asked, 9).verdict == "holds", "the group was read beside the case"
    assert any(stream.startswith("nca/group-") for stream in read)


async def test_a_group_of_a_ledger_that_nobody_serves_stays_open(own_pool: Pool) -> None:
    case, records = worked(NETWORK)
    await kept(own_pool, own(case, records))
    asked, read = await ask_case(cast("Access", OneLedger(own_pool, "gmp")), case)
    assert number(asked, 9).verdict == "not_looked_at"
    assert all(stream.startswith(case) for stream in read)
    with pytest.raises(NoSuchCase):
        await ask_case(cast("Access", OneLedger(own_pool, "gmp")), "gmp/no-such-case")
