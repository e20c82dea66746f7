"""How a case opens its stages, and what it does with what they tell it. Decides nothing about when a case is over."""

from nom.contracts.bail_regime import ChangeBailRegime
from nom.contracts.case import (
    GroupNominated,
    NotifiableEventRelayed,
    OpenStage,
    StageOpened,
    StageOutcomeRecorded,
    SuspectOutcomeRecorded,
)
from nom.contracts.errors import Refusal, refuse
from nom.contracts.events import CommandBase
from nom.contracts.ids import ProcessKind, StreamId, group_matter, moved_to, namespace_of, parse_stream, stream_of
from nom.contracts.network_links import RecordNetworkRetest
from nom.contracts.services import NCA
from nom.contracts.stages import (
    Nominate,
    NominationGrounds,
    OpenInvestigation,
    OpenStrategyMeeting,
    OpenTriage,
    RecordNotifiableEvent,
    RecordStageOpened,
    RecordStageOutcome,
    RecordSuspectOutcome,
    StageBrief,
)
from nom.workflows.model import case_closures, network_links
from nom.workflows.model.case_record import CaseState, Thinking


def open_urgently(d: Thinking, command: OpenStage) -> Refusal | None:
    """Open a stage before its turn. Only strategy meetings may run side by side."""
    running = [stage for stage in d.state.of_kind(command.stage) if stage.outcome is None]
    if running and command.stage is not ProcessKind.STRATEGY_MEETING:
        return refuse("stage_open", f"{running[0].stream} is open already")
    open_next(d, command.stage, urgent=True)
    return None


def open_next(d: Thinking, kind: ProcessKind, *, urgent: bool) -> StreamId:
    """Open the next stage of a kind, and name it."""
    opened_now = sum(isinstance(event, StageOpened) and event.kind is kind for event in d.events)
    stream = stream_of(d.state.case, kind, len(d.state.of_kind(kind)) + opened_now + 1)
    d.record(StageOpened(stage=stream, kind=kind, urgent=urgent))
    d.hand_off(stream, _opening_command(kind, _brief(d.state)))
    return stream


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


def take_opened(d: Thinking, command: RecordStageOpened) -> Refusal | None:
    """A stage exists: a person opened it, or it goes on from another force's."""
    owner = d.state.transferred_to
    if owner is not None and command.stage not in d.state.awaited:
        # One that was still on its way when the case went on is expected; anything else is new work.
        return refuse("transferred", f"{d.state.stream} was transferred: it goes on as {owner}")
    if d.state.stage(command.stage) and command.stage not in d.state.awaited:
        return refuse("already_linked", f"{command.stage} is a stage of the case already")
    if command.continues is not None and not _came_with_the_case(d.state, command.continues):
        return refuse("not_its_successor", f"the case does not go on from that of {command.continues}")
    kind = parse_stream(command.stage).kind
    d.record(StageOpened(stage=command.stage, kind=kind, urgent=False, about=command.about))
    if command.continues is not None and kind is ProcessKind.CUSTODY and owner is None:
        _change_bail_regime(d, command.continues)
    return None


def _came_with_the_case(state: CaseState, continues: StreamId) -> bool:
    return state.offer is not None and parse_stream(continues).case == state.offer.case


def _change_bail_regime(d: Thinking, continues: StreamId) -> None:
    """Between a force and the National Crime Agency other periods of bail hold (PACE s47ZB)."""
    before, after = (namespace_of(stream) == NCA for stream in (continues, d.state.stream))
    if before != after:
        because = "the case was handed over between a force and the National Crime Agency"
        regime = ChangeBailRegime(regime="nca" if after else "standard")
        d.hand_off(moved_to(continues, d.state.case), regime, because)


def take_outcome(d: Thinking, command: RecordStageOutcome) -> Refusal | None:
    """A stage ended: what follows from it opens, and whoever waited for it is told."""
    stage = d.state.stage(command.stage)
    if stage is None:
        return refuse("no_such_stage", f"{command.stage} is not a stage of this case")
    d.record(StageOutcomeRecorded(stage=command.stage, outcome=command.outcome))
    for kind in command.opens_next:
        if not any(item.outcome is None for item in d.state.of_kind(kind)):
            open_next(d, kind, urgent=False)
    case_closures.stop_asking(d, command.stage, command.outcome)
    if command.nomination is not None:
        _nominate(d, command.nomination)
    return None


def take_retest(d: Thinking, command: RecordNetworkRetest) -> None:
    """Triage made its network test again. One that is met after all obliges what the decision of triage would have: a
    group, and a strategy discussion.
    """
    network_links.hear_answer(d, command)
    if not command.newly_met or command.grounds is None:
        return
    if d.state.transferred_to is not None:
        owner = stream_of(d.state.transferred_to, ProcessKind.CASE)
        d.hand_off(owner, command.model_copy(update={"asked_by": None}))
        return
    if not network_links.is_in_a_group(d.state):
        _nominate(d, command.grounds)
    if d.state.outcome is None and not d.state.of_kind(ProcessKind.STRATEGY_MEETING):
        open_next(d, ProcessKind.STRATEGY_MEETING, urgent=False)


def _nominate(d: Thinking, grounds: NominationGrounds) -> None:
    if network_links.is_in_a_group(d.state):
        network_links.tell_groups(d, "triage was decided: the network test is met, and the case is in this group")
        return
    group = stream_of(f"nca/{group_matter(d.state.stream)}", ProcessKind.DESIGNATION)
    brief = _brief(d.state)
    d.record(GroupNominated(group=group, grounds=grounds))
    d.hand_off(group, Nominate(opening=brief.opening, case=d.state.case, grounds=grounds))


def take_suspect_outcome(d: Thinking, command: RecordSuspectOutcome) -> Refusal | None:
    """What became of a suspect. Custody hears of it."""
    if command.suspect not in {subject.id for subject in d.state.subjects}:
        return refuse("unknown_subject", f"{command.suspect} is not part of this case")
    by = d.request.actor.on_behalf_of
    d.record(
        SuspectOutcomeRecorded(suspect=command.suspect, outcome=command.outcome, stage=command.stage, decided_by=by)
    )
    for stage in d.state.of_kind(ProcessKind.CUSTODY):
        if command.suspect in stage.about and stage.outcome is None:
            d.hand_off(stage.stream, command)
    return None


def relay(d: Thinking, command: RecordNotifiableEvent) -> None:
    """The investigation hears of what victims must be told."""
    d.record(NotifiableEventRelayed(of=command.of, suspect=command.suspect, happened_at=command.happened_at))
    # An investigation that has ended still owes the victim the news of what follows from it.
    for stage in d.state.own_stages():
        if stage.kind is ProcessKind.INVESTIGATION:
            d.hand_off(stage.stream, command)
