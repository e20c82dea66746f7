from datetime import date

import pytest

from nom.contracts.events import CommandBase
from nom.contracts.meeting_follow_up import (
    AcknowledgeRecord,
    ActionAssigned,
    ActionCompleted,
    ActionEscalated,
    AssignAction,
    CompleteAction,
    EscalateAction,
    RecordAcknowledged,
    RecordDistributed,
)
from tests.workflows.model.kit import breaches
from tests.workflows.model.meeting_acts import (
    ACKNOWLEDGED,
    ASSIGNED,
    COMPLETED,
    DISTRIBUTE,
    DISTRIBUTED,
    EDUCATION,
    FOUR,
    HEALTH,
    INQUORATE,
    LOCAL_AUTHORITY,
    POLICE,
    QUORATE,
    TO_THE_DECISION,
    attended,
    chair,
    due,
    events_of,
    meeting,
    refusal_of,
    representative,
    status,
)


def test_an_action_is_due_at_the_end_of_its_day() -> None:
    assigned = events_of(meeting(QUORATE), ASSIGNED)[0]
    assert isinstance(assigned, ActionAssigned)
    assert assigned.in_words() == "Action 1 for health, due 2026-03-06: medical"
    assert due(meeting(QUORATE, ASSIGNED), "sm2-1") == "2026-03-06"


def test_an_action_of_a_summer_day_is_due_at_the_end_of_that_day() -> None:
    summer = chair(AssignAction(agency=HEALTH, what="medical", due=date(2026, 7, 1)), "2026-06-30 23:30")
    assert due(meeting(QUORATE, summer), "sm2-1") == "2026-07-01"


def test_an_action_can_be_due_on_the_day_itself_but_not_before() -> None:
    today = chair(AssignAction(agency=HEALTH, what="medical", due=date(2026, 3, 4)), "2026-03-04 10:40")
    assert due(meeting(QUORATE, today), "sm2-1") == "2026-03-04"
    before = chair(AssignAction(agency=HEALTH, what="medical", due=date(2026, 3, 3)), "2026-03-04 10:40")
    assert refusal_of(meeting(QUORATE), before)[0] == "due_before_assigned"


def test_an_action_done_on_its_day_meets_its_clock() -> None:
    assert isinstance(events_of(meeting(QUORATE, ASSIGNED), COMPLETED)[0], ActionCompleted)
    assert status(meeting(QUORATE, ASSIGNED, COMPLETED), "sm2-1") == "met"


def test_an_action_done_late_is_done_all_the_same() -> None:
    late = representative(CompleteAction(number=1), "2026-03-09 11:00", HEALTH)
    assert breaches(events_of(meeting(QUORATE, ASSIGNED), late)) == ["sm2-1"]
    assert status(meeting(QUORATE, ASSIGNED, late), "sm2-1") == "met_late"


def test_an_escalated_action_still_has_its_day_and_can_still_be_done() -> None:
    escalated = chair(EscalateAction(number=1), "2026-03-05 11:00", reason="no doctor is available")
    assert isinstance(events_of(meeting(QUORATE, ASSIGNED), escalated)[0], ActionEscalated)
    assert status(meeting(QUORATE, ASSIGNED, escalated), "sm2-1") == "running"
    assert status(meeting(QUORATE, ASSIGNED, escalated, COMPLETED), "sm2-1") == "met"


def test_escalating_needs_a_reason() -> None:
    asked = representative(EscalateAction(number=1), "2026-03-05 11:00", HEALTH)
    assert refusal_of(meeting(QUORATE, ASSIGNED), asked)[0] == "reason_missing"


@pytest.mark.parametrize("command", [CompleteAction(number=2), EscalateAction(number=2)])
def test_an_action_that_does_not_exist_is_neither_done_nor_escalated(command: CommandBase) -> None:
    asked = representative(command, "2026-03-06 11:00", HEALTH, "because")
    assert refusal_of(meeting(QUORATE, ASSIGNED), asked)[0] == "no_such_action"


