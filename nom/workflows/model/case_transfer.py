"""Sending a case to another force: it is offered on a preview, and handed over whole once that force has accepted.

Until then nothing changes here; after a refusal nothing has changed. From the acceptance on, the receiver owns the
case, and what stages here still had to say is passed on to it.
"""

from collections import Counter
from collections.abc import Iterator

from nom.contracts.actors import SYSTEM, SYSTEM_ROLE
from nom.contracts.case import StageOutcomeRecorded
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.every_process import StageTransferred, TransferStage
from nom.contracts.ids import ProcessKind, case_id, moved_to, parse_stream, stream_of, transferred_matter
from nom.contracts.policy import reference
from nom.contracts.stages import RecordNotifiableEvent, RecordStageOutcome, RecordSuspectOutcome
from nom.contracts.transfer import (
    AcceptTransfer,
    NewsPassedOn,
    OfferTransfer,
    PassOn,
    RefuseTransfer,
    RequestTransfer,
    StageCount,
    TakeOverCase,
    ToldOfStage,
    TransferAccepted,
    TransferPreview,
    TransferRefused,
    TransferRequested,
)
from nom.workflows.model.case_closing import close_when_done
from nom.workflows.model.case_parts import PendingTransfer, Stage
from nom.workflows.model.case_record import CaseState, Thinking
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.stage_transfer import handed_over

TO_ANSWER = "TF1"
"""The rule of the pack that says how soon the other force answers."""
GO_ON_AFTER_THE_END = (ProcessKind.TRIAGE, ProcessKind.INVESTIGATION)
"""A triage makes its network test again when a link shows; an investigation is reopened, and owes victims news."""
OFFERED = "a case is offered: the preview says of what kind"
"""The reason that goes with the preview: what the sender wrote may say more than a preview does."""


def request_transfer(d: Thinking, command: RequestTransfer) -> Refusal | None:
    """Offer the case to another force."""
    if d.state.transfer is not None:
        return refuse("transfer_waiting", f"{d.state.transfer.to} was asked and has not answered yet")
    missing = (*_unsuitable(d, command), *contradictions(d.at, ("before_receipt", "received", d.state.received_at)))
    if missing:
        return refused_for(missing, f"the case can't be offered to {command.to}")
    number = d.state.transfers_requested + 1
    case = case_id(command.to, transferred_matter(d.state.case, number))
    opening = command.opening.model_copy(update={"brought_in": d.state.brought_in})
    d.record(
        TransferRequested(
            number=number, to=command.to, case=case, opening=opening, referral=command.referral, requested_at=d.at
        )
    )
    d.start_clock(TO_ANSWER, "transfer requested", clock_id=_answer_clock(number))
    actor = d.request.actor
    offer = OfferTransfer(
        opening=opening,
        offered=d.state.case,
        requested_by=actor.on_behalf_of or actor.id,
        preview=preview_of(d.state),
    )
    d.hand_off(stream_of(case, ProcessKind.CASE), offer, OFFERED)
    return None


def _answer_clock(number: int) -> str:
    """The clock of the request with that number."""
    return f"{TO_ANSWER.lower()}-{number}"


def _unsuitable(d: Thinking, command: RequestTransfer) -> Iterator[Unmet]:
    force = reference.force(command.to)
    if force is None:
        yield unmet("unknown_force", f"no force has the short name {command.to}", command.to)
    elif command.opening.jurisdiction.value not in force.jurisdiction:
        yield unmet("jurisdiction_differs", f"{command.to} does not work in {command.opening.jurisdiction}", command.to)
    if command.to.lower() == parse_stream(d.state.stream).force:
        yield unmet("own_force", f"the case is {command.to}'s already", command.to)
    if command.referral is not None and d.request.actor.role != SYSTEM_ROLE:
        yield unmet("asked_by_the_referral", "a referral asks by being routed", command.referral)


def preview_of(state: CaseState) -> TransferPreview:
    """What the receiver sees: counts and kinds."""
    victims = [subject for subject in state.subjects if subject.is_victim]
    kinds = Counter(stage.kind for stage in state.stages)
    unfinished = Counter(stage.kind for stage in state.stages if stage.outcome is None)
    return TransferPreview(
        children=sum(victim.is_under_18 for victim in victims),
        adults=sum(not victim.is_under_18 for victim in victims),
        suspects=sum(subject.is_suspect for subject in state.subjects),
        allegations=len(state.allegations),
        groups=len(state.groups),
        stages=tuple(
            StageCount(kind=kind, open=unfinished[kind], ended=kinds[kind] - unfinished[kind])
            for kind in ProcessKind
            if kinds[kind]
        ),
        on_hold=bool(state.holds),
        brought_in=state.brought_in,
    )


