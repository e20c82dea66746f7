"""From what a person typed to a command on the right stream: the process, the fields, the opening. Gives nothing."""

from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from nom.console.catalogue import OPENING, command_named, fields_typed, process_named
from nom.console.drafts import CommandMalformed, draft, opening_for
from nom.console.forces import checked_force, jurisdiction_of
from nom.console.people import actor
from nom.console.scenario.runner import Ledgers
from nom.contracts.closed_case_review import OrderReinvestigation, ReferClosedCase
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.events import CommandBase
from nom.contracts.every_process import Opening
from nom.contracts.ids import ProcessKind, namespace_of, parse_stream, stream_of
from nom.contracts.referral import ReceiveReferral, Route
from nom.contracts.services import NCA
from nom.contracts.transfer import RequestTransfer


class CaseMalformed(ValueError):
    """Not the reference of a case or group."""

    code = "case_malformed"


class Asked(NamedTuple):
    """What a person asks for, as typed and understood so far."""

    stream: str
    command: type[CommandBase]
    fields: dict[str, Any]
    person: str
    at: datetime | None
    reason: str | None
    identity: UUID | None


def case_named(text: str) -> str:
    """The case or group: `gmp/26-7k3f9q`, or the stream of one of its processes. Raises `CaseMalformed`."""
    parts = text.strip().lower().strip("/").split("/")
    case = "/".join(parts[:2])
    try:
        return parse_stream(f"{case}/{parts[2] if parts[2:] else ProcessKind.CASE}").case
    except ValueError:
        msg = f"not a case: {text[:80]!r}; expected force/reference, such as gmp/26-7k3f9q"
        raise CaseMalformed(msg) from None


def stream_named(case: str, process: str, number: str | None) -> str:
    """The stream of a case's process: `custody-2`, or `custody` and its number. Raises `NoSuchProcess`."""
    kind, mark = process_named(process)
    return stream_of(case_named(case), kind, number or mark or 1)


def asked(
    stream: str,
    command: str,
    typed: tuple[str, ...],
    person: str,
    *,
    at: datetime | None = None,
    reason: str | None = None,
    identity: UUID | None = None,
) -> Asked:
    """What was typed, checked against the contracts. Raises `NoSuchCommand` or `FieldMalformed`."""
    chosen = command_named(parse_stream(stream).kind, command)
    return Asked(stream, chosen, fields_typed(chosen, typed), person, at, reason, identity)


async def request_for(
    request: Asked, ledgers: Ledgers, *, jurisdiction: str | None, brought_in: bool
) -> CommandEnvelope[Any]:
    """The command, with the case's own opening where it opens a process. Raises `CommandMalformed`,
    `NobodyOfThatName`, `PolicyNotFound`, or `Refused` where a process is opened in a case that is not.
    """
    name = request.command.model_fields["type"].default
    fields = {"type": name, **request.fields}
    if OPENING in request.command.model_fields:
        fields[OPENING] = await _opening(request, ledgers, jurisdiction, brought_in=brought_in)
    somebody = actor(request.person, namespace_of(request.stream))
    try:
        return draft(
            request.stream,
            fields,
            somebody,
            occurred_at=request.at,
            reason=request.reason,
            command_id=request.identity,
        )
    except CommandMalformed as malformed:
        # The command's own fields by the names under which they are typed.
        inner = f"command.{name}."
        raise CommandMalformed(tuple((path.removeprefix(inner), words) for path, words in malformed.problems)) from None


async def _opening(request: Asked, ledgers: Ledgers, jurisdiction: str | None, *, brought_in: bool) -> Opening:
    moment = request.at or datetime.now(UTC)
    if request.command is ReferClosedCase:
        closed: dict[str, Any] = request.fields.get("closed_case") or {}
        law = jurisdiction_of(checked_force(str(closed.get("force", ""))), jurisdiction)
        return opening_for(law, moment, brought_in=False, agency=NCA)
    if request.command is OrderReinvestigation:
        ordered = checked_force(str(request.fields.get("force", "")))
        return opening_for(jurisdiction_of(ordered, jurisdiction), moment, brought_in=False, force=ordered)
    if request.command is RequestTransfer or (request.command is Route and request.fields.get("to") == "transfer"):
        return await _of_receiver(request, ledgers, jurisdiction, moment)
    if request.command is ReceiveReferral:
        force = namespace_of(request.stream)
        law = jurisdiction_of(force, jurisdiction)
        return opening_for(law, moment, brought_in=brought_in, force=force)
    opening, still = await ledgers.opening(parse_stream(request.stream).case)
    return opening.model_copy(update={"brought_in": still})


async def _of_receiver(request: Asked, ledgers: Ledgers, jurisdiction: str | None, moment: datetime) -> Opening:
    """What a case that is transferred is opened under where it goes: the Agency keeps the law of the case."""
    field = "to" if request.command is RequestTransfer else "force"
    receiver = checked_force(str(request.fields.get(field, "")))
    opening, still = await ledgers.opening(parse_stream(request.stream).case)
    if receiver == NCA.upper():
        law = jurisdiction or opening.jurisdiction.value
        return opening_for(law, moment, brought_in=still, force=receiver, agency=NCA)
    return opening_for(jurisdiction_of(receiver, jurisdiction), moment, brought_in=still, force=receiver)
