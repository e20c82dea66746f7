"""Gives the referrals of a file to the engine, each once, however often it is loaded and wherever that broke off."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any, Literal
from weakref import WeakValueDictionary

from nom.activities.reader import LedgerReader
from nom.console.client import NomClient, Refused
from nom.console.drafts import CommandMalformed, draft, opening_for
from nom.console.forces import UnknownForce, jurisdiction_of
from nom.console.intake import Line, Problem, Referral, case_for, unanswered_problem
from nom.console.people import NobodyOfThatName, actor
from nom.console.unanswered import Unanswered
from nom.contracts.actors import Actor, Agency
from nom.contracts.base import Contract
from nom.contracts.envelope import CommandEnvelope, Record
from nom.contracts.errors import Refusal
from nom.contracts.ids import ProcessKind, derived_command_id, stream_of
from nom.contracts.policy.loader import PolicyNotFound, pack_by_ref
from nom.contracts.policy.pack import PolicyPack, UnknownRule

AT_ONCE = 8
"""Lines given at the same time."""

_FIELD_OF = {
    "occurred_in_future": ("received_at", "correct the time, or load the file when it has come"),
    "unknown_code": ("allegations", "use a CJS offence code of the reference table"),
    "unknown_offence": ("allegations", "use a CJS offence code of the reference table"),
    "unknown_subject": ("allegations", "name only people of children, victims or suspects"),
    "agency": ("reporter_role", "name a reporter whose agency may hold the role; `nom people` lists everybody"),
    "role": ("reporter_role", "name a reporter whose role may refer; `nom commands referral` lists the roles"),
    "command_id_reused": ("reference", "the reference was loaded before with other content: give this one another"),
    "already_open": ("reference", "the case exists already and was not opened by intake: give another reference"),
}


class Loaded(Contract):
    """What became of one line. `again` tells that it stood there before, `unanswered` that its process neither took nor
    refused it. `case` and `warnings` hold no content.
    """

    line: int
    outcome: Literal["accepted", "again", "refused", "unanswered"]
    case: str | None = None
    warnings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Intake:
    """Loads referrals into one force. `default_reporter` refers where a line names nobody."""

    def __init__(
        self,
        client: NomClient,
        reader: LedgerReader,
        force: str,
        *,
        default_reporter: str | None = None,
        brought_in: bool = False,
    ) -> None:
        self._client = client
        self._reader = reader
        self._force = force.upper()
        self._default_reporter = default_reporter
        self._brought_in = brought_in
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def load(self, lines: Iterable[Line]) -> AsyncIterator[Loaded]:
        """Load the lines, a few at once, and say what became of each, in their order.

        Raises `EngineUnavailable` or `LedgerError` in the middle: what was said until then stands, and loading the
        same file again goes on where it broke off.
        """
        waiting: list[asyncio.Task[Loaded]] = []
        try:
            for line in lines:
                waiting.append(asyncio.create_task(self._load(line)))
                if len(waiting) >= AT_ONCE:
                    yield await waiting.pop(0)
            while waiting:
                yield await waiting.pop(0)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _load(self, line: Line) -> Loaded:
        if line.referral is None:
            return Loaded(line=line.number, outcome="refused", problems=line.problems)
        case = case_for(self._force, line.referral.reference)
        try:
            request = self._request(case, line.referral)
        except _Unfit as unfit:
            return Loaded(line=line.number, outcome="refused", problems=(unfit.problem,))
        # Of two lines with one reference the first in the file is taken, whichever answer would come sooner.
        turn = self._turns.setdefault(case, asyncio.Lock())
        async with turn:
            return await self._give(line.number, case, request)

    async def _give(self, number: int, case: str, request: CommandEnvelope[Any]) -> Loaded:
        there = await self._first_record(request.stream)
        try:
            if there is not None:
                _require_the_same(there, request)
                return Loaded(line=number, outcome="again", case=case)
            receipt = await self._client.submit(request)
        except Refused as refused:
            return Loaded(line=number, outcome="refused", case=case, problems=_problems_of(refused.refusal))
        except Unanswered as unanswered:
            return Loaded(line=number, outcome="unanswered", case=case, problems=(unanswered_problem(unanswered),))
        return Loaded(line=number, outcome="accepted", case=case, warnings=receipt.warnings)

    async def _first_record(self, stream: str) -> Record | None:
        async for stored in self._reader.stream(stream):
            return stored.record
        return None

    def _request(self, case: str, referral: Referral) -> CommandEnvelope[Any]:
        stream = stream_of(case, ProcessKind.REFERRAL)
        try:
            jurisdiction = jurisdiction_of(self._force, referral.jurisdiction)
            opening = opening_for(jurisdiction, referral.received_at, brought_in=self._brought_in, force=self._force)
        except UnknownForce as unsettled:
            raise _Unfit("jurisdiction", "jurisdiction_missing", str(unsettled), "write ENG or WAL") from None
        except PolicyNotFound as none:
            raise _Unfit("received_at", "policy_not_found", str(none), "no rules were in force on that day") from None
        command = {
            "type": "ReceiveReferral",
            "opening": opening,
            "source": referral.source,
            "subjects": referral.subjects(),
            "allegations": referral.allegations,
        }
        try:
            return draft(
                stream,
                command,
                self._reporter(referral, pack_by_ref(opening.policy)),
                occurred_at=referral.received_at,
                command_id=derived_command_id(stream, "intake"),
            )
        except CommandMalformed as malformed:
            field, words = malformed.problems[0]
            raise _Unfit(field, "field_malformed", words, "see docs/referral-intake.md") from None

    def _reporter(self, referral: Referral, pack: PolicyPack) -> Actor:
        """The reporter of the line: a person of the directory, or somebody in a role of the policy pack."""
        person = referral.reporter or self._default_reporter
        if referral.reporter_role is None:
            return self._somebody(person)
        try:
            agencies = pack.role(referral.reporter_role).agencies
        except UnknownRule:
            words = "the policy pack has no such role"
            raise _Unfit("reporter_role", "unknown_role", words, "`nom commands referral` lists the roles") from None
        return Actor(
            id=referral.reporter or referral.reporter_role.replace("_", "-"),
            role=referral.reporter_role,
            agency=agencies[0] if agencies else Agency.PUBLIC,
            force=self._force,
        )

    def _somebody(self, person: str | None) -> Actor:
        if person is None:
            advice = "name reporter or reporter_role, or give --as for the whole file"
            raise _Unfit("reporter", "reporter_missing", "nobody is said to have reported it", advice)
        try:
            return actor(person, self._force)
        except NobodyOfThatName:
            words = "the directory has no such person, and no reporter_role says in which role they report"
            raise _Unfit("reporter", "nobody_of_that_name", words, "`nom people` lists everybody") from None


class _Unfit(Exception):
    """A line that does not fit, with the field and what to do."""

    def __init__(self, field: str, code: str, reason: str, do: str) -> None:
        super().__init__(reason)
        self.problem = Problem(field, code, reason, do)


def _require_the_same(there: Record, request: CommandEnvelope[Any]) -> None:
    """Raises `Refused` where the stream was opened by another command, or by this one with other content."""
    if there.command_id != request.command_id:
        raise Refused(Refusal(code="already_open", message="a case of that reference is open already"))
    if there.command_digest != request.content_digest():
        raise Refused(Refusal(code="command_id_reused", message="the reference was loaded before with other content"))


def _problems_of(refusal: Refusal) -> tuple[Problem, ...]:
    field, do = _FIELD_OF.get(refusal.code, ("line", "see docs/referral-intake.md"))
    if not refusal.unmet:
        return (Problem(field, refusal.code, refusal.message, do),)
    return tuple(Problem(field, unmet.code, unmet.words, do) for unmet in refusal.unmet)
