"""Rules of the file on its way to the Crown Prosecution Service: advice, submission, the action plan, resubmission."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from nom.contracts.charge import (
    ActionItemCompleted,
    ActionPlanIssued,
    Charge,
    CompleteActionItem,
    EarlyAdviceSought,
    FileResubmitted,
    FileSubmitted,
    IssueActionPlan,
    NumberedItem,
    SeekEarlyAdvice,
    SubmitFile,
    SuspectCharges,
)
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.ids import ProcessKind, SubjectId, stream_of
from nom.contracts.policy import reference
from nom.contracts.stages import RecordStageOpened
from nom.contracts.subjects import Subject
from nom.workflows.model.charge_state import Thinking
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.deadlines import london_day


def seek_early_advice(d: Thinking, command: SeekEarlyAdvice) -> Refusal | None:
    """Open the process before the file is ready."""
    missing = tuple(_not_suspects(command.suspects))
    if missing:
        return refused_for(missing, "advice is sought about suspects")
    _open(d, command)
    d.record(EarlyAdviceSought(suspects=_each_once(command.suspects), sought_at=d.at))
    return None


def submit(d: Thinking, command: SubmitFile) -> Refusal | None:
    """Submit the file: its charges are fixed, the target for a decision is watched from here."""
    charges = _charges(command)
    missing = (
        *contradictions(d.at, ("before_advice", "early advice was sought", d.state.sought_at)),
        *_not_suspects(command.suspects),
        *_not_victims(command.victims),
        *_not_chargeable(command, charges),
    )
    if missing:
        return refused_for(missing, "the file can't be submitted like this")
    if d.state.opening is None:
        _open(d, command)
    warnings = _ages_that_do_not_fit(charges, command.victims)
    d.record(
        FileSubmitted(file=command.file, charges=charges, victims=command.victims, submitted_at=d.at, warnings=warnings)
    )
    d.start_clock("CH1", "file received")
    return None


def _open(d: Thinking, command: SeekEarlyAdvice | SubmitFile) -> None:
    d.open(command.opening)
    opened = RecordStageOpened(stage=d.state.stream, about=_each_once(command.suspects))
    d.hand_off(stream_of(d.state.case, ProcessKind.CASE), opened)


def _charges(command: SubmitFile) -> tuple[Charge, ...]:
    proposed: dict[Charge, None] = {}
    for entry in command.charges:
        suspects = (entry.suspect,) if isinstance(entry, SuspectCharges) else command.suspects
        offences = entry.offences if isinstance(entry, SuspectCharges) else (entry,)
        proposed |= {Charge(suspect=who, offence=what): None for who in suspects for what in offences}
    return tuple(proposed)


def _not_suspects(suspects: tuple[SubjectId, ...]) -> Iterator[Unmet]:
    for suspect in suspects:
        if not suspect.startswith("suspect-"):
            yield unmet("not_a_suspect", f"{suspect} is not a reference to a suspect", suspect)


def _not_victims(victims: tuple[Subject, ...]) -> Iterator[Unmet]:
    for victim in victims:
        if not victim.is_victim:
            yield unmet("not_a_victim", f"{victim.id} is not a reference to a victim", victim.id)


def _not_chargeable(command: SubmitFile, charges: tuple[Charge, ...]) -> Iterator[Unmet]:
    for offence in _each_once(tuple(charge.offence for charge in charges)):
        if reference.offence(offence) is None:
            yield unmet("unknown_offence", f"no offence has the code {offence}", offence)
    charged = _each_once(tuple(charge.suspect for charge in charges))
    for suspect in charged:
        if suspect not in command.suspects:
            yield unmet("unknown_suspect", f"{suspect} is not a suspect of the file", suspect)
    for suspect in _each_once(command.suspects):
        if suspect not in charged:
            yield unmet("no_charge_proposed", f"no charge is proposed against {suspect}", suspect)


def _ages_that_do_not_fit(charges: tuple[Charge, ...], victims: tuple[Subject, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for offence in _each_once(tuple(charge.offence for charge in charges)):
        words = [reference.age_fits(offence, victim.age) for victim in victims]
        if words[0] is not None and None not in words:
            found.append(words[0])
    return tuple(found)


def issue_action_plan(d: Thinking, command: IssueActionPlan) -> Refusal | None:
    """Say what is still needed: a clock runs for each item, to the end of the day that the plan gives."""
    first = len(d.state.items) + 1
    items = tuple(
        NumberedItem(what=item.what, due=item.due, number=number) for number, item in enumerate(command.items, first)
    )
    past = tuple(
        unmet("due_in_past", f"item {item.number} would be due on {item.due}, before the plan", str(item.number))
        for item in items
        if item.due < london_day(d.at)
    )
    if past:
        return refused_for(past, "an item is due before the plan")
    d.record(ActionPlanIssued(items=items, issued_at=d.at))
    for item in items:
        noon = datetime.combine(item.due, time(12), UTC)
        number = str(item.number)
        d.start_clock("CH2", "action plan issued", given=noon, clock_id=f"ch2-{number}", about=number)
    return None


def complete_action_item(d: Thinking, command: CompleteActionItem) -> Refusal | None:
    """An item was done."""
    planned = next((item for item in d.state.items if item.item.number == command.item), None)
    if planned is None:
        return refuse("no_such_item", f"the file has no action item {command.item}")
    if planned.completed_at is not None:
        return refuse("already_completed", f"action item {command.item} was completed already")
    early = tuple(contradictions(d.at, ("before_plan", "the action plan was issued", planned.issued_at)))
    if early:
        return refused_for(early, f"action item {command.item} can't have been completed then")
    d.record(ActionItemCompleted(item=command.item, completed_at=d.at))
    d.meet_clock(f"ch2-{command.item}")
    return None


def resubmit(d: Thinking) -> Refusal | None:
    """Submit again: only when every item that had been asked for by then had been done by then."""
    issued = [item.issued_at for item in d.state.items]
    if not issued:
        return refuse("no_action_plan", "no action plan was issued: there is nothing to answer")
    early = tuple(contradictions(d.at, ("before_plan", "the first action plan was issued", min(issued))))
    if early:
        return refused_for(early, "the file can't have been resubmitted then")
    missing = tuple(
        unmet("action_item_open", f"action item {item.item.number} is open", str(item.item.number))
        for item in d.state.items
        if item.is_open_at(d.at)
    )
    if missing:
        return refuse("action_items_open", "the action plan is not done", *missing)
    d.record(FileResubmitted(resubmitted_at=d.at))
    return None


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
