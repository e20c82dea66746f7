"""Gives a force's return of closed cases to the engine, rape first, each case once, however often it is loaded."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args

from nom.activities.reader import LedgerReader
from nom.console.client import NomClient, Refused
from nom.console.closed_case_return import FIELD_OF, Row
from nom.console.drafts import draft, opening_for
from nom.console.forces import UnknownForce, jurisdiction_of
from nom.console.intake import Problem, unanswered_problem
from nom.console.unanswered import Unanswered
from nom.contracts.actors import Actor
from nom.contracts.base import Contract
from nom.contracts.closed_case_review import ClosedCase, ClosedCaseReferred
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal
from nom.contracts.ids import CaseId, ProcessKind, derived_command_id, parse_stream, review_matter, stream_of
from nom.contracts.policy.loader import pack_by_ref
from nom.contracts.policy.rules import ReviewBand
from nom.contracts.services import NCA
from nom.workflows.model.closed_case_review import MODEL, band_of, unfit
from nom.workflows.model.closed_case_review_record import ClosedCaseReviewState

AT_ONCE = 24
"""Cases given at the same time."""

BANDS: tuple[ReviewBand, ...] = get_args(ReviewBand)
REVIEWS = f"{NCA}/review-"
"""How the streams of all reviews begin."""

Progress = Callable[[int, int], None]
"""Told how many of how many cases have been given."""


class Loaded(Contract):
    """What became of one row. `again` tells that the same case stood there before, `unanswered` that its review neither
    took nor refused it. Repeats no content of the row.
    """

    line: int
    outcome: Literal["accepted", "again", "refused", "unanswered"]
    review: CaseId | None = None
    band: ReviewBand | None = None
    warnings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Ready(NamedTuple):
    """A row that can be given: its command, and where it stands in the order."""

    line: int
    band: ReviewBand
    closed_case: ClosedCase
    request: CommandEnvelope[Any]

    @property
    def review(self) -> CaseId:
        """The review's reference."""
        return parse_stream(self.request.stream).case


def prepared(rows: Iterable[Row], coordinator: Actor, received_at: datetime) -> tuple[list[Ready], list[Loaded]]:
    """The rows that can be given, in the order of the review, and those that can't, in the order of the file.

    Of two rows about the same case (force, reference, offence, day) the first that can be given counts.
    """
    ready: dict[str, Ready] = {}
    refused: list[Loaded] = []
    for row in rows:
        try:
            found = _ready(row, coordinator, received_at)
        except _Unfit as unfit_row:
            refused.append(Loaded(line=row.number, outcome="refused", problems=unfit_row.problems))
            continue
        first = ready.setdefault(found.request.stream, found)
        if first is not found:
            words = f"the same case stands in line {first.line}"
            problem = Problem("line", "twice_in_file", words, "keep one of the two")
            refused.append(Loaded(line=row.number, outcome="refused", problems=(problem,)))
    return sorted(ready.values(), key=_place), refused


def _place(ready: Ready) -> tuple[int, str, int]:
    """Rape first, then the oldest decision, then as in the file."""
    return BANDS.index(ready.band), ready.closed_case.decided_on.isoformat(), ready.line


def _ready(row: Row, coordinator: Actor, received_at: datetime) -> Ready:
    closed = row.closed_case
    if closed is None:
        raise _Unfit(*row.problems)
    try:
        jurisdiction = jurisdiction_of(closed.force, row.jurisdiction)
    except UnknownForce as unsettled:
        raise _Unfit(Problem("jurisdiction", "jurisdiction_missing", str(unsettled), "write ENG or WAL")) from None
    opening = opening_for(jurisdiction, received_at, brought_in=False, agency=NCA)
    rules = pack_by_ref(opening.policy).closed_cases
    wrong = unfit(closed, opening, rules)
    if wrong:
        see = "see docs/closed-case-return.md"
        raise _Unfit(*(Problem(FIELD_OF[item.about or "force"], item.code, item.words, see) for item in wrong))
    matter = review_matter(closed.force, closed.force_reference, closed.offence, closed.decided_on)
    stream = stream_of(f"{NCA}/{matter}", ProcessKind.CLOSED_CASE_REVIEW)
    request = draft(
        stream,
        {"type": "ReferClosedCase", "opening": opening, "closed_case": closed},
        coordinator,
        occurred_at=received_at,
        command_id=derived_command_id(stream, "closed-case-return"),
    )
    return Ready(row.number, band_of(closed.offence, rules), closed, request)


