"""Moves of triage: THRIVE, the risk score, links and the network test, characteristics, the decision."""

from functools import partial

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.moves.characteristics import record_characteristics
from nom.console.synth.office import Happened
from nom.contracts.events import EventBase
from nom.contracts.ids import ProcessKind
from nom.contracts.triage import THRIVE_FACTORS, NrmReferralMade, TriageOpened
from nom.workflows.model.triage_record import TriageState

_SERGEANT = "sergeant-triage-1"


def _begin(m: Matter, happened: Happened) -> None:
    stream = happened.stream
    m.later(partial(_assess, stream=stream), "minutes", office_hours=False)
    m.later(partial(_link_and_test, stream=stream), "triage_step", office_hours=False)
    m.later(partial(_decide, stream=stream), "decide_triage", office_hours=False)
    if m.draws.share("slip_triage_too_early"):
        m.later(partial(_decide_too_early, stream=stream), "minutes", office_hours=False)
    if m.draws.share("urgent_opening"):
        m.later(_open_urgently, "minutes", office_hours=False)


def _open(m: Matter, stream: str) -> TriageState | None:
    state = m.of(TriageState, stream)
    return state if state is not None and state.is_open else None


def _assess(m: Matter, stream: str) -> None:
    if _open(m, stream) is None:
        return
    rated = {
        name: {"rating": m.draws.pick("thrive_rating"), "reason": m.draws.say("thrive")} for name in THRIVE_FACTORS
    }
    if m.draws.share("thrive_in_two_parts"):
        first = dict(tuple(rated.items())[:4])
        m.act(stream, _SERGEANT, "AssessThrive", factors=first)
    m.act(stream, _SERGEANT, "AssessThrive", factors=rated)
    score = m.draws.chance.between(5, 60)
    band = "low" if score < 20 else "moderate" if score < 40 else "significant"  # noqa: PLR2004 - a made-up tool
    m.act(stream, _SERGEANT, "ScoreExploitationRisk", tool="local-screen", tool_version="3", score=score, band=band)
    if m.draws.share("immediate_safeguarding"):
        m.act(stream, _SERGEANT, "TakeImmediateSafeguarding", what=m.draws.say("safeguarding"))


def _link_and_test(m: Matter, stream: str) -> None:
    state = _open(m, stream)
    if state is None:
        return
    suspects = state.known_suspects()
    if m.plan.kind == "network":
        for one, other in zip(suspects, [*suspects[1:], "unidentified"], strict=True):
            kind, source = m.draws.pick("link"), m.draws.say("source")
            m.act(stream, _SERGEANT, "RecordNetworkLink", between=(one, other), kind=kind, source=source)
    m.act(stream, _SERGEANT, "RecordNetworkTest")
    if m.plan.kind != "network" and suspects and m.draws.share("test_judged_otherwise"):
        m.attempt(stream, _SERGEANT, "RecordNetworkTest", judged="met")
        m.act(stream, _SERGEANT, "RecordNetworkTest", why="judged_met", judged="met")


def _prepare(m: Matter, stream: str, state: TriageState) -> None:
    """What the gate still lacks is done now."""
    if state.thrive is None or state.thrive.not_assessed() or not state.risk_scored:
        _assess(m, stream)
    if state.current_test() is None:
        _link_and_test(m, stream)
    record_characteristics(m, stream, _SERGEANT, state.known_suspects())
    for child in state.awaiting_nrm():
        m.act(stream, _SERGEANT, "ReferToNrm", subject=child)


def _decide(m: Matter, stream: str) -> None:
    before = _open(m, stream)
    if before is None:
        return
    _prepare(m, stream, before)
    state = m.of(TriageState, stream) or before
    test = state.current_test()
    met = test is not None and test.judged
    meeting = met or m.draws.share("strategy_meeting_without_network")
    if met and m.draws.share("slip_network_not_followed"):
        m.attempt(
            stream, _SERGEANT, "DecideTriage", why="triage", strategy_discussion=False, investigation=True,
            nominate=False, immediate_safety=m.draws.say("safeguarding"),
        )  # fmt: skip
    no_meeting = None if meeting else m.draws.say("no_meeting")
    m.act(
        stream,
        _SERGEANT,
        "DecideTriage",
        why="triage",
        strategy_discussion=meeting,
        why_no_strategy_discussion=no_meeting,
        investigation=True,
        nominate=met,
        immediate_safety=None if state.safeguarded else m.draws.say("safeguarding"),
    )


def _decide_too_early(m: Matter, stream: str) -> None:
    if _open(m, stream) is not None:
        m.attempt(
            stream, _SERGEANT, "DecideTriage", why="triage", strategy_discussion=True, investigation=True,
            nominate=False,
        )  # fmt: skip


def _open_urgently(m: Matter) -> None:
    stage = "strategy-meeting" if m.draws.share("urgent_meeting") else "investigation"
    m.attempt(m.stream(ProcessKind.CASE), "duty-officer-1", "OpenStage", why="urgent", stage=stage)


def _on_nrm_referral(m: Matter, happened: Happened) -> None:
    if isinstance(happened.event, NrmReferralMade):
        m.later(partial(_hear_from_nrm, stream=happened.stream, subject=happened.event.subject), "nrm_decision")


def _hear_from_nrm(m: Matter, stream: str, subject: str) -> None:
    positive = m.draws.share("nrm_positive")
    outcome = "positive" if positive else "negative"
    m.act(stream, _SERGEANT, "RecordNrmDecision", subject=subject, grounds="reasonable", outcome=outcome)


REACTIONS: dict[type[EventBase], Reaction] = {TriageOpened: _begin, NrmReferralMade: _on_nrm_referral}
