"""A case at a moment: what was known, what had happened, and what lies between."""

from datetime import UTC, datetime, timedelta

import pytest

from nom.audit.known.account import Account, account_of
from nom.audit.known.acts import lines_by_stream
from nom.audit.known.standing import ClockThen, happened_by, known_by, standing_of
from nom.console.scenario.loading import bundled
from nom.contracts.clocks import ClockStatus
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import parse_stream
from nom.workflows.operating_model import MODELS
from tests.audit.known.records_then import (
    LATE,
    REFERRAL,
    corrected,
    given,
    note_on,
    recorded_in_time_entered_late,
    types,
    worked,
)
from tests.console.recorded import CASE, RECEIVED, a_referral
from tests.matters import record_crime

AFTER = datetime(2027, 6, 1, tzinfo=UTC)


def test_a_breach_stood_as_known_then_though_the_act_had_been_done_in_time() -> None:
    stored = recorded_in_time_entered_late()
    assert {"deadline_breached.v1", "breach_withdrawn.v1"} <= set(types(stored)), "the matter shows what it should"
    account = account_of(CASE, stored, (), LATE + timedelta(minutes=2))
    (process,) = account.processes
    assert process.known is not None
    assert process.happened is not None
    known = {item.clock.rule: item.clock.status for item in process.known.clocks}
    happened = {item.clock.rule: item.clock.status for item in process.happened.clocks}
    assert (known["CR1"], happened["CR1"]) == (ClockStatus.BREACHED, ClockStatus.MET)
    (late,) = account.difference.late_entries
    assert (late.command, late.recorded_at) == ("RecordCrime", RECEIVED + timedelta(hours=1, days=4))
    (gone,) = [item for item in account.difference.withdrawn if item.rule == "CR1"]
    assert gone.withdrawn_at == late.recorded_at
    assert gone.breached_seq < gone.withdrawn_seq
    (differs,) = [item for item in account.difference.differs if item.clock == "cr1"]
    assert differs.known.startswith("breached")
    assert differs.happened.startswith("met")


def test_once_everything_is_entered_both_readings_agree() -> None:
    account = account_of(CASE, recorded_in_time_entered_late(), (), AFTER)
    assert account.processes[0].known == account.processes[0].happened
    assert account.difference.late_entries == account.difference.withdrawn == account.difference.differs == ()


def test_a_running_clock_is_late_as_soon_as_its_moment_has_passed_though_nothing_has_noticed() -> None:
    stored = a_referral().stored
    due = next(item for item in _known(stored, RECEIVED + timedelta(hours=1)) if item.clock.rule == "CR1")
    assert not due.late
    passed = next(item for item in _known(stored, due.clock.due_at + timedelta(minutes=1)) if item.clock.rule == "CR1")
    assert passed.late
    assert passed.words == "running, late"


def _known(stored: list[StoredRecord], at: datetime) -> tuple[ClockThen, ...]:
    process = account_of(CASE, stored, (), at).processes[0].known
    assert process is not None
    return process.clocks


def test_before_the_first_record_there_is_nothing() -> None:
    account = account_of(CASE, a_referral().stored, (), RECEIVED - timedelta(seconds=1))
    assert account.processes == account.decisions == ()
    assert not any(account.difference)


def test_between_the_happening_and_the_typing_a_process_is_not_known() -> None:
    account = account_of(CASE, a_referral().stored, (), RECEIVED)
    (process,) = account.processes
    assert process.known is None
    assert process.happened is not None
    assert [item.known for item in account.difference.differs if item.clock is None] == ["not open"]


def test_a_correction_stands_beside_what_it_corrects_known_or_not() -> None:
    stored = corrected()
    for at, known in ((RECEIVED + timedelta(hours=5), False), (AFTER, True)):
        (item,) = account_of(CASE, stored, (), at).difference.corrections
        assert (item.wrong, item.correction) == ("Note (fact): seen on Monday", "seen on Tuesday")
        assert (item.known, item.reason, item.who) == (known, "misheard", "duty-officer-1")
    assert account_of(CASE, stored, (), RECEIVED + timedelta(minutes=30)).difference.corrections == ()


