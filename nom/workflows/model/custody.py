"""Rules of custody, one process per arrest: which rule answers which command, and how each event changes the arrest."""

from typing import Any, assert_never, cast

from pydantic import TypeAdapter

from nom.contracts.bail_regime import BailAuthorityRecorded, BailRegimeChanged, ChangeBailRegime
from nom.contracts.custody import (
    Arrest,
    AuthoriseDetention,
    Bail,
    BailExtended,
    BailGranted,
    CustodyEnded,
    CustodyEvent,
    CustodyOwnCommand,
    CustodyOwnEvent,
    CustodyRequest,
    DetentionAuthorised,
    DetentionExtended,
    DetentionReviewed,
    EndCustody,
    ExtendBail,
    ExtendDetention,
    ReleaseUnderInvestigation,
    ReviewDetention,
    SuspectArrested,
    SuspectReleasedUnderInvestigation,
    UnlawfulDetentionRecorded,
    UnlawfulDetentionWithdrawn,
)
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.policy import reference
from nom.contracts.stages import RecordStageOpened, RecordSuspectOutcome
from nom.contracts.warrants import (
    ApplyForWarrant,
    EarlierDetentionCounted,
    GrantWarrant,
    HospitalStayRecorded,
    RecordHospital,
    RefuseWarrant,
    WarrantAppliedFor,
    WarrantGranted,
    WarrantRefused,
)
from nom.workflows.model import bail, bail_regime, detention, hospital, warrants
from nom.workflows.model.custody_state import CustodyState, Thinking
from nom.workflows.model.deliberation import deliberate
from nom.workflows.model.process import Decision, Facts, ProcessModel

ReleaseCommand = Bail | ExtendBail | ChangeBailRegime | ReleaseUnderInvestigation | EndCustody


def decide(state: CustodyState, request: CommandEnvelope[Any], facts: Facts) -> Decision:
    """Decide one command on an arrest. What was done in detention may still be entered after custody has ended."""
    return deliberate(state, request, facts, _rules, after_end=_OF_DETENTION)


_OF_DETENTION = (ReviewDetention, ExtendDetention, RecordHospital, ApplyForWarrant, GrantWarrant, RefuseWarrant)


def _rules(d: Thinking) -> Refusal | None:  # One return per command.
    command = cast("CustodyOwnCommand", d.command)
    match command:
        case Arrest():
            return _arrest(d, command)
        case AuthoriseDetention():
            return detention.authorise(d, command)
        case ReviewDetention():
            return detention.review(d)
        case ExtendDetention():
            return detention.extend(d, command)
        case RecordHospital():
            return hospital.record_stay(d, command)
        case ApplyForWarrant() | GrantWarrant() | RefuseWarrant():
            return warrants.answer(d, command)
        case Bail() | ExtendBail() | ChangeBailRegime() | ReleaseUnderInvestigation() | EndCustody():
            return _rules_of_release(d, command)
        case RecordSuspectOutcome():
            return bail.take_outcome(d, command)
        case _:
            assert_never(command)


def _rules_of_release(d: Thinking, command: ReleaseCommand) -> Refusal | None:
    match command:
        case Bail():
            return bail.grant_bail(d, command)
        case ExtendBail():
            return bail.extend_bail(d, command)
        case ChangeBailRegime():
            return bail_regime.change_regime(d, command)
        case ReleaseUnderInvestigation():
            return bail.release_under_investigation(d)
        case EndCustody():
            return bail.end_custody(d, command)
        case _:
            assert_never(command)


def _arrest(d: Thinking, command: Arrest) -> Refusal | None:
    if not command.suspect.startswith("suspect-"):
        return refuse("not_a_suspect", f"{command.suspect} is not a reference to a suspect")
    if command.offence is not None and reference.offence(command.offence) is None:
        words = f"no offence has the code {command.offence}"
        return refuse("unknown_code", words, unmet("unknown_offence", words, command.offence))
    d.open(command.opening)
    d.record(
        SuspectArrested(
            suspect=command.suspect,
            offence=command.offence,
            breach_of_bail=command.breach_of_bail,
            arrested_at=d.at,
        )
    )
    opened = RecordStageOpened(stage=d.state.stream, about=(command.suspect,))
    d.hand_off(stream_of(d.state.case, ProcessKind.CASE), opened)
    return None


def evolve(state: CustodyState, event: CustodyOwnEvent) -> CustodyState:
    """Fold one event of an arrest."""
    match event:
        case SuspectArrested():
            return state.model_copy(
                update={
                    "suspect": event.suspect,
                    "offence": event.offence,
                    "breach_of_bail": event.breach_of_bail,
                    "arrested_at": event.arrested_at,
                }
            )
        case (
            DetentionAuthorised()
            | DetentionReviewed()
            | DetentionExtended()
            | EarlierDetentionCounted()
            | UnlawfulDetentionRecorded()
            | UnlawfulDetentionWithdrawn()
        ):
            return state.model_copy(update=detention.changed(state, event))
        case HospitalStayRecorded():
            return state.model_copy(update=hospital.changed(state, event))
        case WarrantAppliedFor() | WarrantGranted() | WarrantRefused():
            return state.model_copy(update=warrants.changed(state, event))
        case BailRegimeChanged():
            return state.model_copy(update=bail_regime.changed(event))
        case BailAuthorityRecorded():
            return state  # On what an extension rests is for people to read.
        case BailGranted() | BailExtended() | SuspectReleasedUnderInvestigation() | CustodyEnded():
            return state.model_copy(update=bail.changed(state, event))
        case _:
            assert_never(event)


MODEL = ProcessModel(
    kind=ProcessKind.CUSTODY,
    state=CustodyState,
    decide=decide,
    evolve=evolve,
    commands=TypeAdapter(CustodyRequest),
    events=TypeAdapter(CustodyEvent),
)
