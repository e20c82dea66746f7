"""Links between people who may act together: the words that triage and designation share. Says nothing of guilt."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from nom.contracts.ids import SubjectId

Unidentified = Annotated[str, StringConstraints(pattern=r"^unidentified(-[0-9]{1,3})?$")]
"""Somebody whose identity is not known: `unidentified`, or `unidentified-2` to tell one from another."""

LinkedPerson = SubjectId | Unidentified
"""One end of a link."""

NetworkLinkKind = Literal[
    "associates",
    "relatives",
    "same_address",
    "same_vehicle",
    "same_telephone",
    "same_place",
    "same_victim",
    "involved_together",
    "introduced",
    "trafficked",
    "took_payment",
    "allowed_use_of_property",
    "other",
]
"""How two people are linked: they know one another, take part together, or one facilitates what another does
(introducing, trafficking, taking payment, allowing the use of property: the inquiry's definition of a network).
"""


def is_unidentified(person: str) -> bool:
    """Whether the end of a link is somebody whose identity is not known."""
    return person.startswith("unidentified")
