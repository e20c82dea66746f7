"""Rules of the case: which stages it has, what follows from each outcome, and when nothing is left to do."""

from typing import Any, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.case import (
    CaseEvent,
    CaseOpened,
    CaseOwnCommand,
    CaseRequest,
    GroupNominated,
    LinkReferral,
    LinkSubject,
    NetworkOutcomeLearned,
    NotifiableEventRelayed,
    OpenStage,
    ReferralLinked,
    StageOpened,
    StageOutcomeRecorded,
    SubjectLinked,
    SuspectOutcomeRecorded,
    ToldToCase,
)
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, refuse
from nom.contracts.events import CommandBase
from nom.contracts.every_process import MarkUpToDate
from nom.contracts.ids import ProcessKind, group_matter, parse_stream, stream_of
from nom.contracts.stages import (
    Nominate,
    NominationGrounds,
    OpenCase,
    OpenInvestigation,
    OpenOrderedCase,
    OpenStrategyMeeting,
    OpenTriage,
    RecordNotifiableEvent,
    RecordStageOpened,
    RecordStageOutcome,
    RecordSuspectOutcome,
    StageBrief,
    TellNetworkOutcome,
)
from nom.contracts.standing import AskStanding, ReopenInvestigation
from nom.workflows.model import case_closures
from nom.workflows.model.case_record import CaseState, evolve
from nom.workflows.model.deliberation import Deliberation, deliberate
from nom.workflows.model.ordered_case import open_ordered_case, tell_progress
from nom.workflows.model.process import Decision, Facts, ProcessModel, state_after

Thinking = Deliberation[CaseState]
AFTER_THE_END = (
    RecordStageOutcome,
    RecordSuspectOutcome,
    RecordNotifiableEvent,
    TellNetworkOutcome,
    LinkReferral,
    ReopenInvestigation,
)
"""What other processes may still have to say to a case that has closed."""


