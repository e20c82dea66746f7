"""Who the people of a referral are: the same person as another reference, an identifier that is on record."""

from nom.contracts.errors import Refusal, refuse, unmet
from nom.contracts.identity import (
    ConsistentIdentifierAdded,
    IdentityCommand,
    LinkIdentity,
    RecordConsistentIdentifier,
    SubjectIdentityLinked,
)
from nom.workflows.model.referral_record import Thinking


def record_identity(d: Thinking, command: IdentityCommand) -> Refusal | None:
    """Record it of somebody of this referral."""
    if command.subject not in {subject.id for subject in d.state.subjects}:
        words = f"{command.subject} is not part of this referral"
        return refuse("unknown_subject", words, unmet("unknown_subject", words, command.subject))
    if isinstance(command, LinkIdentity):
        return _link(d, command)
    return _add(d, command)


def _link(d: Thinking, command: LinkIdentity) -> Refusal | None:
    if command.same_as == command.subject:
        return refuse("same_reference", "one reference is one person: name another")
    pair = (command.subject, command.same_as)
    if pair in d.state.same_people or pair[::-1] in d.state.same_people:
        return refuse("already_linked", f"{command.subject} and {command.same_as} are one person already")
    d.record(SubjectIdentityLinked(subject=command.subject, same_as=command.same_as, basis=command.basis))
    return None


def _add(d: Thinking, command: RecordConsistentIdentifier) -> Refusal | None:
    if command.kind == "nhs_number" and not command.checked:
        words = "an NHS number is recorded once its check digit was found to fit"
        return refuse("identifier_not_checked", words, unmet("identifier_not_checked", words, command.subject))
    if (command.subject, command.kind, command.entry) in d.state.identifiers:
        return refuse("already_recorded", f"that entry of {command.subject} is on record already")
    d.record(
        ConsistentIdentifierAdded(
            subject=command.subject, kind=command.kind, entry=command.entry, checked=command.checked
        )
    )
    return None
