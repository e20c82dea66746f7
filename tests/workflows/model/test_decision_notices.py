"""A decision not to investigate is told to each victim (Victims' Code 2020, Right 6)."""

from datetime import timedelta

import pytest

from nom.contracts.case import LinkSubject
from nom.contracts.clocks import ClockStarted, DeadlineBreached
from nom.contracts.every_process import ClockRanOut, EscalateBreach
from nom.contracts.notices import NoticeOf, NotifyVictim, VictimNotified
from nom.contracts.policy.loader import all_packs
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.subjects import Subject
from nom.contracts.triage import ReferToNrm
from nom.workflows.model.process import Facts
from nom.workflows.model.triage import MODEL
from nom.workflows.model.triage_record import TriageState
from tests.workflows.model import kit
from tests.workflows.model.kit import Request, breaches, events_of, labels, london, refused, request
from tests.workflows.model.triage_acts import COMPLETE, DECIDED, LINKS, NOTHING, STREAM, opening, sergeant

CHILD = Subject(id="child-1", age=14)
ADULT = Subject(id="victim-2", age=30)
SUSPECTS = tuple(Subject(id=f"suspect-{number}") for number in (1, 2, 3))
WITHOUT_NETWORK = tuple(asked for asked in COMPLETE if asked not in LINKS)
# A Monday: the next working day is the 3rd, the fifth the 9th.
NOT_INVESTIGATED = sergeant(NOTHING, "2026-03-02 18:00", "nothing is alleged")


def told(at: str, *victims: str, of: NoticeOf = "decision", entered: str | None = None) -> Request:
    command = NotifyVictim(of=of, victims=victims)
    return request(STREAM, "supervising_officer", command, at, entered=entered)


def found(subject: Subject, at: str) -> Request:
    return request(STREAM, "system", LinkSubject(subject=subject), at, reason="named by child-1")


def decided(*later: Request, victims: tuple[Subject, ...] = (CHILD, ADULT), facts: Facts = kit.FACTS) -> TriageState:
    begun = (opening(*victims, *SUSPECTS), *WITHOUT_NETWORK, NOT_INVESTIGATED)
    return kit.given(MODEL, STREAM, *begun, *later, facts=facts)


def notices(state: TriageState) -> dict[str | None, tuple[str, str, str]]:
    """Of each victim: the rule, the last day and where the clock stands."""
    return {
        clock.about: (clock.rule, str(clock.last_day), clock.status.value)
        for clock in state.clocks
        if clock.rule.startswith("VC1")
    }


def refusal(state: TriageState, asked: Request) -> tuple[str, list[str]]:
    answer = refused(MODEL, state, asked)
    return answer.code, labels(answer)


@pytest.mark.parametrize(
    "pack", [pack for pack in all_packs() if pack.agency == "police"], ids=lambda pack: pack.version
)
def test_each_victim_has_the_time_of_their_own_rights_and_it_runs_on_after_the_end(pack: PolicyPack) -> None:
    state = decided(facts=kit.facts_of(pack))
    assert state.outcome == "nothing_follows"
    assert notices(state) == {
        "child-1": ("VC1-enhanced", "2026-03-03", "running"),
        "victim-2": ("VC1", "2026-03-09", "running"),
    }


def test_where_an_investigation_follows_triage_owes_no_notice() -> None:
    begun = (opening(CHILD, *SUSPECTS), *COMPLETE, DECIDED)
    state = kit.given(MODEL, STREAM, *begun)
    assert notices(state) == {}
    assert refusal(state, told("2026-03-03 10:00"))[0] == "nothing_to_tell"


def test_all_are_told_where_none_is_named_and_each_clock_is_met() -> None:
    notice, *_ = events_of(MODEL, decided(), told("2026-03-03 10:00"))
    assert isinstance(notice, VictimNotified)
    assert (notice.of, notice.victims, notice.told_at) == (
        "decision", ("child-1", "victim-2"), london("2026-03-03 10:00"),
    )  # fmt: skip
    assert {status for *_, status in notices(decided(told("2026-03-03 10:00"))).values()} == {"met"}