def decide(state: CaseState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on a case."""
    decision = deliberate(state, request, facts, _rules_and_news, AFTER_THE_END)
    if isinstance(decision, Refusal) or not isinstance(request.command, MarkUpToDate):
        return decision
    # A case that is up to date has every stage up to date.
    onward = Deliberation(state, request, facts)
    for stage in state.stages:
        onward.hand_off(stage.stream, MarkUpToDate())
    return (*decision, *onward.events)


def _rules_and_news(d: Thinking) -> Refusal | None:
    refusal = _rules(d)
    if refusal is None:
        tell_progress(d, d.state.review)
        case_closures.keep_asking(d)
    return refusal


def _rules(d: Thinking) -> Refusal | None:
    command = cast("CaseOwnCommand", d.command)
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
            return _open_urgently(d, command)
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
    return None


def _told(d: Thinking, command: ToldToCase) -> Refusal | None:
    match command:
        case RecordStageOpened():
            return _stage_opened(d, command)
        case RecordStageOutcome():
            return _stage_outcome(d, command)
        case RecordSuspectOutcome():
            return _suspect_outcome(d, command)
        case RecordNotifiableEvent():
            _relay(d, command)
        case TellNetworkOutcome():
            d.record(
                NetworkOutcomeLearned(
                    group=command.group, outcome=command.outcome, tier=command.tier, reason=command.reason
                )
            )
        case AskStanding():
            return case_closures.ask(d, command)
        case ReopenInvestigation():
            return case_closures.reopen(d, command)
        case _:
            assert_never(command)
    return None


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
    return None


def _open_urgently(d: Thinking, command: OpenStage) -> Refusal | None:
    running = [stage for stage in d.state.of_kind(command.stage) if stage.outcome is None]
    if running and command.stage is not ProcessKind.STRATEGY_MEETING:
        return refuse("stage_open", f"{running[0].stream} is open already")
    _open_next(d, command.stage, urgent=True)
    return None


def _open_next(d: Thinking, kind: ProcessKind, *, urgent: bool) -> None:
    opened_now = sum(isinstance(event, StageOpened) and event.kind is kind for event in d.events)
    stream = stream_of(d.state.case, kind, len(d.state.of_kind(kind)) + opened_now + 1)
    d.record(StageOpened(stage=stream, kind=kind, urgent=urgent))
    d.hand_off(stream, _opening_command(kind, _brief(d.state)))


def _brief(state: CaseState) -> StageBrief:
    opening, received_at = state.opening, state.received_at
    if opening is None or received_at is None:
        msg = f"{state.stream} opens a stage before it was opened itself"
        raise ValueError(msg)
    opening = opening.model_copy(update={"brought_in": state.brought_in})
    return StageBrief(opening=opening, received_at=received_at, subjects=state.subjects, allegations=state.allegations)


def _opening_command(kind: ProcessKind, brief: StageBrief) -> CommandBase:
    if kind is ProcessKind.TRIAGE:
        return OpenTriage(brief=brief)
    if kind is ProcessKind.STRATEGY_MEETING:
        return OpenStrategyMeeting(brief=brief)
    if kind is ProcessKind.INVESTIGATION:
        return OpenInvestigation(brief=brief)
    msg = f"a case does not open {kind}"
    raise ValueError(msg)


def _stage_opened(d: Thinking, command: RecordStageOpened) -> Refusal | None:
    if d.state.stage(command.stage):
        return refuse("already_linked", f"{command.stage} is a stage of the case already")
    kind = parse_stream(command.stage).kind
    d.record(StageOpened(stage=command.stage, kind=kind, urgent=False, about=command.about))
    return None


def _stage_outcome(d: Thinking, command: RecordStageOutcome) -> Refusal | None:
    stage = d.state.stage(command.stage)
    if stage is None:
        return refuse("no_such_stage", f"{command.stage} is not a stage of this case")
    d.record(StageOutcomeRecorded(stage=command.stage, outcome=command.outcome))
    for kind in command.opens_next:
        if not any(item.outcome is None for item in d.state.of_kind(kind)):
            _open_next(d, kind, urgent=False)
    case_closures.stop_asking(d, command.stage, command.outcome)
    if command.nomination is not None:
        _nominate(d, command.nomination)
    _close_when_done(d, ended=command.stage, decided=None)
    return None


def _nominate(d: Thinking, grounds: NominationGrounds) -> None:
    group = stream_of(f"nca/{group_matter(d.state.stream)}", ProcessKind.DESIGNATION)
    brief = _brief(d.state)
    d.record(GroupNominated(group=group, grounds=grounds))
    d.hand_off(group, Nominate(opening=brief.opening, case=d.state.case, grounds=grounds))


def _suspect_outcome(d: Thinking, command: RecordSuspectOutcome) -> Refusal | None:
    if command.suspect not in {subject.id for subject in d.state.subjects}:
        return refuse("unknown_subject", f"{command.suspect} is not part of this case")
    by = d.request.actor.on_behalf_of
    d.record(
        SuspectOutcomeRecorded(suspect=command.suspect, outcome=command.outcome, stage=command.stage, decided_by=by)
    )
    for stage in d.state.of_kind(ProcessKind.CUSTODY):
        if command.suspect in stage.about and stage.outcome is None:
            d.hand_off(stage.stream, command)
    # What the prosecutor declines, the police have still to close.
    _close_when_done(d, ended=None, decided=None if command.outcome == "declined" else command.suspect)
    return None


def _relay(d: Thinking, command: RecordNotifiableEvent) -> None:
    d.record(NotifiableEventRelayed(of=command.of, suspect=command.suspect, happened_at=command.happened_at))
    # An investigation that has ended still owes the victim the news of what follows from it.
    for stage in d.state.of_kind(ProcessKind.INVESTIGATION):
        d.hand_off(stage.stream, command)


def _close_when_done(d: Thinking, ended: str | None, decided: str | None) -> None:
    """The case closes by itself when every stage has ended and every suspect has an outcome."""
    open_stages = [stage for stage in d.state.stages if stage.outcome is None and stage.stream != ended]
    opened_now = any(isinstance(event, StageOpened) for event in d.events)
    suspects = [suspect for suspect in d.state.undecided_suspects() if suspect != decided]
    has_suspects = any(subject.is_suspect for subject in d.state.subjects)
    # A matter without a suspect is over when its crimes are: each by a closure that has become final.
    known = state_after(d.state, d.events, evolve)
    closed = any(stage.outcome == "closed" for stage in known.of_kind(ProcessKind.CLOSURE))
    if (has_suspects or closed) and not (open_stages or opened_now or suspects):
        d.end("every suspect has an outcome")


MODEL = ProcessModel(
    kind=ProcessKind.CASE,
    state=CaseState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(CaseRequest),
    events=TypeAdapter(CaseEvent),
)