def accepted(d: Thinking, command: AcceptTransfer) -> Refusal | None:
    """The receiver took the case: hand everything over, end every stage here, and then the case."""
    pending = d.state.transfer
    refusal = _no_answer(d, command)
    if refusal is not None or pending is None:
        return refusal
    d.record(TransferAccepted(owner=pending.to, case=pending.case, accepted_at=d.at))
    d.meet_clock(_answer_clock(d.state.transfers_requested))
    going = {stage.stream: moved_to(stage.stream, pending.case) for stage in moving(d.state)}
    known = handed_over(d.state, d.facts.policy, lambda name: going.get(name, name))
    receiver = stream_of(pending.case, ProcessKind.CASE)
    d.hand_off(receiver, TakeOverCase(continues=d.state.case, up_to=d.state.last_seq, state=known))
    for stage in moving(d.state):
        d.record(StageOutcomeRecorded(stage=stage.stream, outcome="transferred"))
        move = TransferStage(to=pending.case, opening=pending.opening, about=stage.about)
        d.hand_off(stage.stream, move)
    d.record(StageTransferred(to=pending.case))
    d.end("transferred", f"the case was transferred to {pending.to}")
    return None


def refused(d: Thinking, command: RefuseTransfer) -> Refusal | None:
    """The receiver did not take the case: everything stays as it was."""
    pending = d.state.transfer
    refusal = _no_answer(d, command)
    if refusal is not None or pending is None:
        return refusal
    stays(d, pending, d.reason)
    return None


def stays(d: Thinking, pending: PendingTransfer, because: str) -> None:
    """Record that the case stays, and tell the referral if it was that which asked."""
    d.record(TransferRefused(by=pending.to, because=because[:4000]))
    d.meet_clock(_answer_clock(d.state.transfers_requested))
    if pending.referral is not None:
        d.hand_off(pending.referral, RefuseTransfer(case=pending.case), because)
    close_when_done(d)


def _no_answer(d: Thinking, command: AcceptTransfer | RefuseTransfer) -> Refusal | None:
    """Why a command is not the receiver's answer to what was asked."""
    pending = d.state.transfer
    if pending is None:
        return refuse("no_transfer", "no transfer waits for an answer")
    if d.request.actor.role != SYSTEM_ROLE or command.case != pending.case:
        return refuse("not_the_receiver", f"{pending.to} answers, in the case that it was offered")
    early = tuple(contradictions(d.at, ("before_request", "the transfer was requested", pending.requested_at)))
    return refused_for(early, "a transfer can't be answered before it was requested") if early else None


def moving(state: CaseState) -> tuple[Stage, ...]:
    """The stages that go on in the receiving force: those that are open, and those that may have to go on after their
    end. What has ended for good stays in the record of this force, and is named there.
    """
    return tuple(stage for stage in state.own_stages() if stage.outcome is None or stage.kind in GO_ON_AFTER_THE_END)


def pass_on(d: Thinking, command: ToldOfStage) -> None:
    """Tell the present owner what a stage here had still to say."""
    owner = d.state.transferred_to
    if owner is None:
        msg = f"{d.state.stream} passes on what is its own"
        raise ValueError(msg)
    known = d.state.stage(command.stage)
    gone = known is not None and known.outcome == "transferred"
    stage = moved_to(command.stage, owner) if gone else command.stage
    d.record(NewsPassedOn(stage=command.stage, to=owner, news=_news(command)))
    by = d.request.actor.on_behalf_of
    told_for = None if by == SYSTEM.id else by
    news = command.model_copy(update={"stage": stage})
    d.hand_off(stream_of(owner, ProcessKind.CASE), PassOn(by=d.state.case, news=news, told_for=told_for))


def _news(command: ToldOfStage) -> str:
    match command:
        case RecordStageOutcome():
            return f"it ended: {command.outcome}"
        case RecordSuspectOutcome():
            return f"{command.suspect}: {command.outcome}"
        case RecordNotifiableEvent():
            return f"{command.of} of {command.suspect}"
