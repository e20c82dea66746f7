import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from temporalio.exceptions import ApplicationError

from nom.activities.db import Pool
from nom.activities.errors import LedgerForked, LedgerGap, LedgerRejected
from nom.activities.ledger import Ledger, LedgerActivities
from nom.activities.reader import LedgerReader
from nom.activities.requests import PAGE, AppendRequest, ReadSince
from nom.activities.rows import entry_of
from nom.contracts.envelope import Appended
from tests.activities.records import SUBMITTED, append_of, asked, chain_holds, following, kept, new_stream


@pytest.fixture
def ledger(worker_pool: Pool) -> Ledger:
    return Ledger(worker_pool)


@pytest.fixture
def reader(worker_pool: Pool) -> LedgerReader:
    return LedgerReader(worker_pool)


async def appended(ledger: Ledger, request: AppendRequest) -> Appended:
    outcome = await ledger.append(request)
    assert outcome.appended is not None
    return outcome.appended


async def test_a_command_is_given_back_as_it_was_sealed(ledger: Ledger, reader: LedgerReader) -> None:
    request = append_of(asked(new_stream()), "first", "second", "third")
    receipt = await appended(ledger, request)
    assert not receipt.again
    assert receipt.digests == tuple(record.digest for record in request.records)
    stored = [each async for each in reader.stream(request.stream)]
    assert tuple(each.record for each in stored) == request.records
    assert {each.recorded_at for each in stored} == {receipt.recorded_at}
    assert chain_holds(tuple(each.record for each in stored))


async def test_a_command_without_rank_force_or_reason_is_given_back_without(
    ledger: Ledger, reader: LedgerReader
) -> None:
    bare = asked(new_stream(), reason=None)
    bare = bare.model_copy(
        update={"actor": bare.actor.model_copy(update={"rank": None, "force": None, "on_behalf_of": None})}
    )
    request = append_of(bare, "first")
    await ledger.append(request)
    assert await kept(reader, request.stream) == request.records


async def test_an_append_that_is_repeated_gets_the_first_receipt(ledger: Ledger, reader: LedgerReader) -> None:
    request = append_of(asked(new_stream()), "first", "second")
    first = await appended(ledger, request)
    second = await appended(ledger, request)
    assert second.again
    assert (second.digests, second.recorded_at) == (first.digests, first.recorded_at)
    assert await kept(reader, request.stream) == request.records


async def test_an_append_that_is_repeated_after_the_stream_went_on_gets_the_first_receipt(ledger: Ledger) -> None:
    opening = append_of(asked(new_stream()), "first")
    second = following(opening, "second", "third")
    await ledger.append(opening)
    receipt = await appended(ledger, second)
    await ledger.append(following(second, "fourth"))
    repeated = await appended(ledger, second)
    assert repeated == receipt.model_copy(update={"again": True})


async def test_a_writer_that_missed_records_is_given_them(ledger: Ledger, reader: LedgerReader) -> None:
    opening = append_of(asked(new_stream()), "first")
    seen = following(opening, "second", "third")
    await ledger.append(opening)
    await ledger.append(seen)
    outcome = await ledger.append(following(opening, "late"))
    assert outcome.appended is None
    assert outcome.moved_on == seen.records
    assert await kept(reader, opening.stream) == opening.records + seen.records


async def test_a_writer_that_missed_many_records_is_given_a_page_of_them(ledger: Ledger) -> None:
    opening = append_of(asked(new_stream()), *(f"word {number}" for number in range(PAGE + 50)))
    await ledger.append(opening)
    outcome = await ledger.append(append_of(asked(opening.stream), "late"))
    assert outcome.moved_on == opening.records[:PAGE]


async def test_a_command_already_recorded_from_another_delivery_is_given_back(ledger: Ledger) -> None:
    stream, command = new_stream(), uuid4()
    first = append_of(asked(stream, command=command), "first")
    await ledger.append(first)
    again = append_of(asked(stream, command=command, submitted=SUBMITTED + timedelta(seconds=1)), "first")
    outcome = await ledger.append(again)
    assert outcome.moved_on == first.records


