"""Moves on a group at the National Crime Agency: grounds, decision, oversight, and cases of other forces."""

from datetime import timedelta
from functools import partial
from typing import Any

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.moves import group_course
from nom.console.synth.office import Happened
from nom.contracts.designation import GroupDesignated, RetestTriggered
from nom.contracts.events import EventBase
from nom.contracts.group_grounds import NominationReceived
from nom.contracts.ids import ProcessKind
from nom.contracts.local_time import LONDON
from nom.workflows.model.case_record import CaseState
from nom.workflows.model.designation_record import DesignationState
from nom.workflows.turn import facts_under

_ANALYST, _HEAD, _COORDINATOR = "analyst-1", "head-of-region-1", "coordinator-1"
_SEVEN_YEARS = "SX03238"


def _begin(m: Matter, happened: Happened) -> None:
    event = happened.event
    if not isinstance(event, NominationReceived):
        return
    m.notes["candidates"] = event.grounds.suspects
    m.later(partial(_lay_grounds, stream=happened.stream), "group_grounds")
    if m.draws.share("designation_paused"):
        m.later(partial(_pause, stream=happened.stream), "minutes")
    m.later(partial(_propose, stream=happened.stream), "propose_designation")


def _pause(m: Matter, stream: str) -> None:
    m.attempt(stream, _HEAD, "PauseClock", why="clock", clock_id="dg2")
    m.later(partial(_resume, stream=stream), "designation_pause")


def _resume(m: Matter, stream: str) -> None:
    m.attempt(stream, _HEAD, "ResumeClock", why="clock", clock_id="dg2")


def _lay_grounds(m: Matter, stream: str) -> None:
    suspects: tuple[str, ...] = m.notes["candidates"]
    members = tuple({"case": m.case, "suspect": suspect} for suspect in suspects)
    if members:
        m.act(stream, _ANALYST, "AddMember", members=members)
    if m.draws.share("group_link"):
        ends = [{"case": m.case, "person": person} for person in (*suspects[:1], "unidentified-2")]
        if len(ends) > 1:
            m.act(
                stream, _ANALYST, "RecordLink", between=tuple(ends), kind=m.draws.pick("link"),
                source=m.draws.say("source"),
            )  # fmt: skip
    on = (m.now - timedelta(days=m.draws.chance.between(5, 200))).astimezone(LONDON).date()
    m.act(
        stream, _ANALYST, "RecordEligibleOffence", offence=_SEVEN_YEARS, section="SOA2003 s14", on=on,
        victim_age=m.draws.count("age_of_child"),
    )  # fmt: skip
    if not m.draws.share("benefit_not_known"):
        m.act(stream, _ANALYST, "RecordBenefit", kind=m.draws.pick("benefit"), words=m.draws.say("benefit"))
    _score(m, stream)


def _score(m: Matter, stream: str) -> None:
    state = m.of(DesignationState, stream)
    if state is None or state.opening is None:
        return
    table = facts_under(state.opening.policy).policy.scoring
    inputs = [{"name": item.name, "rating": m.draws.chance.between(0, item.maximum)} for item in table.inputs]
    if m.draws.share("slip_input_forgotten"):
        m.attempt(stream, _ANALYST, "ScoreThreat", inputs=inputs[1:])
    m.act(stream, _ANALYST, "ScoreThreat", inputs=inputs)


def _propose(m: Matter, stream: str) -> None:
    state = m.of(DesignationState, stream)
    if state is None or state.proposal is not None:
        return
    outcome, member = _outcome(m, state)
    m.act(stream, _ANALYST, "Propose", why="propose", outcome=outcome, member=member)
    if m.draws.share("slip_approved_by_scorer"):
        m.attempt(stream, _ANALYST, "Approve", why="approve")
    m.later(partial(_answer, stream=stream), "approve_designation")


def _outcome(m: Matter, state: DesignationState) -> tuple[str, dict[str, str] | None]:
    policy = facts_under(state.opening.policy).policy if state.opening else None
    least = policy.thresholds.group_minimum_members if policy else 3
    ready = state.members_counted >= least and state.benefits and state.threat is not None
    if ready and any(offence.carries == "yes" for offence in state.offences) and not m.draws.share("not_a_group"):
        return "organised_crime_group", None
    outcome = m.draws.pick("lesser_outcome")
    if outcome != "priority_individual":
        return outcome, None
    if not state.members:
        return "not_met", None
    who = state.members[0].who
    return outcome, {"case": who.case, "suspect": who.suspect}


