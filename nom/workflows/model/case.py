"""Rules of the case: which room decides which command, and what follows for closures, reviews and stages.

How stages open and report is in `case_stages`, when the case is over in `case_closing`, how it moves to another force
in `case_transfer` and `case_taking_over`, what it does for closures in `case_closures`.
"""

from typing import Any, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.case import (
    CaseEvent,
    CaseOpened,
    CaseOwnCommand,
    CaseRequest,
    ConductCommand,
    LinkReferral,
    LinkSubject,
    NetworkOutcomeLearned,
    OpenStage,
    ReferralLinked,
    Reopen,
    StageOpened,
    SubjectLinked,
    ToldToCase,
)
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, refuse
from nom.contracts.every_process import AcknowledgeHandOff, MarkUpToDate
from nom.contracts.ids import ProcessKind
from nom.contracts.legal_hold import LiftLegalHold, PlaceLegalHold
from nom.contracts.network_links import RecordNetworkRetest, TellNetworkLink
from nom.contracts.stages import (
    OpenCase,
    OpenOrderedCase,
    RecordNotifiableEvent,
    RecordStageOpened,
    RecordStageOutcome,
    RecordSuspectOutcome,
    TellNetworkOutcome,
)
from nom.contracts.standing import AskStanding, ReopenInvestigation
from nom.contracts.transfer import (
    AcceptTransfer,
    OfferTransfer,
    PassOn,
    RefuseTransfer,
    RequestTransfer,
    TakeOverCase,
    TransferCommand,
)
from nom.workflows.model import (
    case_closing,
    case_closures,
    case_stages,
    case_taking_over,
    case_transfer,
    network_links,
    subject_linking,
)
from nom.workflows.model.case_record import CaseState, Thinking, evolve
from nom.workflows.model.deliberation import Deliberation, deliberate
from nom.workflows.model.ordered_case import open_ordered_case, tell_progress
from nom.workflows.model.process import Decision, Facts, ProcessModel, state_after

AFTER_THE_END = (
    RecordStageOutcome,
    RecordSuspectOutcome,
    RecordNotifiableEvent,
    TellNetworkOutcome,
    TellNetworkLink,
    RecordNetworkRetest,
    LinkReferral,
    ReopenInvestigation,
    Reopen,
    PlaceLegalHold,
    LiftLegalHold,
    PassOn,
)
"""What other processes may still have to say to a case that has closed, and what people may still do with one."""

MAY_CLOSE = (RecordStageOpened, RecordStageOutcome, RecordSuspectOutcome, TakeOverCase)
"""What may show that nothing is left to do. A hold that is lifted and a transfer that is refused may, too."""

IN_AN_OFFERED_CASE = (OfferTransfer, AcceptTransfer, RefuseTransfer, TakeOverCase, RecordStageOpened)
"""All that is taken while another force's case is offered and not here yet."""


