"""Moves of a transfer: a case is offered to another force, which takes it over or does not."""

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.office import Happened
from nom.console.synth.plan import opening_of
from nom.contracts.case import CaseOpened
from nom.contracts.events import EventBase
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.policy import reference
from nom.contracts.transfer import TransferRequested
from nom.workflows.model.case_record import CaseState

_ASKS = "superintendent-detective-1"


def _on_case(m: Matter, _: Happened) -> None:
    if m.draws.share("transfer_asked_in_vain"):
        m.later(_offer_in_vain, "transfer")


def hand_over_at_the_end(m: Matter) -> bool:
    """Now and then the last thing that happens here: another force takes the case over. Whether that was so."""
    state = m.of(CaseState, m.stream(ProcessKind.CASE))
    if m.plan.kind == "closed_case" or state is None or not state.is_open or not m.draws.share("transferred"):
        return False
    m.now = m.order.end
    return _offer(m, accepted=True)


def _offer_in_vain(m: Matter) -> None:
    _offer(m, accepted=False)


def _offer(m: Matter, *, accepted: bool) -> bool:
    stream = m.stream(ProcessKind.CASE)
    state = m.of(CaseState, stream)
    others = tuple(force for force in m.order.forces if force != m.plan.force and _same_law(m, force))
    if state is None or not state.is_open or not others:
        return False
    to = m.draws.chance.one_of(others)
    opening = opening_of(m.plan.jurisdiction, m.plan.begins)
    if not m.act(stream, _ASKS, "RequestTransfer", why="transfer", to=to, opening=opening):
        return False
    case = next(item.event.case for item in m.office.recent() if isinstance(item.event, TransferRequested))
    receiver = m.person(_ASKS, force=to, id="superintendent-detective-20")
    there = stream_of(case, ProcessKind.CASE)
    answer = "AcceptTransfer" if accepted else "RefuseTransfer"
    return m.act(there, receiver, answer, why="transfer_answer", since=m.last(stream)) and accepted


def _same_law(m: Matter, force: str) -> bool:
    found = reference.force(force)
    return found is not None and m.plan.jurisdiction in found.jurisdiction


REACTIONS: dict[type[EventBase], Reaction] = {CaseOpened: _on_case}