@pytest.mark.parametrize("now", [("other",), ("first", "other"), ("first",), ("first", "second", "third")])
async def test_one_delivery_decided_in_two_ways_is_a_fork(
    ledger: Ledger, reader: LedgerReader, now: tuple[str, ...]
) -> None:
    request = asked(new_stream())
    recorded = append_of(request, "first", "second")
    await ledger.append(recorded)
    with pytest.raises(LedgerForked):
        await ledger.append(append_of(request, *now))
    assert await kept(reader, request.stream) == recorded.records


async def test_a_writer_that_follows_another_past_is_a_fork(ledger: Ledger, reader: LedgerReader) -> None:
    opening = append_of(asked(new_stream()), "first")
    await ledger.append(opening)
    imagined = append_of(asked(opening.stream), "imagined")
    with pytest.raises(LedgerForked):
        await ledger.append(following(imagined, "second"))
    assert await kept(reader, opening.stream) == opening.records


async def test_a_writer_ahead_of_the_ledger_is_a_gap(ledger: Ledger, reader: LedgerReader) -> None:
    opening = append_of(asked(new_stream()), "first")
    unseen = following(opening, "second")
    await ledger.append(opening)
    with pytest.raises(LedgerGap):
        await ledger.append(following(unseen, "third"))
    assert await kept(reader, opening.stream) == opening.records


async def _insist(ledger: Ledger, stream: str, words: tuple[str, ...], command: int) -> None:
    """Append one command as a process does: fold in what was missed, then try again."""
    seq, previous = 0, None
    request = asked(stream, reason=f"writer {command}")
    while True:
        outcome = await ledger.append(append_of(request, *words, after=seq, previous=previous))
        if outcome.appended is not None:
            assert not outcome.appended.again
            return
        assert outcome.moved_on
        seq, previous = outcome.moved_on[-1].seq, outcome.moved_on[-1].digest


async def test_eight_writers_on_one_stream_each_record_every_command_once(ledger: Ledger, reader: LedgerReader) -> None:
    stream = new_stream()

    async def writer(number: int) -> None:
        for turn in range(8):
            await _insist(ledger, stream, ("one", "two", "three")[: 1 + (number + turn) % 3], number)

    await asyncio.gather(*(writer(number) for number in range(8)))
    records = await kept(reader, stream)
    assert chain_holds(records)
    assert len({record.command_id for record in records}) == 64
    assert len(records) == sum(1 + (number + turn) % 3 for number in range(8) for turn in range(8))


async def test_a_writer_that_waited_for_a_place_that_was_given_up_takes_it(ledger: Ledger, worker_pool: Pool) -> None:
    stream = new_stream()
    mine, theirs = append_of(asked(stream), "mine"), append_of(asked(stream), "theirs", "theirs")
    async with worker_pool.acquire() as other:
        transaction = other.transaction()
        await transaction.start()
        await other.fetchrow(
            "SELECT * FROM ledger.append($1, $2, $3)", stream, 0, [entry_of(record) for record in theirs.records]
        )
        waiting = asyncio.create_task(ledger.append(mine))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await transaction.rollback()
        outcome = await waiting
    assert outcome.appended is not None
    assert not outcome.appended.again


async def test_a_writer_that_waited_for_a_place_that_was_taken_is_given_the_records(
    ledger: Ledger, worker_pool: Pool
) -> None:
    stream = new_stream()
    mine, theirs = append_of(asked(stream), "mine", "mine"), append_of(asked(stream), "theirs")
    async with worker_pool.acquire() as other, asyncio.TaskGroup() as tasks:
        transaction = other.transaction()
        await transaction.start()
        await other.fetchrow(
            "SELECT * FROM ledger.append($1, $2, $3)", stream, 0, [entry_of(record) for record in theirs.records]
        )
        waiting = tasks.create_task(ledger.append(mine))
        await asyncio.sleep(0.1)
        await transaction.commit()
    assert waiting.result().moved_on == theirs.records
    assert await ledger.since(stream, 0) == theirs.records


