"""One line of a file of synthetic cases: a command, and what the model says to it. Decides nothing."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, JsonValue, ValidationError

from nom.console.drafts import problems_in
from nom.contracts.base import Contract
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal
from nom.contracts.ids import CaseId, parse_stream
from nom.workflows.operating_model import MODELS


class LineMalformed(ValueError):
    """A line of a file that is no command of a synthetic case."""

    code = "line_malformed"


class Expected(Contract):
    """What the model says to the command: the types of its events, or the code and unmet conditions of its refusal.
    Exactly one of `events` and `refused` is there.
    """

    events: tuple[str, ...] = ()
    refused: str | None = None
    unmet: tuple[str, ...] = ()

    @staticmethod
    def of(answer: tuple[str, ...] | Refusal) -> "Expected":
        """What is expected where the model has answered so."""
        if isinstance(answer, Refusal):
            return Expected(refused=answer.code, unmet=tuple(item.label() for item in answer.unmet))
        return Expected(events=answer)


class Line(Contract):
    """A command of a case. `number` and `step` place it; lines of one `thread` are given in order, because their cases
    meet in one group.
    """

    number: int = Field(ge=1)
    step: int = Field(ge=1)
    thread: int = Field(ge=1)
    case: CaseId
    request: dict[str, JsonValue]
    expect: Expected

    @property
    def identity(self) -> str:
        """The command's id."""
        return str(self.request.get("command_id"))

    def envelope(self) -> CommandEnvelope[Any]:
        """The command, ready to be given. Raises `LineMalformed` where today's contracts do not know it."""
        stream = str(self.request.get("stream"))
        try:
            return MODELS[parse_stream(stream).kind].commands.validate_python(self.request)
        except ValidationError as error:
            field, words = problems_in(error)[0]
            raise LineMalformed(f"case {self.number}, step {self.step}: {field}: {words}") from None
        except ValueError as error:
            raise LineMalformed(f"case {self.number}, step {self.step}: stream: {error}") from None

    def written(self) -> str:
        """The line as it stands in a file: JSON, keys in order, no spaces."""
        return json.dumps(
            self.model_dump(mode="json", exclude_defaults=True),
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a file, in order. Raises `LineMalformed` with the number of the first that can't be read."""
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            try:
                yield Line.model_validate_json(text)
            except ValidationError as error:
                field, words = problems_in(error)[0]
                raise LineMalformed(f"line {number}: {field}: {words}") from None


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write the lines to a file beside it first, so that a file is whole or not there."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(f"{line}\n")
    unfinished.replace(path)