@pytest.mark.parametrize("command", [CompleteAction(number=1), EscalateAction(number=1)])
def test_an_action_that_is_done_is_neither_done_again_nor_escalated(command: CommandBase) -> None:
    asked = representative(command, "2026-03-06 12:00", HEALTH, "because")
    assert refusal_of(meeting(QUORATE, ASSIGNED, COMPLETED), asked)[0] == "action_settled"


def test_an_action_can_not_have_been_done_before_it_was_assigned() -> None:
    asked = representative(CompleteAction(number=1), "2026-03-04 10:00", HEALTH)
    assert refusal_of(meeting(QUORATE, ASSIGNED), asked)[0] == "before_assigned"


def test_the_record_of_every_session_goes_to_whoever_sat() -> None:
    distributed = events_of(meeting(*TO_THE_DECISION), DISTRIBUTED)[0]
    assert isinstance(distributed, RecordDistributed)
    assert (distributed.meetings, set(distributed.to)) == (("meeting-1", "meeting-2"), set(FOUR))
    assert status(meeting(*TO_THE_DECISION, DISTRIBUTED), "wt5") == "met"


def test_there_must_be_a_record_to_distribute() -> None:
    assert refusal_of(meeting(), DISTRIBUTED)[0] == "nothing_to_distribute"
    again = chair(DISTRIBUTE, "2026-03-05 13:00")
    assert refusal_of(meeting(*TO_THE_DECISION, DISTRIBUTED), again)[0] == "nothing_to_distribute"


def test_a_distribution_does_not_meet_the_time_of_a_session_held_after_it() -> None:
    later = (chair(attended(*FOUR), "2026-03-10 10:00"), chair(TO_THE_DECISION[-1].command, "2026-03-10 11:00"))
    state = meeting(*TO_THE_DECISION, *later, chair(DISTRIBUTE, "2026-03-05 12:00", entered="2026-03-10 12:00"))
    assert (status(state, "wt5"), status(state, "wt5-2")) == ("met", "running")


def test_a_record_that_went_out_before_the_decision_does_not_tell_of_it() -> None:
    before = chair(DISTRIBUTE, "2026-03-04 10:00", entered="2026-03-05 12:00")
    state = meeting(QUORATE, TO_THE_DECISION[-1])
    assert refusal_of(state, before)[0] == "nothing_to_distribute"


def test_each_agency_acknowledges_what_it_sat_in() -> None:
    state = meeting(*TO_THE_DECISION, DISTRIBUTED)
    (acknowledged,) = events_of(state, ACKNOWLEDGED[FOUR.index(HEALTH)])
    assert isinstance(acknowledged, RecordAcknowledged)
    assert acknowledged.meetings == ("meeting-2",)
    state = meeting(*TO_THE_DECISION, DISTRIBUTED, *ACKNOWLEDGED)
    assert [session.without_acknowledgement() for session in state.sessions] == [(), ()]


def test_an_acknowledgement_follows_the_record() -> None:
    assert refusal_of(meeting(*TO_THE_DECISION), ACKNOWLEDGED[0])[0] == "record_not_distributed"
    before = representative(AcknowledgeRecord(agency=POLICE), "2026-03-05 11:00", POLICE)
    assert refusal_of(meeting(*TO_THE_DECISION, DISTRIBUTED), before)[0] == "record_not_distributed"
    again = representative(AcknowledgeRecord(agency=POLICE), "2026-03-05 18:00", POLICE)
    assert refusal_of(meeting(*TO_THE_DECISION, DISTRIBUTED, *ACKNOWLEDGED), again)[0] == "already_acknowledged"


def test_an_agency_that_did_not_sit_has_nothing_to_acknowledge() -> None:
    state = meeting(INQUORATE, DISTRIBUTED)
    assert refusal_of(state, ACKNOWLEDGED[FOUR.index(HEALTH)])[0] == "not_attending"


def test_an_agency_acknowledges_for_itself() -> None:
    for_education = representative(AcknowledgeRecord(agency=EDUCATION), "2026-03-05 17:00", LOCAL_AUTHORITY)
    state = meeting(*TO_THE_DECISION, DISTRIBUTED)
    assert refusal_of(state, for_education) == ("other_agency", ["other_agency:education"])
