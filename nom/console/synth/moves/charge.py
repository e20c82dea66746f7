"""Moves of the file to the Crown Prosecution Service: advice, submission, action plan, tests, decision, charge."""

from datetime import datetime, time, timedelta
from functools import partial
from typing import get_args

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.office import Happened
from nom.contracts.charge import (
    ActionPlanIssued,
    ChargeAuthorised,
    FileSubmitted,
    ProsecutionDeclined,
    SuspectCharged,
    ThresholdCondition,
    ThresholdTestApplied,
)
from nom.contracts.events import EventBase
from nom.contracts.ids import ProcessKind
from nom.contracts.investigation import SuspectConcluded
from nom.contracts.local_time import LONDON
from nom.contracts.policy import reference
from nom.workflows.model.case_record import CaseState
from nom.workflows.model.charge_state import ChargeState

_SIO, _LAWYER = "officer-sio-1", "lawyer-1"


def _on_concluded(m: Matter, happened: Happened) -> None:
    event = happened.event
    if isinstance(event, SuspectConcluded) and event.how == "file_to_cps":
        m.later(partial(_prepare, suspect=event.suspect), "submit_file")


def _next_file(m: Matter) -> str | None:
    case = m.of(CaseState, m.stream(ProcessKind.CASE))
    return m.stream(ProcessKind.CHARGE, len(case.of_kind(ProcessKind.CHARGE)) + 1) if case else None


def _prepare(m: Matter, suspect: str) -> None:
    stream = _next_file(m)
    if stream is None:
        return
    if m.draws.share("early_advice"):
        m.act(stream, _SIO, "SeekEarlyAdvice", since=m.now, opening=m.opening(), suspects=(suspect,))
        m.later(partial(_submit, stream=stream, suspect=suspect), "early_advice")
    else:
        _submit(m, stream, suspect)


def _submit(m: Matter, stream: str, suspect: str) -> None:
    case = m.of(CaseState, m.stream(ProcessKind.CASE))
    if case is None:
        return
    offences = tuple(dict.fromkeys(item.offence for item in case.allegations)) or (m.draws.pick("offence"),)
    victims = [subject.model_dump(mode="json") for subject in case.subjects if subject.is_victim]
    kind = m.draws.pick("file_kind")
    m.act(
        stream, _SIO, "SubmitFile", opening=m.opening(), file=kind, suspects=(suspect,), charges=offences[:2],
        victims=victims,
    )  # fmt: skip


def _on_submitted(m: Matter, happened: Happened) -> None:
    event, stream = happened.event, happened.stream
    if not isinstance(event, FileSubmitted):
        return
    if m.draws.share("action_plan"):
        m.later(partial(_issue_plan, stream=stream), "action_plan")
    elif event.file == "red":
        m.later(partial(_threshold, stream=stream), "minutes", office_hours=False)
    else:
        m.later(partial(_full_code, stream=stream), "charging_decision")


def _issue_plan(m: Matter, stream: str) -> None:
    items = [
        {"what": m.draws.say("action_item"), "due": (m.now + m.draws.delay("item_due")).astimezone(LONDON).date()}
        for _ in range(m.draws.count("action_items"))
    ]
    m.act(stream, _LAWYER, "IssueActionPlan", items=items)


def _on_plan(m: Matter, happened: Happened) -> None:
    event = happened.event
    if not isinstance(event, ActionPlanIssued):
        return
    for item in event.items:
        until = max(datetime.combine(item.due, time(17), LONDON) - m.now, timedelta(hours=1))
        when = until + m.draws.delay("item_overrun") if m.draws.share("item_late") else until * 3 / 4
        m.later(partial(_complete, stream=happened.stream, item=item.number), when)
    if m.draws.share("slip_resubmitted_too_early"):
        m.later(partial(_resubmit_too_early, stream=happened.stream), "minutes")


def _waiting(m: Matter, stream: str) -> list[int]:
    state = m.of(ChargeState, stream)
    return [item.item.number for item in state.items if item.completed_at is None] if state else []


def _complete(m: Matter, stream: str, item: int) -> None:
    if m.draws.share("item_extended"):
        m.attempt(stream, _SIO, "ExtendClock", why="clock", clock_id=f"ch2-{item}", to=m.now + timedelta(days=14))
    m.act(stream, _SIO, "CompleteActionItem", item=item)
    if not _waiting(m, stream):
        m.later(partial(_resubmit, stream=stream), "resubmit")