def _answer(m: Matter, stream: str) -> None:
    state = m.of(DesignationState, stream)
    if state is None or state.proposal is None:
        return
    approver = _COORDINATOR if m.draws.share("coordinator_decides") else _HEAD
    if m.draws.share("proposal_returned"):
        m.act(stream, approver, "Return", why="returned")
        m.later(partial(_propose, stream=stream), "propose_designation")
    else:
        m.act(stream, approver, "Approve", why="approve")


def _on_designated(m: Matter, happened: Happened) -> None:
    stream = happened.stream
    m.later(partial(_take_charge, stream=stream), "oversight")
    m.later(partial(_review, stream=stream), "group_review_of_top_tier")


def _take_charge(m: Matter, stream: str) -> None:
    state = m.of(DesignationState, stream)
    if state is None or not state.is_designated:
        return
    if state.tier is None:
        m.act(stream, _HEAD, "AssignTier", tier=m.draws.pick("tier"))
    officer = m.person("officer-lro-1").id
    if state.lead_officer is None:
        if m.draws.share("slip_plan_too_early"):
            _approve_plan(m, stream, attempt=True)
        m.act(stream, _HEAD, "AppointLro", officer=officer)
    _approve_plan(m, stream)


def _approve_plan(m: Matter, stream: str, *, attempt: bool = False) -> None:
    state = m.of(DesignationState, stream)
    top = state is None or state.tier in (None, "national")
    ahead = timedelta(days=m.draws.chance.between(22, 27) if top else m.draws.chance.between(78, 89))
    review = (m.now + ahead).astimezone(LONDON).date()
    parts: dict[str, Any] = {part: m.draws.say("plan_part") for part in ("pursue", "prevent", "protect", "prepare")}
    if attempt:
        m.attempt(stream, _HEAD, "ApprovePlan", review=review, **parts)
    else:
        m.act(stream, _HEAD, "ApprovePlan", review=review, **parts)


def _review(m: Matter, stream: str) -> None:
    state = m.of(DesignationState, stream)
    if state is None or not state.is_designated or state.tier is None:
        return
    m.act(stream, "officer-lro-1", "Review", findings=m.draws.say("findings"))
    group_course.follow(m, stream)
    _approve_plan(m, stream)
    if len(state.members) > 3 and m.draws.share("member_removed"):  # noqa: PLR2004 - a group keeps three
        who = state.members[-1].who
        m.act(stream, _ANALYST, "RemoveMember", why="member_removed", member={"case": who.case, "suspect": who.suspect})
    often = "group_review_of_top_tier" if state.tier == "national" else "group_review"
    m.later(partial(_review, stream=stream), often)


def _on_retest(m: Matter, happened: Happened) -> None:
    m.later(partial(_propose, stream=happened.stream), "propose_again")


def join(m: Matter) -> None:
    """Link this case to the group of an earlier one, in another force, and count its suspect as a member."""
    stream = m.group
    state = m.of(DesignationState, stream)
    if state is None or m.case in state.cases or m.of(CaseState, m.stream(ProcessKind.CASE)) is None:
        return
    m.attempt(stream, _ANALYST, "AddMember", members=({"case": m.case, "suspect": "suspect-1"},))
    m.act(stream, _COORDINATOR, "LinkCase", case=m.case, because=m.draws.say("linked"))
    m.act(stream, _ANALYST, "AddMember", members=({"case": m.case, "suspect": "suspect-1"},))
    other = next((member.who for member in state.members), None)
    if other is not None:
        between = ({"case": m.case, "person": "suspect-1"}, {"case": other.case, "person": other.suspect})
        group_course.compare(m, stream, between)
        m.act(stream, _ANALYST, "RecordLink", between=between, kind=m.draws.pick("link"), source=m.draws.say("source"))


REACTIONS: dict[type[EventBase], Reaction] = {
    NominationReceived: _begin,
    GroupDesignated: _on_designated,
    RetestTriggered: _on_retest,
}