class _Unfit(Exception):
    """A row that can't be given."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.reason for problem in problems))
        self.problems = problems


class ClosedCaseLoader:
    """Loads prepared rows. `reader` reads the National Crime Agency's ledger."""

    def __init__(self, client: NomClient, reader: LedgerReader) -> None:
        self._client = client
        self._reader = reader

    async def load(self, ready: list[Ready], progress: Progress | None = None) -> AsyncGenerator[Loaded]:
        """Load the cases, a few at once, and say what became of each, in their order.

        Raises `EngineUnavailable` or `LedgerError` in the middle: what was said until then stands, and loading the
        same file again goes on where it broke off.
        """
        waiting: list[asyncio.Task[Loaded]] = []
        done = 0
        try:
            for item in (*ready, *([None] * AT_ONCE)):
                if item is not None:
                    waiting.append(asyncio.create_task(self._give(item)))
                if waiting and (item is None or len(waiting) >= AT_ONCE):
                    yield await waiting.pop(0)
                    done += 1
                    if progress is not None:
                        progress(done, len(ready))
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _give(self, ready: Ready) -> Loaded:
        there = await self._referred(ready.request.stream)
        if there is not None:
            return _as_before(ready, there)
        try:
            receipt = await self._client.submit(ready.request)
        except Refused as refused:
            # Somebody else may have loaded it meanwhile, or this load's forerunner left it on its way.
            there = await self._referred(ready.request.stream)
            return _refused(ready, refused.refusal) if there is None else _as_before(ready, there)
        except Unanswered as unanswered:
            problem = unanswered_problem(unanswered)
            return Loaded(line=ready.line, outcome="unanswered", review=ready.review, problems=(problem,))
        return Loaded(
            line=ready.line, outcome="accepted", review=ready.review, band=ready.band, warnings=receipt.warnings
        )

    async def _referred(self, stream: str) -> ClosedCase | None:
        async for stored in self._reader.stream(stream):
            event = MODEL.event_of(stored.record)
            if isinstance(event, ClosedCaseReferred):
                return event.closed_case
        return None


def _as_before(ready: Ready, there: ClosedCase) -> Loaded:
    if there == ready.closed_case:
        return Loaded(line=ready.line, outcome="again", review=ready.review, band=ready.band)
    words = "the case was referred before with other content"
    problem = Problem("line", "referred_otherwise", words, "correct it in its review: CorrectRecord")
    return Loaded(line=ready.line, outcome="refused", review=ready.review, problems=(problem,))


def _refused(ready: Ready, refusal: Refusal) -> Loaded:
    problem = Problem("line", refusal.code, refusal.message, "see docs/closed-case-return.md")
    return Loaded(line=ready.line, outcome="refused", review=ready.review, problems=(problem,))


async def reviews(reader: LedgerReader) -> list[ClosedCaseReviewState]:
    """Every review as it stands in the ledger, in the order in which they are to be done."""
    states: dict[str, ClosedCaseReviewState] = {}
    async for stored in reader.records_beginning(REVIEWS):
        record = stored.record
        if parse_stream(record.stream).kind is ProcessKind.CLOSED_CASE_REVIEW:
            before = states.get(record.stream) or MODEL.blank(record.stream)
            states[record.stream] = MODEL.fold(before, record)
    return sorted(states.values(), key=_due_order)


def _due_order(state: ClosedCaseReviewState) -> tuple[int, str, str]:
    closed = state.closed_case
    return BANDS.index(state.band), closed.decided_on.isoformat() if closed else "", state.stream
