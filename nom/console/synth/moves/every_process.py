"""Moves that any process knows: notes, corrections, another policy pack, and the matter marked up to date."""

from functools import partial

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.office import Happened
from nom.console.synth.plan import is_joined_later
from nom.contracts.events import EventBase
from nom.contracts.every_process import ProcessOpened
from nom.contracts.ids import ProcessKind, parse_stream
from nom.contracts.local_time import LONDON
from nom.contracts.policy.loader import pack_for_matter
from nom.contracts.services import NCA
from nom.workflows.model.process import ProcessState

_WRITERS = {
    ProcessKind.CASE: "duty-officer-1",
    ProcessKind.REFERRAL: "duty-officer-1",
    ProcessKind.TRIAGE: "sergeant-triage-1",
    ProcessKind.STRATEGY_MEETING: "chair-1",
    ProcessKind.DESIGNATION: "analyst-1",
    ProcessKind.INVESTIGATION: "officer-1",
    ProcessKind.CUSTODY: "custody-officer-1",
    ProcessKind.CHARGE: "officer-sio-1",
    ProcessKind.CLOSURE: "officer-sio-1",
    ProcessKind.CLOSED_CASE_REVIEW: "coordinator-1",
}
"""Who writes notes in each process."""


def _on_opened(m: Matter, happened: Happened) -> None:
    if not isinstance(happened.event, ProcessOpened):
        return
    if m.draws.share("note"):
        m.later(partial(_note, stream=happened.stream), "note")
    if m.draws.share("correction"):
        m.later(partial(_correct, stream=happened.stream), "note")
    if m.draws.share("policy_adopted"):
        m.later(partial(_adopt, stream=happened.stream), "adopt_policy")


def _writer(stream: str) -> str:
    return _WRITERS[parse_stream(stream).kind]


def _note(m: Matter, stream: str) -> None:
    m.act(stream, _writer(stream), "RecordNote", text=m.draws.say("note"), basis=m.draws.pick("note_basis"))


def _correct(m: Matter, stream: str) -> None:
    state = m.of(ProcessState, stream)
    if state is None:
        return
    if m.draws.share("slip_no_such_record"):
        words = m.draws.say("correction")
        m.attempt(stream, _writer(stream), "CorrectRecord", why="correction", wrong_seq=9_999, correction=words)
    wrong, words = 1 + m.draws.chance.below(state.last_seq), m.draws.say("correction")
    m.act(stream, _writer(stream), "CorrectRecord", why="correction", wrong_seq=wrong, correction=words)


def _adopt(m: Matter, stream: str) -> None:
    """Go on under the pack of the day, where that is another and the process has not ended."""
    state = m.of(ProcessState, stream)
    if state is None or not state.is_open or state.opening is None:
        return
    abroad = parse_stream(stream).force == NCA
    day = m.now.astimezone(LONDON).date()
    newest = pack_for_matter(state.opening.jurisdiction.value, NCA if abroad else "police", day)
    if newest.ref() != state.opening.policy:
        by = "coordinator-1" if abroad else "superintendent-detective-1"
        m.act(stream, by, "AdoptPolicy", why="policy", to=newest.ref())


def mark_up_to_date(m: Matter) -> None:
    """The matter is complete up to now. The last thing that happens to it here: from then on its clocks run, and those
    of its group. So of the cases that meet in a group only the last says it.
    """
    spine = m.of(ProcessState, m.stream(ProcessKind.CASE))
    if is_joined_later(m.order, m.plan):
        return
    if spine is not None and spine.brought_in and m.draws.share("marked_up_to_date"):
        m.now = m.order.end
        m.act(spine.stream, "administrator-1", "MarkUpToDate", since=m.now)


REACTIONS: dict[type[EventBase], Reaction] = {ProcessOpened: _on_opened}