def decide(state: CaseState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on a case."""
    decision = deliberate(state, request, facts, _rules_and_news, AFTER_THE_END)
    if isinstance(decision, Refusal) or not isinstance(request.command, MarkUpToDate | AcknowledgeHandOff):
        return decision
    onward = Deliberation(state_after(state, decision, evolve), request, facts)
    if isinstance(request.command, MarkUpToDate):
        # A case that is up to date has every stage up to date.
        for stage in state.own_stages():
            onward.hand_off(stage.stream, MarkUpToDate())
        group = network_links.nominated_group(state)
        if group is not None:
            onward.hand_off(group, MarkUpToDate())
    else:
        _after_answer(onward, state, request.command)
    return (*decision, *onward.events)


def _after_answer(d: Thinking, before: CaseState, command: AcknowledgeHandOff) -> None:
    """Where the other force could not even be offered the case, or could not hand it over, the transfer is off."""
    if command.answer.accepted:
        return
    item = before.waiting(command.hand_off_id)
    because = command.answer.message or command.answer.code or "no words were given"
    offer = OfferTransfer.model_fields["type"].default
    acceptance = AcceptTransfer.model_fields["type"].default
    if item is not None and item.command == offer and before.transfer is not None:
        case_transfer.stays(d, before.transfer, because)
    if item is not None and item.command == acceptance and before.is_only_offered and before.outcome is None:
        case_taking_over.not_handed_over(d, because)


def _rules_and_news(d: Thinking) -> Refusal | None:
    refusal = _not_here(d) or _rules(d)
    if refusal is None:
        if isinstance(d.command, MAY_CLOSE):
            case_closing.close_when_done(d)
        tell_progress(d, d.state.review)
        if not state_after(d.state, d.events, evolve).transferred_to:
            case_closures.keep_asking(d)
        network_links.tell_new_triage(d)
    return refusal


def _not_here(d: Thinking) -> Refusal | None:
    if d.state.is_only_offered and not isinstance(d.command, IN_AN_OFFERED_CASE):
        return refuse("not_taken_over", "another force's case is offered here: nothing may be done in it yet")
    return None


def _rules(d: Thinking) -> Refusal | None:
    command = cast("CaseOwnCommand", d.command)
    match command:
        case OpenCase() | OpenOrderedCase() | LinkReferral() | LinkSubject() | OpenStage() | Reopen():
            return _conduct(d, command)
        case PlaceLegalHold():
            case_closing.place_hold(d)
            return None
        case LiftLegalHold():
            return case_closing.lift_hold(d, command)
        case RequestTransfer() | OfferTransfer() | AcceptTransfer() | RefuseTransfer() | TakeOverCase() | PassOn():
            return _transfer(d, command)
        case TellNetworkLink():
            network_links.learn(d, command)
            return None
        case RecordNetworkRetest():
            case_stages.take_retest(d, command)
            return None
        case (
            RecordStageOpened()
            | RecordStageOutcome()
            | RecordSuspectOutcome()
            | RecordNotifiableEvent()
            | TellNetworkOutcome()
            | AskStanding()
            | ReopenInvestigation()
        ):
            return _told(d, command)
        case _:
            assert_never(command)


def _conduct(d: Thinking, command: ConductCommand) -> Refusal | None:
    match command:
        case OpenCase():
            _open_case(d, command)
        case OpenOrderedCase():
            open_ordered_case(d, command)
        case LinkReferral():
            return _link_referral(d, command)
        case LinkSubject():
            return _link_subject(d, command)
        case OpenStage():
            return case_stages.open_urgently(d, command)
        case Reopen():
            return case_closing.reopen_case(d, command)
        case _:
            assert_never(command)
    return None


def _transfer(d: Thinking, command: TransferCommand) -> Refusal | None:
    match command:
        case RequestTransfer():
            return case_transfer.request_transfer(d, command)
        case OfferTransfer():
            return case_taking_over.take_offer(d, command)
        case AcceptTransfer():
            return case_taking_over.accept(d) if d.state.is_only_offered else case_transfer.accepted(d, command)
        case RefuseTransfer():
            return case_taking_over.turn_down(d) if d.state.is_only_offered else case_transfer.refused(d, command)
        case TakeOverCase():
            return case_taking_over.take_over(d, command)
        case PassOn():
            return case_taking_over.hear(d, command) or _told(d, command.news)
        case _:
            assert_never(command)


def _told(d: Thinking, command: ToldToCase) -> Refusal | None:
    if d.state.transferred_to and isinstance(
        command, RecordStageOutcome | RecordSuspectOutcome | RecordNotifiableEvent
    ):
        case_transfer.pass_on(d, command)
        return None
    match command:
        case RecordStageOpened():
            return case_stages.take_opened(d, command)
        case RecordStageOutcome():
            return case_stages.take_outcome(d, command)
        case RecordSuspectOutcome():
            return case_stages.take_suspect_outcome(d, command)
        case RecordNotifiableEvent():
            case_stages.relay(d, command)
        case TellNetworkOutcome():
            _learn(d, command)
        case AskStanding():
            return case_closures.ask(d, command)
        case ReopenInvestigation():
            return case_closures.reopen(d, command)
        case _:
            assert_never(command)
    return None


def _learn(d: Thinking, command: TellNetworkOutcome) -> None:
    learned = NetworkOutcomeLearned(
        group=command.group, outcome=command.outcome, tier=command.tier, reason=command.reason
    )
    d.record(learned)


def _open_case(d: Thinking, command: OpenCase) -> None:
    brief = command.brief
    d.open(brief.opening)
    d.record(
        CaseOpened(
            referral=command.referral,
            received_at=brief.received_at,
            subjects=brief.subjects,
            allegations=brief.allegations,
        )
    )
    d.record(StageOpened(stage=command.referral, kind=ProcessKind.REFERRAL, urgent=False))


def _link_referral(d: Thinking, command: LinkReferral) -> Refusal | None:
    if command.referral in d.state.referrals:
        return refuse("already_linked", f"{command.referral} is linked already")
    d.record(ReferralLinked(referral=command.referral))
    return None


def _link_subject(d: Thinking, command: LinkSubject) -> Refusal | None:
    if command.subject.id in {subject.id for subject in d.state.subjects}:
        return refuse("already_linked", f"{command.subject.id} is part of the case already")
    d.record(SubjectLinked(subject=command.subject))
    subject_linking.tell_stages(d, command)
    return None


MODEL = ProcessModel(
    kind=ProcessKind.CASE,
    state=CaseState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(CaseRequest),
    events=TypeAdapter(CaseEvent),
)
