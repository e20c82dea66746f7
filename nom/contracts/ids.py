"""Every id of the system and how it is built. None holds personal data; none is random here."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID, uuid5

from pydantic import AfterValidator, StringConstraints

NOM_NAMESPACE = UUID("6f0b5a0e-58a5-5f0e-9d43-6e8a0b8e7b11")
"""The root of every name-based id (RFC 9562, version 5)."""


class ProcessKind(StrEnum):
    """The processes of the operating model that run as workflows."""

    CASE = "case"
    REFERRAL = "referral"
    TRIAGE = "triage"
    STRATEGY_MEETING = "strategy-meeting"
    DESIGNATION = "designation"
    INVESTIGATION = "investigation"
    CUSTODY = "custody"
    CHARGE = "charge"
    CLOSURE = "closure"
    CLOSED_CASE_REVIEW = "closed-case-review"


_KINDS = {kind.value: kind for kind in ProcessKind}
_STREAM = re.compile(r"(?P<force>[a-z]{3})/(?P<matter>[a-z0-9][a-z0-9-]{0,59})/(?P<stage>[a-z0-9-]{1,50})")
_STAGE = re.compile(r"(?P<kind>[a-z]+(?:-[a-z]+)*?)(?:-(?P<mark>[0-9][a-z0-9]{0,19}))?")


def _checked_stream(value: str) -> str:
    parse_stream(value)
    return value


CaseId = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}/[a-z0-9][a-z0-9-]{0,59}$")]
"""One matter in one force: `gmp/26-7k3f9q`."""

StreamId = Annotated[str, AfterValidator(_checked_stream)]
"""One process instance, its event stream and its workflow id: `gmp/26-7k3f9q/referral-1`."""

EventId = UUID
Force = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""A force's short name, `GMP`; the National Crime Agency is `NCA`. Its namespace is the same in lower case."""

SubjectId = Annotated[str, StringConstraints(pattern=r"^(child|victim|suspect|person|reporter)-[a-z0-9-]{1,60}$")]
"""A reference to somebody in the people register: `child-1`, `suspect-2`. Never a name."""

PersonId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
"""Somebody who acts: an officer, a social worker, a lawyer."""

Matter = NewType("Matter", str)


class StreamName:
    """The parts of a stream id."""

    __slots__ = ("force", "kind", "mark", "matter")

    def __init__(self, force: str, matter: str, kind: ProcessKind, mark: str) -> None:
        self.force = force
        self.matter = matter
        self.kind = kind
        self.mark = mark

    @property
    def case(self) -> str:
        """The case (or, at the NCA, the group) that the process belongs to."""
        return f"{self.force}/{self.matter}"


def parse_stream(value: str) -> StreamName:
    """Take a stream id apart. Raises `ValueError`, naming the form that was expected."""
    whole = _STREAM.fullmatch(value)
    stage = _STAGE.fullmatch(whole["stage"]) if whole else None
    kind = _KINDS.get(stage["kind"]) if stage else None
    if whole is None or stage is None or kind is None:
        msg = f"not a stream id: {value[:120]!r}; expected force/matter/process-number, such as gmp/26-7k3f9q/triage-1"
        raise ValueError(msg)
    return StreamName(whole["force"], whole["matter"], kind, stage["mark"] or "1")


def is_stream(value: str) -> bool:
    """Whether a text is the id of a stream."""
    try:
        parse_stream(value)
    except ValueError:
        return False
    return True


def case_id(force: str, matter: str) -> str:
    """`GMP`, `26-7k3f9q` → `gmp/26-7k3f9q`."""
    return f"{force.lower()}/{matter}"


def stream_of(case: str, kind: ProcessKind, mark: str | int = 1) -> str:
    """The stream of a case's process. A case has one spine, so that carries no number."""
    return f"{case}/{kind.value}" if kind is ProcessKind.CASE else f"{case}/{kind.value}-{mark}"


def namespace_of(stream_or_case: str) -> str:
    """The engine namespace that owns a stream or case: the force's short name in lower case."""
    return stream_or_case.split("/", 1)[0]


def event_id(stream: str, seq: int) -> UUID:
    """The id of the event at a place in a stream: the same place has the same id for ever."""
    return uuid5(NOM_NAMESPACE, f"{stream}#{seq}")


def derived_command_id(stream: str, purpose: str) -> UUID:
    """The id of a command that a process gives by itself, so that giving it twice is giving it once."""
    return uuid5(NOM_NAMESPACE, f"{stream}!{purpose}")


def group_matter(nominating_stream: str) -> str:
    """The NCA's reference for a group, from the process that nominated it first."""
    return f"group-{uuid5(NOM_NAMESPACE, nominating_stream + '@group').hex[:12]}"


def transferred_matter(case: str, number: int) -> str:
    """The receiving force's reference for a case that another force transfers, by the number of the request."""
    return f"from-{namespace_of(case)}-{uuid5(NOM_NAMESPACE, f'{case}@transfer/{number}').hex[:12]}"


def moved_to(stream: str, case: str) -> str:
    """The stream by which a process goes on in another case: `nwp/7k3/custody-1` → `mer/from-nwp-…/custody-1`."""
    return f"{case}/{stream.rsplit('/', 1)[1]}"


def review_matter(force: str, force_reference: str, offence: str, decided_on: date) -> str:
    """The National Crime Agency's reference for the review of a closed case: the same for the same closed case."""
    closed = f"{force.upper()}|{force_reference.strip()}|{offence}|{decided_on.isoformat()}"
    return f"review-{uuid5(NOM_NAMESPACE, closed + '@closed-case').hex[:16]}"
