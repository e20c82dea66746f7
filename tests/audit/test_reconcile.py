"""Two accounts of real processes: they agree as they stand, and whatever is taken from either is named."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from temporalio.api.history.v1 import HistoryEvent

from nom.audit.histories import Run, runs_of
from nom.audit.reconcile import HandOffLook, HandOffsReconciled, StreamReconciled, reconcile_stream
from nom.audit.reconciler import Reconciler
from nom.console.access import Access
from nom.console.proof import NoSuchCase
from nom.console.reconciling import reconcile_all, reconcile_matter
from nom.contracts.envelope import AppendOutcome, Record
from tests.matters import a_matter, acknowledge, ago, handed_on, note, receive, record_crime, records

pytestmark = pytest.mark.engine


@pytest.fixture(scope="session")
async def matter(access: Access) -> str:
    """A matter whose referral has opened its case: at least one hand-off in each direction."""
    case = a_matter()
    await access.client.submit(receive(case, ago(hours=3), brought_in=True))
    await access.client.submit(acknowledge(case, ago(hours=2)))
    await access.client.submit(record_crime(case, ago(hours=2)))
    await handed_on(await access.reader("gmp"), case)
    await access.client.submit(note(case, "so that the last answer is in the history"))
    return case


@pytest.fixture(scope="session")
async def runs(matter: str, access: Access) -> tuple[Run, ...]:
    client = await access.client.engine("gmp")
    return await runs_of(client, await access.seals("gmp"), f"{matter}/referral-1")


@pytest.fixture(scope="session")
async def held(matter: str, access: Access) -> tuple[Record, ...]:
    return tuple([item.record for item in await records(await access.reader("gmp"), f"{matter}/referral-1")])


@pytest.fixture(scope="session")
async def everything(matter: str, access: Access) -> tuple[Record, ...]:
    """The records of every process of the matter."""
    return tuple([item.record async for item in (await access.reader("gmp")).case_records(matter)])


async def test_a_matter_agrees_in_every_process_and_hand_off(matter: str, access: Access) -> None:
    found = await reconcile_matter(access, matter)
    assert found.agrees
    assert {one.stream for one in found.streams} == {f"{matter}/case", f"{matter}/referral-1"}
    assert all(one.appends and one.records > 2 and not one.unknown for one in found.streams)
    assert found.hand_offs.made == found.hand_offs.accepted > 0
    assert found.hand_offs.waiting == found.hand_offs.refused == 0


async def test_a_case_that_is_not_there_is_no_agreement(access: Access) -> None:
    with pytest.raises(NoSuchCase, match="gmp/no-such-case"):
        await reconcile_matter(access, "gmp/no-such-case")


async def test_every_ledger_of_the_stack_agrees_with_its_engine(matter: str, access: Access) -> None:
    looked: list[tuple[int, int]] = []
    found = await reconcile_all(access, access.namespaces(), lambda done, of: looked.append((done, of)))
    assert found.agrees, [one.disagreements for one in found.streams if one.disagreements]
    assert looked[-1] == (len(found.streams), len(found.streams))


async def test_the_workers_own_reconciler_looks_at_what_has_grown(matter: str, access: Access) -> None:
    client, reader = await access.client.engine("gmp"), await access.reader("gmp")
    reconciler = Reconciler(client, await access.seals("gmp"), reader)
    await reconciler.run_once()
    await access.client.submit(note(matter, "something new"))
    found: dict[str, StreamReconciled] = {}
    async with asyncio.timeout(30):
        while f"{matter}/referral-1" not in found:
            found |= {one.stream: one for one in await reconciler.run_once()}
            await asyncio.sleep(0.2)
    assert found.keys() <= {f"{matter}/referral-1", f"{matter}/case"}
    assert all(one.disagreements == () for one in found.values())


STREAM = "gmp/26-x/referral-1"


def words_of(runs: Sequence[Run], held: Sequence[Record]) -> list[str]:
    return [item.words for item in reconcile_stream(STREAM, runs, held).disagreements]


async def test_whole_accounts_agree(runs: tuple[Run, ...], held: tuple[Record, ...]) -> None:
    result = reconcile_stream(STREAM, runs, held)
    assert (result.disagreements, result.in_flight, result.unknown) == ((), 0, 0)


async def test_a_record_taken_from_the_ledger_is_missed(runs: tuple[Run, ...], held: tuple[Record, ...]) -> None:
    (words,) = words_of(runs, (*held[:2], *held[3:]))
    assert "does not hold 1 of them" in words
    assert held[2].digest[:12] in words


async def test_a_record_that_no_process_appended_is_named(runs: tuple[Run, ...], held: tuple[Record, ...]) -> None:
    forged = held[1].model_copy(update={"digest": "f" * 64})
    result = reconcile_stream(STREAM, runs, (held[0], forged, *held[1:]))
    assert [(item.seq, item.words) for item in result.disagreements] == [
        (held[1].seq, "the record comes from no append of any run")
    ]


async def test_a_record_put_in_the_place_of_another_is_named_from_both_sides(
    runs: tuple[Run, ...], held: tuple[Record, ...]
) -> None:
    forged = held[1].model_copy(update={"digest": "f" * 64})
    first, second = words_of(runs, (held[0], forged, *held[2:]))
    assert "does not hold 1 of them" in first
    assert second == "the record comes from no append of any run"


async def test_the_newest_records_of_a_running_process_may_be_on_their_way(
    runs: tuple[Run, ...], held: tuple[Record, ...]
) -> None:
    last = held[-1]
    newer = last.model_copy(update={"seq": last.seq + 1, "digest": "e" * 64})
    result = reconcile_stream(STREAM, runs, (*held, newer))
    assert (result.in_flight, result.disagreements) == (1, ())
    ended = tuple(run._replace(is_whole=True) for run in runs)
    assert len(reconcile_stream(STREAM, ended, (*held, newer)).disagreements) == 1


async def test_a_process_whose_histories_are_gone_is_unknown_and_not_in_order(held: tuple[Record, ...]) -> None:
    result = reconcile_stream(STREAM, (), held)
    assert (result.unknown, result.disagreements) == (len(held), ())


async def test_a_record_that_stands_twice_is_named(runs: tuple[Run, ...], held: tuple[Record, ...]) -> None:
    assert any("holds 2 records" in words for words in words_of(runs, (*held, held[1])))


def in_markers(runs: Sequence[Run], change: Callable[[HistoryEvent, AppendOutcome], object]) -> list[Run]:
    """The same runs with something else in the markers that say what was appended."""
    changed: list[Run] = []
    for run in runs:
        events = [HistoryEvent.FromString(event.SerializeToString()) for event in run.events]
        for event in events:
            result = event.marker_recorded_event_attributes.details.get("result")
            if result is not None and b'"appended":{' in result.payloads[0].data:
                change(event, AppendOutcome.model_validate_json(result.payloads[0].data))
        changed.append(run._replace(events=events))
    return changed


async def test_records_that_a_process_found_in_its_ledger_are_not_counted_as_appended(
    runs: tuple[Run, ...], held: tuple[Record, ...]
) -> None:
    by_digest = {record.digest: record for record in held}
    found: list[str] = []

    def find(event: HistoryEvent, outcome: AppendOutcome) -> None:
        if outcome.appended is not None and not found:
            found.extend(outcome.appended.digests)
            there = AppendOutcome(moved_on=tuple(by_digest[digest] for digest in found))
            event.marker_recorded_event_attributes.details["result"].payloads[0].data = there.canonical()

    result = reconcile_stream(STREAM, in_markers(runs, find), held)
    assert (result.unknown, result.disagreements) == (len(found), ())
    assert found


async def test_a_marker_in_which_nothing_can_be_read_is_named(runs: tuple[Run, ...], held: tuple[Record, ...]) -> None:
    numbers: list[int] = []

    def spoil(event: HistoryEvent, _outcome: AppendOutcome) -> None:
        details = event.marker_recorded_event_attributes.details
        match len(numbers) % 3:
            case 0:
                details["data"].ClearField("payloads")
            case 1:
                del details["result"]
            case _:
                details["data"].payloads[0].data = b"[]"
        numbers.append(event.event_id)

    words = words_of(in_markers(runs, spoil), held)
    assert len(numbers) > 2
    assert [f"event {number} can't be read" for number in numbers] == words[: len(numbers)]


def hand_offs_of(held: Sequence[Record]) -> HandOffsReconciled:
    look = HandOffLook()
    for record in held:
        look.take(record)
    return look.result(every_ledger=True)


def without(held: Sequence[Record], kind: str) -> tuple[Record, ...]:
    """The records without those of a type, or of a command."""
    return tuple(record for record in held if kind not in (record.type, record.command))


async def test_hand_offs_of_a_whole_matter_agree(everything: tuple[Record, ...]) -> None:
    assert hand_offs_of(everything).disagreements == ()


@pytest.mark.parametrize(
    ("taken", "says"),
    [
        ("hand_off_made.v1", {"the answer is to nothing that was handed on", "was received, and nobody handed it on"}),
        ("OpenCase", {"its ledger knows nothing of it"}),
    ],
)
async def test_an_end_of_a_hand_off_that_was_taken_away_is_missed(
    taken: str, says: set[str], everything: tuple[Record, ...]
) -> None:
    found = [item.words for item in hand_offs_of(without(everything, taken)).disagreements]
    for part in says:
        assert any(part in words for words in found), found


async def test_an_answer_that_stands_twice_is_named(everything: tuple[Record, ...]) -> None:
    answer = next(record for record in everything if record.type == "hand_off_acknowledged.v1")
    found = hand_offs_of((*everything, answer))
    assert any("answered 2 times" in item.words for item in found.disagreements)


async def test_a_hand_off_that_was_received_or_made_or_answered_by_a_second_process_is_named(
    everything: tuple[Record, ...],
) -> None:
    made = next(record for record in everything if record.type == "hand_off_made.v1")
    answer = next(record for record in everything if record.type == "hand_off_acknowledged.v1")
    received = next(record for record in everything if record.command == "OpenCase")
    for record, says in (
        (made, "handed on under an id that was used before"),
        (received, f"was received before, by {received.stream}"),
        (answer, "stands in another process than the one that handed it on"),
    ):
        strange = record.model_copy(update={"stream": "gmp/26-strange/case"})
        others = tuple(one for one in everything if one is not answer or record is not answer)
        found = hand_offs_of((*others, strange)).disagreements
        assert any(says in item.words and item.stream == strange.stream for item in found), (says, found)


async def test_a_hand_off_without_an_answer_waits(everything: tuple[Record, ...]) -> None:
    found = hand_offs_of(without(everything, "hand_off_acknowledged.v1"))
    assert found.waiting == found.made > 0
    assert found.disagreements == ()
