"""Moves of the review of a closed case at the National Crime Agency: referred, put in a band, panel, outcome."""

from functools import partial

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.office import Happened
from nom.console.synth.plan import opening_of
from nom.contracts.actors import Agency
from nom.contracts.closed_case_review import ClosedCaseReferred, PanelReviewed
from nom.contracts.events import EventBase
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.services import NCA
from nom.workflows.model.closed_case_review_record import ClosedCaseReviewState

_COORDINATOR, _PANEL, _SECOND = "coordinator-1", "review-panel-1", "review-panel-2"
_VICTIM = "victim-1"


def refer(m: Matter) -> None:
    """A force's closed case is referred."""
    closed = m.plan.closed
    if closed is None:
        return
    stream = stream_of(f"{NCA}/{m.case.split('/', 1)[1]}", ProcessKind.CLOSED_CASE_REVIEW)
    m.act(
        stream,
        _COORDINATOR,
        "ReferClosedCase",
        since=m.now,
        opening=opening_of(m.plan.jurisdiction, m.now, Agency.NCA.value),
        closed_case={
            "force": m.plan.force,
            "force_reference": closed.reference,
            "offence": closed.offence,
            "decided_on": closed.decided_on,
            "decided_by": closed.decided_by,
            "outcome": closed.outcome,
            "victim_age": closed.age,
            "suspects": m.draws.count("suspects"),
        },
    )


def _open(m: Matter, stream: str) -> ClosedCaseReviewState | None:
    state = m.of(ClosedCaseReviewState, stream)
    return state if state is not None and state.is_open else None


def _on_referred(m: Matter, happened: Happened) -> None:
    m.later(partial(_prioritise, stream=happened.stream), "prioritise")
    m.later(partial(_panel, stream=happened.stream), "panel")
    if m.draws.share("slip_ordered_too_early"):
        m.later(partial(_order, stream=happened.stream), "prioritise")


def _prioritise(m: Matter, stream: str) -> None:
    state = _open(m, stream)
    if state is None:
        return
    if m.draws.share("band_differs"):
        m.act(stream, _COORDINATOR, "Prioritise", why="band", band="rape" if state.band == "other" else "other")
    else:
        m.act(stream, _COORDINATOR, "Prioritise", band=state.band)


def _panel(m: Matter, stream: str) -> None:
    if _open(m, stream) is None:
        return
    possible, concerns = m.draws.share("investigation_possible"), m.draws.share("safeguarding_concerns")
    if possible and m.draws.share("slip_steps_forgotten"):
        m.attempt(
            stream, _PANEL, "ReviewAtPanel", why="panel", investigation_possible=True, safeguarding_concerns=False
        )
    m.act(
        stream,
        _PANEL,
        "ReviewAtPanel",
        why="panel",
        investigation_possible=possible,
        steps=(m.draws.say("line"), m.draws.say("panel_step")) if possible else (),
        faults=(m.draws.pick("fault"),) if possible else (),
        safeguarding_concerns=concerns,
        safeguarding_action=m.draws.say("safeguarding") if concerns else None,
    )


def _on_panel(m: Matter, happened: Happened) -> None:
    event, stream = happened.event, happened.stream
    if not isinstance(event, PanelReviewed):
        return
    if m.draws.share("victim_was_convicted"):
        m.later(partial(_refer_conviction, stream=stream), "minutes")
    m.later(partial(_ask_victim if event.investigation_possible else _uphold, stream=stream), "victim_asked")


def _refer_conviction(m: Matter, stream: str) -> None:
    age, to = m.draws.count("age_of_child"), m.draws.pick("conviction_review")
    m.act(stream, _PANEL, "ReferConvictionReview", why="conviction", victim=_VICTIM, age_at_conviction=age, to=to)


def _ask_victim(m: Matter, stream: str) -> None:
    if m.draws.share("victim_approves"):
        m.act(stream, _COORDINATOR, "RecordVictimApproval", victim=_VICTIM)
        m.later(partial(_adopt if m.draws.share("nca_adopts") else _order, stream=stream), "order")
    else:
        m.act(stream, _COORDINATOR, "RecordVictimDeclined", victim=_VICTIM)
        m.later(partial(_uphold, stream=stream), "order")


def _order(m: Matter, stream: str) -> None:
    if _open(m, stream) is None:
        return
    opening = opening_of(m.plan.jurisdiction, m.now)
    supervised = m.draws.share("order_supervised")
    m.attempt(
        stream, _COORDINATOR, "OrderReinvestigation", why="order", opening=opening, force=m.plan.force,
        supervised=supervised,
    )  # fmt: skip


def _adopt(m: Matter, stream: str) -> None:
    if _open(m, stream) is not None:
        m.act(stream, _COORDINATOR, "Adopt", why="adopt")


def _uphold(m: Matter, stream: str) -> None:
    if _open(m, stream) is None:
        return
    if m.draws.share("slip_upheld_by_first_member"):
        m.attempt(stream, _PANEL, "Uphold", why="uphold")
    m.act(stream, _SECOND, "Uphold", why="uphold")


REACTIONS: dict[type[EventBase], Reaction] = {ClosedCaseReferred: _on_referred, PanelReviewed: _on_panel}