def test_a_correction_that_was_wrong_itself_is_told_with_its_own_correction() -> None:
    referral = a_referral().take(note_on(REFERRAL, RECEIVED + timedelta(hours=2), "seen on Monday"))
    for days, words in enumerate(("seen on Tuesday", "seen on Wednesday"), start=1):
        wrong = {"type": "CorrectRecord", "wrong_seq": referral.stored[-1].record.seq, "correction": words}
        referral.take(given(REFERRAL, wrong, RECEIVED + timedelta(days=days), reason="misheard"))
    found = account_of(CASE, referral.stored, (), RECEIVED + timedelta(hours=3)).difference.corrections
    assert [(item.correction, item.known) for item in found] == [
        ("seen on Tuesday", False),
        ("seen on Wednesday", False),
    ]
    assert found[1].wrong_seq == found[0].seq


def test_what_was_entered_late_is_told_with_its_correction() -> None:
    referral = a_referral()
    referral.take(note_on(REFERRAL, RECEIVED + timedelta(hours=2), "seen on Monday"), timedelta(days=2))
    wrong = {"type": "CorrectRecord", "wrong_seq": referral.stored[-1].record.seq, "correction": "seen on Tuesday"}
    referral.take(given(REFERRAL, wrong, RECEIVED + timedelta(days=3), reason="misheard"))
    difference = account_of(CASE, referral.stored, (), RECEIVED + timedelta(hours=3)).difference
    (late,) = difference.late_entries
    (correction,) = difference.corrections
    assert (late.first, correction.known) == (correction.wrong_seq, False)


def test_a_note_is_told_as_fact_or_opinion_and_whether_it_was_known() -> None:
    (note,) = account_of(CASE, corrected(), (), RECEIVED + timedelta(hours=2)).difference.notes
    assert (note.says, note.known) == ("Note (fact): seen on Monday", False)


@pytest.mark.parametrize("name", [scenario.id for scenario in bundled()])
def test_every_worked_matter_can_be_told_at_moments_all_through_it(name: str) -> None:
    for case, stored in worked(name).items():
        whole = account_of(case, stored, (), AFTER)
        _agrees_with_the_folds(whole, stored)
        moments = sorted({each.record.occurred_at for each in stored})
        for at in moments[:: max(1, len(moments) // 5)]:
            account = account_of(case, stored, (), at)
            for process in account.processes:
                assert process.known is None or process.known.state is not None, "a beginning always folds"
            late = {(act.stream, act.first) for act in account.difference.late_entries}
            assert late == {
                (item.act.stream, item.act.first)
                for process in account.processes
                for item in process.acts
                if item.happened and not item.known
            } | {key for key in late if _by_system(stored, key)}


def _by_system(stored: list[StoredRecord], key: tuple[str, int]) -> bool:
    return any((each.record.stream, each.record.seq) == key and each.record.actor.role == "system" for each in stored)


def _agrees_with_the_folds(account: Account, stored: list[StoredRecord]) -> None:
    assert {process.stream for process in account.processes} == {each.record.stream for each in stored}
    for process in account.processes:
        model = MODELS[parse_stream(process.stream).kind]
        state = model.blank(process.stream)
        for each in stored:
            if each.record.stream == process.stream:
                state = model.fold(state, each.record)
        assert process.known is not None
        assert process.known.state == state


def test_what_is_known_is_a_beginning_even_where_the_ledgers_clock_was_set_back() -> None:
    stored = a_referral().take(record_crime(CASE, RECEIVED + timedelta(hours=3))).stored
    back = [each.model_copy(update={"recorded_at": RECEIVED}) if n == 2 else each for n, each in enumerate(stored)]
    lines = lines_by_stream(back)[REFERRAL]
    assert known_by(lines, RECEIVED) == ()
    assert len(happened_by(lines, RECEIVED)) > 0


def test_what_rests_on_something_said_to_happen_later_is_not_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = lines_by_stream(a_referral().stored)[REFERRAL]
    model = MODELS[parse_stream(REFERRAL).kind]

    def missing(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr(type(model), "fold_event", missing)
    told = standing_of(REFERRAL, lines, AFTER)
    assert told is not None
    assert (told.status, told.state) == ("can't be told", None)
    assert {item.clock.rule for item in told.clocks} >= {"WT1", "CR1"}
