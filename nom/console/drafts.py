"""From what a person typed to a command: fields checked by name, times and policy stamped where it is received."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError

from nom.contracts.actors import Actor
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.every_process import Opening
from nom.contracts.ids import parse_stream
from nom.contracts.local_time import LONDON
from nom.contracts.policy.loader import pack_for, pack_for_matter
from nom.workflows.operating_model import MODELS


class CommandMalformed(ValueError):
    """A command that can't be read: each field that is wrong, and what is wrong with it."""

    code = "command_malformed"

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems))
        self.problems = problems


def opening_for(
    jurisdiction: str, occurred_at: datetime, *, brought_in: bool, force: str | None = None, agency: str = "police"
) -> Opening:
    """What a new matter is opened under: the pack in force on the day of receipt in Europe/London, or the force's own
    overlay of it. A matter that is brought in and is older than every pack gets the oldest; its receipt then says so.
    Raises `PolicyNotFound`.
    """
    choose = pack_for_matter if brought_in else pack_for
    # A day that has not come is refused by the process itself, with its own code: no pack is looked for there.
    day = min(occurred_at, datetime.now(UTC)).astimezone(LONDON).date()
    pack = choose(jurisdiction, agency, day, force and force.upper())
    return Opening.model_validate({"jurisdiction": jurisdiction, "policy": pack.ref(), "brought_in": brought_in})


def draft(
    stream: str,
    command: Mapping[str, Any],
    actor: Actor,
    *,
    occurred_at: datetime | None = None,
    reason: str | None = None,
    command_id: UUID | None = None,
) -> CommandEnvelope[Any]:
    """A command ready to be given. `command` has its `type` and fields as plain data. Raises `CommandMalformed`."""
    now = datetime.now(UTC)
    plain = {
        "command_id": command_id or uuid4(),
        "stream": stream,
        "actor": actor,
        "occurred_at": occurred_at or now,
        "submitted_at": now,
        "reason": reason,
        "command": dict(command),
    }
    try:
        return MODELS[parse_stream(stream).kind].commands.validate_python(plain)
    except ValidationError as error:
        raise CommandMalformed(problems_in(error)) from None
    except ValueError as error:
        raise CommandMalformed((("stream", str(error)),)) from None


def problems_in(error: ValidationError) -> tuple[tuple[str, str], ...]:
    """Each wrong field by its path, with what is wrong; never the value, which may be about a person."""
    found = [
        (".".join(str(part) for part in problem["loc"]) or "command", problem["msg"])
        for problem in error.errors(include_input=False, include_url=False)
    ]
    return tuple(found)