def test_an_append_whose_records_do_not_follow_each_other_is_not_made() -> None:
    request = append_of(asked(new_stream()), "first", "second", "third")
    first, second, third = request.records
    other = append_of(asked(new_stream()), "first").records
    for records, expected in (
        ((first, third), 0),
        ((second,), 0),
        ((second,), 2),
        (other, 0),
        ((first, following(append_of(asked(request.stream), "x"), "y").records[0]), 0),
        ((first.model_copy(update={"event_id": uuid4()}),), 0),
        ((), 0),
    ):
        with pytest.raises(ValidationError):
            AppendRequest(stream=request.stream, expected_seq=expected, records=records)


def test_an_append_of_two_commands_is_not_made() -> None:
    opening = append_of(asked(new_stream()), "first")
    records = opening.records + following(opening, "second").records
    with pytest.raises(ValidationError, match="another command"):
        AppendRequest(stream=opening.stream, expected_seq=0, records=records)


async def test_the_database_itself_refuses_records_that_do_not_follow_each_other(worker_pool: Pool) -> None:
    stream = new_stream()
    first, second, third = append_of(asked(stream), "first", "second", "third").records
    broken = second.model_copy(update={"previous": "b" * 64})
    for expected, records in ((0, (first, third)), (0, (first, broken)), (1, (first,)), (0, ())):
        with pytest.raises(asyncpg.PostgresError):
            await worker_pool.fetchrow(
                "SELECT * FROM ledger.append($1, $2, $3)", stream, expected, [entry_of(record) for record in records]
            )
    assert await Ledger(worker_pool).since(stream, 0) == ()


async def test_a_payload_without_its_digest_is_rejected(ledger: Ledger) -> None:
    request = append_of(asked(new_stream()), "first")
    (record,) = request.records
    swapped = AppendRequest.model_construct(
        stream=request.stream, expected_seq=0, records=(record.model_copy(update={"payload": "{}"}),)
    )
    with pytest.raises(LedgerRejected):
        await ledger.append(swapped)


async def test_what_no_retry_mends_leaves_the_activity_under_its_code(ledger: Ledger) -> None:
    activities = LedgerActivities(ledger)
    request = asked(new_stream())
    await activities.append(append_of(request, "first"))
    with pytest.raises(ApplicationError) as forked:
        await activities.append(append_of(request, "other"))
    assert (forked.value.type, forked.value.non_retryable) == ("ledger_forked", True)
    with pytest.raises(ApplicationError) as gap:
        await activities.append(following(following(append_of(request, "first"), "second"), "third"))
    assert (gap.value.type, gap.value.non_retryable) == ("ledger_gap", True)
    assert gap.value.__cause__ is None


async def test_a_stream_is_read_on_from_where_its_reader_stands(ledger: Ledger) -> None:
    activities = LedgerActivities(ledger)
    opening = append_of(asked(new_stream()), "first", "second", "third")
    await activities.append(opening)
    page = await activities.read_since(ReadSince(stream=opening.stream, after=1))
    assert page.moved_on == opening.records[1:]
    assert (await activities.read_since(ReadSince(stream=opening.stream, after=3))).moved_on == ()


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(ANY_TEXT, min_size=1, max_size=3), reason=ANY_TEXT.filter(lambda text: bool(text.strip())))
async def test_every_text_comes_back_as_it_was_written(
    ledger: Ledger, reader: LedgerReader, words: list[str], reason: str
) -> None:
    request = append_of(asked(new_stream(), reason=reason), *words)
    await ledger.append(request)
    records = await kept(reader, request.stream)
    assert records == request.records
    assert chain_holds(records)
