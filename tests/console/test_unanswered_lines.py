"""A process that neither takes nor refuses costs its own line of a file, and none of the others."""

import json
from typing import Any, cast
from uuid import uuid4

import pytest

from nom.console.access import Access
from nom.console.client import NomClient
from nom.console.intake import read_json_lines
from nom.console.loading import Intake
from nom.console.unanswered import ProcessStopped
from nom.contracts.envelope import CommandEnvelope, Receipt
from tests.console.test_intake import GOOD

pytestmark = pytest.mark.engine


class Stopping:
    """The stack's client, to which the process of one reference is one that has stopped."""

    def __init__(self, client: NomClient, reference: str) -> None:
        self._client = client
        self._reference = reference

    async def submit(self, request: CommandEnvelope[Any]) -> Receipt:
        """Raises `ProcessStopped` for that reference."""
        if self._reference in request.stream:
            raise ProcessStopped("it has stopped for a person to look at")
        return await self._client.submit(request)


async def test_the_other_lines_of_a_file_are_loaded_and_the_line_can_be_given_again(access: Access) -> None:
    references = [f"test-{uuid4().hex[:12]}" for _ in range(3)]
    content = "\n".join(json.dumps({**GOOD, "reference": reference}) for reference in references).encode()
    reader = await access.reader("gmp")
    stopping = Intake(cast("NomClient", Stopping(access.client, references[1])), reader, "GMP", brought_in=True)
    loaded = [line async for line in stopping.load(read_json_lines(content))]
    assert [line.outcome for line in loaded] == ["accepted", "unanswered", "accepted"]
    (problem,) = loaded[1].problems
    assert (problem.field, problem.code, problem.do) == (
        "line",
        "process_stopped",
        "load the file again once that is mended",
    )
    again = Intake(access.client, reader, "GMP", brought_in=True)
    repeated = [line.outcome async for line in again.load(read_json_lines(content))]
    assert repeated == ["again", "accepted", "again"]