def test_one_who_was_not_told_still_waits() -> None:
    state = decided(told("2026-03-03 10:00", "child-1"))
    assert {who: status for who, (*_, status) in notices(state).items()} == {"child-1": "met", "victim-2": "running"}
    (notice, _) = events_of(MODEL, state, told("2026-03-04 10:00"))
    assert isinstance(notice, VictimNotified)
    assert notice.victims == ("victim-2",)
    assert refusal(decided(told("2026-03-03 10:00")), told("2026-03-04 10:00"))[0] == "nothing_to_tell"


def test_a_notice_that_is_not_given_in_time_is_a_breach_and_goes_up_the_ladder() -> None:
    state = decided()
    clock = state.clock("vc1-1")
    assert clock is not None
    assert state.rings(clock)
    late = request(STREAM, "system", ClockRanOut(clock_id=clock.id, due_at=clock.due_at), "2026-03-04 00:00")
    (breach,) = events_of(MODEL, state, late)
    assert isinstance(breach, DeadlineBreached)
    assert (breach.escalated_to, breach.escalates_at) == ("supervising_officer", clock.due_at + timedelta(hours=24))
    climbing = EscalateBreach(clock_id=clock.id, escalates_at=clock.due_at + timedelta(hours=24))
    state = decided(late, request(STREAM, "system", climbing, "2026-03-05 00:00"))
    held = state.clock("vc1-1")
    assert held is not None
    assert held.escalated_to == "detective_superintendent"
    assert notices(decided(late, told("2026-03-05 10:00")))["child-1"][2] == "met_late"


def test_a_notice_given_in_time_and_typed_in_late_withdraws_the_breach() -> None:
    late, in_time = told("2026-03-05 10:00"), told("2026-03-03 10:00", "child-1", entered="2026-03-06 09:00")
    assert breaches(events_of(MODEL, decided(), late)) == ["vc1-1"]
    assert [event.type for event in events_of(MODEL, decided(late), in_time)] == [
        "victim_notified.v2",
        "breach_withdrawn.v1",
        "clock_met.v1",
    ]
    assert notices(decided(late, in_time))["child-1"][2] == "met"


def test_a_victim_who_is_found_after_the_decision_is_told_too() -> None:
    asked = found(Subject(id="child-3", age=12), "2026-03-05 09:00")
    started = [event for event in events_of(MODEL, decided(), asked) if isinstance(event, ClockStarted)]
    assert [(event.clock_id, event.about, str(event.last_day)) for event in started] == [
        ("vc1-3", "child-3", "2026-03-06")
    ]
    nobody = found(Subject(id="suspect-9"), "2026-03-05 09:00")
    assert [event.type for event in events_of(MODEL, decided(), nobody)] == [
        "subject_linked.v1",
        "deadline_breached.v1",
    ]
    late_for = decided(asked)
    assert refusal(late_for, told("2026-03-04 10:00", "child-3")) == ("before_decision", ["before_decision:child-3"])


def test_a_victim_is_found_where_nobody_was_known_when_it_was_decided() -> None:
    begun = (asked for asked in WITHOUT_NETWORK if not isinstance(asked.command, ReferToNrm))
    later = found(CHILD, "2026-03-05 09:00")
    state = kit.given(MODEL, STREAM, opening(*SUSPECTS), *begun, NOT_INVESTIGATED, later)
    assert notices(state) == {"child-1": ("VC1-enhanced", "2026-03-06", "running")}


def test_what_can_not_have_been_told_is_refused() -> None:
    assert refusal(decided(), told("2026-03-02 17:00"))[1] == ["before_decision:child-1", "before_decision:victim-2"]
    assert refusal(decided(), told("2026-03-03 10:00", "child-9")) == ("unknown_subject", ["unknown_subject:child-9"])
    assert refusal(decided(), told("2026-03-03 10:00", of="bail"))[0] == "not_told_here"
    before = kit.given(MODEL, STREAM, opening(CHILD, *SUSPECTS))
    assert refusal(before, told("2026-03-03 10:00"))[0] == "nothing_to_tell"
