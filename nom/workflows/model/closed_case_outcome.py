"""What follows from the review of a closed case: reinvestigation, adoption, or the closure upheld.

Owns the gate before a full investigation: a panel that holds it possible, and the victim's approval.
"""

from typing import assert_never

from nom.contracts.closed_case_review import (
    Adopt,
    ClosedCase,
    ClosureUpheld,
    NcaAdopted,
    OrderReinvestigation,
    ReinvestigationOrdered,
    Uphold,
)
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.ids import ProcessKind, case_id, parse_stream, stream_of
from nom.contracts.policy import reference
from nom.contracts.services import NCA
from nom.contracts.stages import OpenOrderedCase, StageBrief
from nom.contracts.subjects import Allegation, Subject
from nom.workflows.model.closed_case_review_record import Thinking, VictimsWord

BOTH_COUNTRIES = "ENG-WAL"
"""How the table of forces marks a force that serves England and Wales."""


def decide_outcome(d: Thinking, command: OrderReinvestigation | Adopt | Uphold) -> Refusal | None:
    """Decide what becomes of the case."""
    match command:
        case OrderReinvestigation():
            return _order(d, command)
        case Adopt():
            return _adopt(d)
        case Uphold():
            return _uphold(d)
        case _:
            assert_never(command)


def closed_case(d: Thinking) -> ClosedCase:
    """The case under review. Raises `ValueError` on a review that was never opened."""
    if d.state.closed_case is None:
        msg = f"{d.state.stream} is open without a closed case"
        raise ValueError(msg)
    return d.state.closed_case


def investigation_gate(d: Thinking) -> tuple[Unmet, ...]:
    """What must hold at the moment of the act before anybody investigates in full."""
    missing: list[Unmet] = []
    panel, who = d.state.panel, d.facts.policy.roles_for
    if panel is None or d.at < panel.reviewed_at:
        missing.append(unmet("panel_not_held", "the panel has not reviewed the case", None, who("ReviewAtPanel")))
    elif not panel.investigation_possible:
        missing.append(unmet("investigation_not_possible", "the panel holds that no investigation is possible"))
    word = d.state.victims_word(d.at)
    if word is None:
        words = "the victim has not been asked, or has not answered"
        missing.append(unmet("victim_approval_missing", words, None, who("RecordVictimApproval")))
    elif not word.approves:
        missing.append(unmet("victim_declined", "the victim does not approve of an investigation", word.victim))
    return tuple(missing)


def _order(d: Thinking, command: OrderReinvestigation) -> Refusal | None:
    force = reference.force(command.force)
    if force is None or force.short == NCA.upper():
        return refuse("unknown_force", "no police force has that short name; the Agency itself adopts")
    if force.jurisdiction not in (command.opening.jurisdiction, BOTH_COUNTRIES):
        return refuse("jurisdiction_differs", f"{force.short} is not in {command.opening.jurisdiction}")
    gate = investigation_gate(d)
    if gate:
        return refuse("investigation_gate", "no full investigation may start yet", *gate)
    case = case_id(force.short, parse_stream(d.state.stream).matter)
    if any(order.case == case for order in d.state.orders):
        return refuse("already_ordered", f"{force.short} was told to investigate already")
    word, panel = _word(d), d.state.panel
    d.record(
        ReinvestigationOrdered(
            force=force.short,
            case=case,
            supervised=command.supervised,
            victim=word.victim,
            reason=d.reason,
            ordered_at=d.at,
        )
    )
    brief = StageBrief(
        opening=command.opening,
        received_at=d.at,
        subjects=(Subject(id=word.victim),),
        allegations=(Allegation(victim=word.victim, offence=closed_case(d).offence),),
    )
    d.hand_off(
        stream_of(case, ProcessKind.CASE),
        OpenOrderedCase(
            brief=brief, review=d.state.stream, supervised=command.supervised, steps=panel.steps if panel else ()
        ),
    )
    return None


def _adopt(d: Thinking) -> Refusal | None:
    if d.state.orders:
        return refuse("already_ordered", "a force was told to investigate: have the case transferred instead")
    gate = investigation_gate(d)
    if gate:
        return refuse("investigation_gate", "no full investigation may start yet", *gate)
    d.record(NcaAdopted(victim=_word(d).victim, reason=d.reason))
    d.end("adopted")
    return None


def _uphold(d: Thinking) -> Refusal | None:
    if d.state.orders:
        return refuse("already_ordered", "an investigation was ordered: its outcome is awaited")
    missing: list[Unmet] = []
    panel, word = d.state.panel, d.state.victims_word(d.at)
    if panel is None or d.at < panel.reviewed_at:
        missing.append(unmet("panel_not_held", "the panel has not reviewed the case"))
    elif panel.investigation_possible and word is None:
        missing.append(unmet("victim_not_asked", "investigation is possible, and the victim has not been asked"))
    elif panel.investigation_possible and word is not None and word.approves:
        missing.append(unmet("victim_approves", "investigation is possible, and the victim wants it", word.victim))
    if missing:
        return refuse("uphold_gate", "the closure can't be upheld", *missing)
    d.record(ClosureUpheld(reason=d.reason))
    d.end("upheld")
    return None


def _word(d: Thinking) -> VictimsWord:
    word = d.state.victims_word(d.at)
    if word is None:
        msg = f"{d.state.stream} passed its gate without the victim's word"
        raise ValueError(msg)
    return word
