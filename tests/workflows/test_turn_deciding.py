"""How often a turn decides: once for a command that was checked before, and anew where anything has changed since."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio import workflow

from nom.activities.requests import AppendRequest, ReadSince
from nom.contracts.envelope import Appended, AppendOutcome, CommandEnvelope, Receipt, Record, seal
from nom.contracts.events import EventBase
from nom.contracts.ids import ProcessKind
from nom.workflows.model.process import Decision, Facts
from nom.workflows.model.referral import ReferralState
from nom.workflows.operating_model import MODELS
from nom.workflows.turn import Turn
from tests.matters import a_matter, ago, note, receive


class TurnOfAMemory(Turn[ReferralState]):
    """A turn whose ledger is a list of answers; without any left it takes whatever it is given."""

    def __init__(self, stream: str) -> None:
        referral = MODELS[ProcessKind.REFERRAL]
        super().__init__(replace(referral, decide=self._counted(referral.decide)), stream, None)
        self.decided = 0
        self.answers: list[AppendOutcome] = []

    def _counted(self, decide: Callable[..., Decision]) -> Callable[..., Decision]:
        def counted(state: ReferralState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
            self.decided += 1
            return decide(state, request, facts)

        return counted

    async def _call(self, name: str, argument: AppendRequest | ReadSince) -> AppendOutcome:
        assert isinstance(argument, AppendRequest), name
        if self.answers:
            return self.answers.pop(0)
        digests = tuple(record.digest for record in argument.records)
        return AppendOutcome(appended=Appended(digests=digests, recorded_at=datetime.now(UTC), again=False))

    def records_of(self, request: CommandEnvelope[Any]) -> tuple[tuple[Record, ...], tuple[EventBase, ...]]:
        """The records of a command, as another would have written them at this place."""
        decided = self._decide(request)
        assert isinstance(decided, tuple)
        return seal(request, decided, self._policy(request), self.seq, self.head), decided


@pytest.fixture
async def turn(monkeypatch: pytest.MonkeyPatch) -> TurnOfAMemory:
    """The turn of a referral that was opened."""
    monkeypatch.setattr(workflow, "now", lambda: datetime.now(UTC))
    case = a_matter()
    opened = TurnOfAMemory(f"{case}/referral-1")
    await taken(opened, receive(case, ago(hours=1), brought_in=True))
    opened.decided = 0
    return opened


async def taken(turn: TurnOfAMemory, request: CommandEnvelope[Any]) -> Receipt:
    """A command on its ordinary way: checked, and taken as the copy that the engine makes of it."""
    turn.check(request)
    return await turn.take(request.model_copy(deep=True))


def a_note(turn: TurnOfAMemory, text: str) -> CommandEnvelope[Any]:
    return note(turn.stream.removesuffix("/referral-1"), text)


async def test_what_was_checked_is_not_decided_a_second_time(turn: TurnOfAMemory) -> None:
    receipt = await taken(turn, a_note(turn, "seen"))
    assert (receipt.events, turn.decided) == (("note_recorded.v1",), 1)


async def test_a_replay_in_which_nothing_is_checked_decides_the_same(turn: TurnOfAMemory) -> None:
    request = a_note(turn, "seen")
    (record,), _ = turn.records_of(request)
    turn.decided = 0
    receipt = await turn.take(request)
    assert (receipt.digest, turn.decided) == (record.digest, 1)


async def test_another_command_than_the_one_that_was_checked_is_decided(turn: TurnOfAMemory) -> None:
    checked, other = a_note(turn, "the first"), a_note(turn, "the second")
    turn.check(checked)
    receipt = await turn.take(other)
    assert (receipt.command_digest, turn.decided) == (other.content_digest(), 2)
    (record,), _ = turn.records_of(checked)
    turn.decided = 0
    assert ((await turn.take(checked)).digest, turn.decided) == (record.digest, 1)


async def test_the_same_id_with_another_content_is_decided(turn: TurnOfAMemory) -> None:
    checked = a_note(turn, "the first")
    turn.check(checked)
    other = a_note(turn, "the second").model_copy(update={"command_id": checked.command_id})
    assert (await turn.take(other)).command_digest == other.content_digest()


async def test_after_another_command_was_taken_in_between_it_is_decided_anew(turn: TurnOfAMemory) -> None:
    waiting = a_note(turn, "waiting")
    turn.check(waiting)
    await turn.take(a_note(turn, "in between"))
    turn.decided = 0
    receipt = await turn.take(waiting)
    assert (receipt.last_seq, turn.decided) == (turn.seq, 1)


async def test_records_that_the_process_had_not_seen_make_it_decide_anew(turn: TurnOfAMemory) -> None:
    unseen, _ = turn.records_of(a_note(turn, "written by another run"))
    turn.decided = 0
    turn.answers = [AppendOutcome(moved_on=unseen)]
    receipt = await taken(turn, a_note(turn, "mine"))
    assert (receipt.first_seq, turn.decided) == (unseen[-1].seq + 1, 2)
