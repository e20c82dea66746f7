"""What a decision rested on: the reason, the second person, and what the log shows of what had been read before."""

from datetime import timedelta

import pytest

from nom.activities.readings import LoggedReading
from nom.audit.known.account import account_of
from nom.audit.known.decisions import Decision, spans
from nom.audit.known.reading_check import unaccounted
from nom.contracts.envelope import StoredRecord
from tests.audit.known.records_then import REFERRAL, given, logged, note_on, worked
from tests.audit.known.test_as_known_then import AFTER
from tests.console.recorded import CASE, RECEIVED, a_referral

OFFICER = "duty-officer-1"
DECIDED = RECEIVED + timedelta(days=1)


def a_decision() -> list[StoredRecord]:
    """A correction, which decides something, of a note that the same officer wrote; entered a minute after it."""
    referral = a_referral().take(note_on(REFERRAL, RECEIVED + timedelta(hours=1), "seen on Monday"))
    wrong = referral.stored[-1].record.seq
    fields = {"type": "CorrectRecord", "wrong_seq": wrong, "correction": "seen on Tuesday"}
    decision = given(REFERRAL, fields, DECIDED, reason="misheard")
    return referral.take(decision.model_copy(update={"submitted_at": DECIDED + timedelta(minutes=1)})).stored


def decided(*log: LoggedReading) -> Decision:
    (decision,) = account_of(CASE, a_decision(), log, AFTER).decisions
    return decision


def test_a_decision_names_who_gave_it_and_why() -> None:
    decision = decided()
    assert (decision.act.command, decision.act.actor.id) == ("CorrectRecord", OFFICER)
    assert (decision.act.reason, decision.known, decision.happened) == ("misheard", True, True)
    assert decision.without_reading


def test_what_existed_is_what_they_wrote_what_they_were_shown_and_the_rest() -> None:
    note = a_decision()[-2].record.seq
    (item,) = decided(logged(REFERRAL, 3, OFFICER, DECIDED)).consulted
    assert (item.stream, item.existed) == (REFERRAL, note)
    assert (item.read, item.wrote, item.not_read) == (((1, 3),), ((note, note),), ((4, note - 1),))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(logged(REFERRAL, 3, "officer-1", DECIDED), id="by another"),
        pytest.param(logged(REFERRAL, 3, OFFICER, DECIDED + timedelta(hours=1)), id="afterwards"),
    ],
)
def test_what_another_read_or_was_read_afterwards_does_not_count(row: LoggedReading) -> None:
    decision = decided(row)
    assert decision.without_reading
    assert decision.consulted
    assert all(item.read == () for item in decision.consulted)


def test_a_part_that_was_shown_is_no_reading_of_the_whole() -> None:
    decision = decided(logged(REFERRAL, 3, OFFICER, DECIDED, tool="why", partly=True))
    (item,) = decision.consulted
    assert not decision.without_reading
    assert (item.read, item.partly) == ((), True)


def test_what_was_entered_after_the_decision_did_not_stand_before_it() -> None:
    referral = a_decision()
    later = note_on(REFERRAL, RECEIVED + timedelta(minutes=5), "typed in afterwards")
    assert {item.existed for item in decided().consulted} == {referral[-2].record.seq}
    assert later.occurred_at < DECIDED


def test_the_second_person_is_the_one_that_the_pack_keeps_apart() -> None:
    case, stored = next(
        (case, stored)
        for case, stored in worked("02-closed-too-soon").items()
        if any(each.record.command == "ApproveClosure" for each in stored)
    )
    proposals = [item for item in account_of(case, stored, (), AFTER).decisions if item.act.command == "ProposeClosure"]
    assert proposals
    approvals = [second for item in proposals for second in item.second if second.act.command == "ApproveClosure"]
    assert approvals
    for item in proposals:
        assert all(second.act.actor.id != item.act.actor.id for second in item.second)
        assert all(second.because for second in item.second)


def test_a_decision_entered_later_is_told_as_happened_and_not_known() -> None:
    at = DECIDED + timedelta(seconds=30)
    (decision,) = account_of(CASE, a_decision(), (), at).decisions
    assert (decision.known, decision.happened) == (False, True)
    assert account_of(CASE, a_decision(), (), DECIDED - timedelta(seconds=1)).decisions == ()


def test_numbers_are_told_as_spans() -> None:
    assert spans([]) == ()
    assert spans([1, 2, 3, 7, 9, 10]) == ((1, 3), (7, 7), (9, 10))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"named": False}, "nobody said who read"),
        ({"purpose": "curiosity"}, "no purpose that this nom knows"),
        ({"purpose": "disclosure"}, "not to whom"),
        ({"login": "nom_owner"}, "is no reader"),
    ],
)
def test_a_row_that_does_not_say_what_it_should_breaks_invariant_24(changes: dict[str, object], words: str) -> None:
    assert unaccounted([logged(REFERRAL, 1, OFFICER, DECIDED)]) == ()
    (item,) = unaccounted([logged(REFERRAL, 1, OFFICER, DECIDED, **changes)])
    assert words in item.words


def test_a_row_that_was_taken_away_shows_in_the_whole_log_and_only_there() -> None:
    log = [logged(REFERRAL, 1, OFFICER, DECIDED, number=number) for number in (0, 1, 4)]
    assert [item.words for item in unaccounted(log, whole=True)] == ["rows 2 to 3 are gone from the log"]
    assert unaccounted(log) == ()