def _resubmit(m: Matter, stream: str) -> None:
    m.act(stream, _SIO, "Resubmit")
    m.later(partial(_full_code, stream=stream), "charging_decision")


def _resubmit_too_early(m: Matter, stream: str) -> None:
    if _waiting(m, stream):
        m.attempt(stream, _SIO, "Resubmit")


def _threshold(m: Matter, stream: str) -> None:
    met = m.draws.share("threshold_met")
    conditions = get_args(ThresholdCondition)
    findings = [{"condition": name, "met": met or name != conditions[-1]} for name in conditions]
    review = (m.now + timedelta(days=m.draws.chance.between(20, 56))).astimezone(LONDON).date()
    if m.draws.share("slip_finding_forgotten"):
        m.attempt(stream, _LAWYER, "ApplyThresholdTest", findings=findings[1:], full_code_review=review)
    m.act(stream, _LAWYER, "ApplyThresholdTest", findings=findings, full_code_review=review)
    _decide(m, stream, met=met)


def _on_threshold(m: Matter, happened: Happened) -> None:
    if isinstance(happened.event, ThresholdTestApplied) and happened.event.met:
        m.later(partial(_review_threshold, stream=happened.stream), "full_code_review")


def _review_threshold(m: Matter, stream: str) -> None:
    state = m.of(ChargeState, stream)
    if state is not None and state.is_open and any(line.review_on for line in state.lines):
        m.act(stream, _LAWYER, "ApplyFullCodeTest", evidential="met", public_interest="met")


def _full_code(m: Matter, stream: str) -> None:
    state = m.of(ChargeState, stream)
    if state is None or not state.is_open:
        return
    met = m.draws.share("full_code_met")
    if m.draws.share("slip_authorised_by_police"):
        m.attempt(stream, _SIO, "AuthoriseCharge")
    if met:
        m.act(stream, _LAWYER, "ApplyFullCodeTest", evidential="met", public_interest="met")
    elif m.draws.share("not_in_public_interest"):
        m.act(stream, _LAWYER, "ApplyFullCodeTest", evidential="met", public_interest="not_met")
    else:
        m.act(stream, _LAWYER, "ApplyFullCodeTest", evidential="not_met")
    _decide(m, stream, met=met)


def _decide(m: Matter, stream: str, *, met: bool) -> None:
    if met:
        m.act(stream, _LAWYER, "AuthoriseCharge")
    else:
        m.act(stream, _LAWYER, "DeclineProsecution", why="declined")


def _on_authorised(m: Matter, happened: Happened) -> None:
    m.later(partial(_charge, stream=happened.stream), "record_charge", office_hours=False)


def _charge(m: Matter, stream: str) -> None:
    force = reference.force(m.plan.force)
    state = m.of(ChargeState, stream)
    if force is None or state is None or not any(line.decision == "authorised" for line in state.lines):
        return
    number = f"{m.draws.chance.below(100_000):05d}{m.now.year % 100:02d}"
    if m.draws.share("slip_urn_of_another_force"):
        m.attempt(stream, "custody-officer-1", "RecordCharge", urn=f"99CA{number}")
    m.act(stream, "custody-officer-1", "RecordCharge", urn=f"{force.code}CA{number}")


def _on_news_for_victims(m: Matter, happened: Happened) -> None:
    of = "charge" if isinstance(happened.event, SuspectCharged) else "no_prosecution"
    m.later(partial(_tell, stream=happened.stream, of=of), "notify_victim")


def _tell(m: Matter, stream: str, of: str) -> None:
    state = m.of(ChargeState, stream)
    if state is not None and state.is_open:
        m.act(stream, _SIO, "NotifyVictim", of=of)


REACTIONS: dict[type[EventBase], Reaction] = {
    SuspectConcluded: _on_concluded,
    FileSubmitted: _on_submitted,
    ActionPlanIssued: _on_plan,
    ThresholdTestApplied: _on_threshold,
    ChargeAuthorised: _on_authorised,
    SuspectCharged: _on_news_for_victims,
    ProsecutionDeclined: _on_news_for_victims,
}
