"""Who somebody is: that two references are one person, and that an identifier of theirs is on record.

The number itself never stands in a command that travels, nor in an event. It is checked where it is typed, and
dropped: what is on record is its kind and the entry of the people register that holds it. Not a digest: of numbers with
nine free digits any digest is undone by trying them all, and one with a key would outlive the erasure of the entry.
"""

from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Field, StringConstraints, model_validator

from nom.contracts.base import Slug
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import SubjectId
from nom.contracts.policy import reference

IdentifierKind = Literal["nhs_number", "unique_pupil_number", "social_care_number", "police_record_number"]
"""Which identifier. The Children's Wellbeing and Schools Act 2026 leaves the consistent one to regulations (low)."""

IdentityBasis = Literal["identifier", "official_document", "own_account", "professional_knowledge", "biometrics"]
"""On what it rests that two references are one person (our list)."""

DIGITS_OF_A_NUMBER = 8
"""No register's reference has as many digits as the shortest number of a person (ours)."""

Typed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class LinkIdentity(CommandBase):
    """Somebody of this referral is the same person as another reference of the people register."""

    decides: ClassVar[bool] = True
    type: Literal["LinkIdentity"] = "LinkIdentity"
    subject: SubjectId
    same_as: SubjectId
    basis: IdentityBasis


class RecordConsistentIdentifier(CommandBase):
    """An identifier of somebody is in the people register. `number` is checked where it is typed, and never kept;
    `entry` is the register's reference for it. `checked` says that the check digit fitted, where the kind has one.
    """

    type: Literal["RecordConsistentIdentifier"] = "RecordConsistentIdentifier"
    subject: SubjectId
    kind: IdentifierKind
    entry: Slug
    number: Typed | None = Field(default=None, exclude=True, repr=False)
    checked: bool = False

    @model_validator(mode="before")
    @classmethod
    def _check_and_drop(cls, typed: Any) -> Any:  # noqa: ANN401  # What is typed may be anything.
        if not isinstance(typed, dict):
            return typed
        known = cast("dict[str, Any]", typed)
        if sum(character.isdigit() for character in str(known.get("entry"))) >= DIGITS_OF_A_NUMBER:
            raise ValueError("`entry` names where the register keeps the number, and never the number itself")
        if known.get("number") is None:
            return known
        number = "".join(str(known["number"]).split())
        has_check_digit = known.get("kind") == "nhs_number"
        if has_check_digit and not reference.is_nhs_number(number):
            raise ValueError("the check digit does not fit: an NHS number has ten digits")
        return {**{name: known[name] for name in known if name != "number"}, "checked": has_check_digit}


class SubjectIdentityLinked(EventBase):
    """Two references are one person."""

    says: ClassVar[str] = "{subject} is the same person as {same_as}, by {basis}"
    type: Literal["subject_identity_linked.v1"] = "subject_identity_linked.v1"
    subject: SubjectId
    same_as: SubjectId
    basis: IdentityBasis


class ConsistentIdentifierAdded(EventBase):
    """An identifier of somebody is on record, and where it is kept. The number is nowhere here."""

    says: ClassVar[str] = "{kind} of {subject} is in the people register, as {entry}; check digit fits: {checked}"
    type: Literal["consistent_identifier_added.v1"] = "consistent_identifier_added.v1"
    subject: SubjectId
    kind: IdentifierKind
    entry: Slug
    checked: bool


IdentityCommand = LinkIdentity | RecordConsistentIdentifier
IdentityEvent = SubjectIdentityLinked | ConsistentIdentifierAdded
