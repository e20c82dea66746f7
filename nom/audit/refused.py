"""What was asked and refused, out of a ledger's log of refusals: by whom, when, for which reason, and why not.

Reads what the engine carried, and judges nothing. What never reached the engine is not in the log.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final, NamedTuple
from uuid import UUID

from google.protobuf.message import DecodeError
from pydantic import BaseModel, ConfigDict, ValidationError

from nom.activities.refusals import LoggedRefusal
from nom.audit.strict.refusals import asked, said
from nom.contracts.actors import Actor
from nom.contracts.base import Instant
from nom.contracts.errors import Refusal, Unmet
from nom.contracts.policy.lexicon import Lexicon
from nom.contracts.policy.loader import all_packs

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class RefusedCommand(NamedTuple):
    """A refusal of the log. `at` is by the engine's clock. What is None could not be read: then the request did not fit
    its contract, which is a reason to refuse it. `reason_withheld`: the reason holds a term of the lexicon; nobody
    reviewed it, because a refused command holds no text for review, and so it is not shown.
    """

    number: int
    stream: str
    run: str
    at: datetime
    noted_at: datetime
    update: str
    command: str | None
    command_id: UUID | None
    actor: Actor | None
    occurred_at: datetime | None
    submitted_at: datetime | None
    reason: str | None
    reason_withheld: bool
    code: str
    words: str | None
    unmet: tuple[Unmet, ...]
    accepted: bool


class _Type(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str


class _Request(BaseModel):
    """What every command says, whatever else it says and whichever version wrote it."""

    model_config = ConfigDict(extra="ignore")

    command_id: UUID
    actor: Actor
    occurred_at: Instant
    submitted_at: Instant
    reason: str | None = None
    command: _Type


async def refused_commands(rows: AsyncIterator[LoggedRefusal]) -> tuple[RefusedCommand, ...]:
    """Rows of the log, read; in their order."""
    return tuple([refused_command(row) async for row in rows])


def refused_at(logged: LoggedRefusal) -> datetime:
    """When it was refused, by the engine's clock, to the microsecond."""
    return _EPOCH + timedelta(microseconds=int(logged.refusal.at) // 1000)


def refused_command(logged: LoggedRefusal) -> RefusedCommand:
    """A row of the log, read."""
    request, refusal = _request(logged), _refusal(logged)
    reason = request.reason if request else None
    withheld = reason is not None and any(lexicon.found_in(reason) for lexicon in _lexicons())
    return RefusedCommand(
        number=logged.number,
        stream=logged.workflow_id,
        run=logged.run_id,
        at=refused_at(logged),
        noted_at=logged.noted_at,
        update=logged.refusal.update,
        command=request.command.type if request else None,
        command_id=request.command_id if request else None,
        actor=request.actor if request else None,
        occurred_at=request.occurred_at if request else None,
        submitted_at=request.submitted_at if request else None,
        reason=None if withheld else reason,
        reason_withheld=withheld,
        code=refusal.code if refusal else logged.refusal.code,
        words=refusal.message if refusal else None,
        unmet=refusal.unmet if refusal else (),
        accepted=logged.refusal.accepted,
    )


def _request(logged: LoggedRefusal) -> _Request | None:
    try:
        payloads = asked(logged.refusal).input
        return _Request.model_validate_json(payloads[0].data) if payloads else None
    except (DecodeError, ValidationError):
        return None


def _refusal(logged: LoggedRefusal) -> Refusal | None:
    """As the rule gave it; None where something else refused, whose words may repeat what somebody wrote."""
    try:
        details = said(logged.refusal).application_failure_info.details.payloads
        return Refusal.model_validate_json(details[0].data) if details else None
    except (DecodeError, ValidationError):
        return None


@cache
def _lexicons() -> tuple[Lexicon, ...]:
    """Of every pack: which of them held is not on record for a command that changed nothing."""
    return tuple({lexicon.fingerprint(): lexicon for lexicon in (pack.lexicon for pack in all_packs())}.values())
