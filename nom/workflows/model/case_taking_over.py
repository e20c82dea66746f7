"""Receiving a case from another force: accept or refuse it on its preview, then go on with what was handed over.

Nothing may be done in a case that was only offered. The linked groups learn that the case goes on here.
"""

from pydantic import ValidationError

from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.group_grounds import LinkCase
from nom.contracts.ids import ProcessKind, namespace_of, parse_stream, stream_of
from nom.contracts.policy import reference
from nom.contracts.services import NCA
from nom.contracts.transfer import (
    AcceptTransfer,
    CaseTakenOver,
    OfferTransfer,
    PassOn,
    RefuseTransfer,
    TakeOverCase,
    TransferAccepted,
    TransferOffered,
    TransferRefused,
)
from nom.workflows.model.case_parts import Offer
from nom.workflows.model.case_record import Thinking, evolve
from nom.workflows.model.conditions import contradictions, refused_for


def take_offer(d: Thinking, command: OfferTransfer) -> Refusal | None:
    """Another force offers its case. Refused where the policy that it names is not one of this force's."""
    own = parse_stream(d.state.stream).force
    pack, force = d.facts.policy, reference.force(own.upper())
    fits = (pack.agency == NCA) == (own == NCA) and pack.force in (None, own.upper())
    if not fits or force is None or command.opening.jurisdiction.value not in force.jurisdiction:
        return refuse("policy_unsuitable", f"{own.upper()} does not work under {pack.version}")
    if namespace_of(command.offered) == own:
        return refuse("own_force", f"{command.offered} is a case of this force already")
    d.open(command.opening)
    d.record(
        TransferOffered(
            offered=command.offered, requested_by=command.requested_by, preview=command.preview, offered_at=d.at
        )
    )
    return None


def accept(d: Thinking) -> Refusal | None:
    """Take the case over: this force owns it from now on, and is sent what there is."""
    offer, own = _offer_of(d), parse_stream(d.state.stream).force
    refusal = _not_now(d, offer)
    if refusal is not None:
        return refusal
    d.record(TransferAccepted(owner=own.upper(), case=d.state.case, accepted_at=d.at))
    d.hand_off(stream_of(offer.case, ProcessKind.CASE), AcceptTransfer(case=d.state.case))
    return None


def turn_down(d: Thinking) -> Refusal | None:
    """Leave the case where it is."""
    offer, own = _offer_of(d), parse_stream(d.state.stream).force
    refusal = _not_now(d, offer)
    if refusal is not None:
        return refusal
    d.record(TransferRefused(by=own.upper(), because=d.reason))
    d.hand_off(stream_of(offer.case, ProcessKind.CASE), RefuseTransfer(case=d.state.case))
    d.end("not taken over")
    return None


def not_handed_over(d: Thinking, because: str) -> None:
    """The sender could not hand over what was accepted: there is no case here."""
    d.record(TransferRefused(by=namespace_of(_offer_of(d).case).upper(), because=because[:4000]))
    d.end("not taken over")


def take_over(d: Thinking, command: TakeOverCase) -> Refusal | None:
    """Go on with the case, and tell every group that it is part of."""
    if d.state.accepted_at is None or command.continues != _offer_of(d).case:
        return refuse("not_accepted", f"{command.continues} was not accepted here")
    taken = CaseTakenOver(continues=command.continues, up_to=command.up_to, state=command.state)
    try:
        case = evolve(d.state, taken)
    except ValidationError:
        return refuse("not_understood", f"what {command.continues} knew is not understood here")
    d.record(taken)
    owner = namespace_of(d.state.stream).upper()
    for group in case.groups:
        because = f"{command.continues} was transferred to {owner}, and goes on as this case"
        link = LinkCase(case=d.state.case, because=because, continues=command.continues)
        d.hand_off(stream_of(group.group, ProcessKind.DESIGNATION), link)
    return None


def hear(d: Thinking, command: PassOn) -> Refusal | None:
    """Take what the former owner was told as if it had been told here."""
    if d.state.offer is None or command.by != d.state.offer.case:
        return refuse("not_its_successor", f"the case does not go on from {command.by}")
    actor = d.request.actor.model_copy(update={"on_behalf_of": command.told_for})
    d.request = d.request.model_copy(update={"actor": actor, "command": command.news})
    d.command = command.news
    return None


def _offer_of(d: Thinking) -> Offer:
    if d.state.offer is None:
        msg = f"{d.state.stream} was never offered"
        raise ValueError(msg)
    return d.state.offer


def _not_now(d: Thinking, offer: Offer) -> Refusal | None:
    if d.state.accepted_at is not None:
        return refuse("already_accepted", "the case was accepted already")
    if d.request.actor.id == offer.requested_by:
        words = "the sender of a case does not answer for the receiver"
        return refuse("separation", words, unmet("separation", words, "RequestTransfer"))
    early = tuple(contradictions(d.at, ("before_request", "the transfer was requested", offer.offered_at)))
    return refused_for(early, "a transfer can't be answered before it was requested") if early else None
