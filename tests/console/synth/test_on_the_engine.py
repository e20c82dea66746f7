"""Synthetic cases on the real engine: every answer is the expected one, and a run that was broken off goes on."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nom.console.access import Access
from nom.console.client import NomClient
from nom.console.scenario.runner import ForceNotServed
from nom.console.synth.lines import Line, write_lines
from nom.console.synth.making import rounds
from nom.console.synth.plan import Order
from nom.console.synth.running import Run, give, rounds_of
from nom.contracts.envelope import CommandEnvelope, Receipt, Record, StoredRecord
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import Stack
from tests.conftest_stack import short_folder
from tests.console.command_line import nom
from tests.console.synth.replaying import Replay

pytestmark = pytest.mark.engine

ORDER = Order(seed=36, forces=("GMP", "SWP"))
COUNT = 12
BY_ITSELF = {"ClockRanOut", "EscalateBreach"}
"""What a matter that was marked up to date goes on to do by wall time; what follows from it is later than the order."""


@pytest.fixture(scope="module")
async def access() -> AsyncIterator[Access]:
    """One force in England, one in Wales, and the National Crime Agency."""
    with short_folder() as path:
        async with (
            Stack(DataFolder(path), ["GMP", "SWP"], sandboxed=True) as running,
            Access(running.folder) as reached,
        ):
            yield reached


@pytest.fixture(scope="module")
def lines() -> tuple[Line, ...]:
    return tuple(line for part in rounds(ORDER, COUNT) for line in part)


class Cut(Exception):
    """The worker that gives the cases is gone."""


async def recorded(access: Access) -> list[Record]:
    """Every record of every ledger, but for what live matters do by wall time."""
    found: list[Record] = []
    for namespace in access.namespaces():
        reader = await access.reader(namespace)
        found += [stored.record async for stored in reader.all_records() if isinstance(stored, StoredRecord)]
    return [record for record in found if record.command not in BY_ITSELF and record.submitted_at <= ORDER.end]


def by_command(records: list[Record]) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Of every command the stream, the type and the types of its events, by id."""
    found: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    for record in sorted(records, key=lambda record: (record.stream, record.seq)):
        stream, command, types = found.get(str(record.command_id), (record.stream, record.command, ()))
        found[str(record.command_id)] = (stream, command, (*types, record.type))
    return found


class Given(NamedTuple):
    """The two runs, the first of which was cut, and what the ledgers held after the second."""

    second: Run
    held: dict[str, tuple[str, str, tuple[str, ...]]]


@pytest.fixture(scope="module")
async def given(access: Access, lines: tuple[Line, ...]) -> Given:
    """The cases are given, the run is cut half way, and they are given again."""
    honest, allowed = NomClient.submit, len(lines) // 2

    async def cut_short(client: NomClient, request: CommandEnvelope[Any]) -> Receipt:
        nonlocal allowed
        allowed -= 1
        receipt = await honest(client, request)
        if allowed < 0:
            # The command was taken, and nobody hears of it.
            raise Cut
        return receipt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(NomClient, "submit", cut_short)
        with pytest.raises(Cut):
            await give(rounds_of(lines), access)
    second = await give(rounds_of(lines), access)
    return Given(second, by_command(await recorded(access)))


def test_a_run_that_is_cut_is_gone_on_with_and_every_answer_is_the_expected_one(
    given: Given, lines: tuple[Line, ...]
) -> None:
    assert [difference.words() for difference in given.second.differences] == []
    assert given.second.cases == COUNT
    assert given.second.again > len(lines) // 3
    assert given.second.given + given.second.again == len(lines)


def test_the_ledgers_hold_what_the_file_expects_and_nothing_else(given: Given, lines: tuple[Line, ...]) -> None:
    replay = Replay().give(lines)
    assert replay.differences == []
    expected = by_command(replay.all_records())
    asked = {line.identity for line in lines if line.expect.events}
    assert {key: given.held.get(key) for key in asked} == {key: expected[key] for key in asked}
    # Two cases may answer a group in either order, and what it hands on then has the other's number.
    handed_on = [Counter(what for key, what in found.items() if key not in asked) for found in (given.held, expected)]
    assert handed_on[0] == handed_on[1]


async def test_given_again_it_adds_nothing(
    access: Access, given: Given, lines: tuple[Line, ...], tmp_path: Path
) -> None:
    file = tmp_path / "cases.jsonl"
    write_lines(file, (line.written() for line in lines))
    answer = await nom("synth", "run", file, "--data", access.folder.path, "--json")
    assert answer.code == 0, answer.err
    assert answer.json["differences"] == []
    assert answer.json["again"] > len(lines) * 9 // 10
    after = by_command(await recorded(access))
    assert {key: after.get(key) for key in given.held} == given.held
    assert {line.identity for line in lines if line.expect.events} == after.keys() & {line.identity for line in lines}


async def test_an_answer_that_differs_is_named_and_its_thread_stops(access: Access, lines: tuple[Line, ...]) -> None:
    other = [line for part in rounds(Order(seed=6, forces=("GMP", "SWP")), 2) for line in part]
    first = other[0].model_copy(update={"expect": other[0].expect.model_copy(update={"events": ("another.v1",)})})
    ran = await give(iter([(first, *(line for line in other if line.thread == first.thread))]), access)
    assert [difference.line for difference in ran.differences] == [first]
    assert "expected another; got process_opened" in ran.differences[0].words()
    assert ran.given == 1


async def test_a_force_that_the_stack_does_not_run_is_named(access: Access) -> None:
    with pytest.raises(ForceNotServed, match="not NFK"):
        await give(rounds(Order(seed=5, forces=("NFK",)), 1), access)


async def test_straight_into_a_stack_goes_the_same_way(access: Access) -> None:
    words = ("synth", "3", "--seed", "9", "--forces", "GMP,SWP", "--into-stack", access.folder.path, "--json")
    first = await nom(*words)
    assert first.code == 0, first.err
    assert (first.json["cases"], first.json["again"]) == (3, 0)
    again = await nom(*words)
    assert again.code == 0, again.err
    assert again.json["again"] >= first.json["given"] * 9 // 10
