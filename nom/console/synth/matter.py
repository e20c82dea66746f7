"""One case while it is being made: what was done, what is still to be done and when, and who does it.

Moves act through it. Whatever they try, the model answers, and the answer is written down beside the command: a case
that is made here is a possible history, its refusals included.
"""

import heapq
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from nom.console.people import directory
from nom.console.synth.chance import Chance
from nom.console.synth.lines import Expected, Line
from nom.console.synth.mix import Draws, the_mix
from nom.console.synth.office import Happened, Office
from nom.console.synth.plan import Order, Plan, opening_of
from nom.console.synth.working_hours import at_work
from nom.contracts.actors import Actor
from nom.contracts.errors import Refusal
from nom.contracts.events import EventBase
from nom.contracts.every_process import Opening
from nom.contracts.ids import ProcessKind, derived_command_id, group_matter, parse_stream, stream_of
from nom.workflows.model.case_record import CaseState
from nom.workflows.model.process import ProcessState
from nom.workflows.operating_model import MODELS

StateT = TypeVar("StateT", bound=ProcessState)
Move = Callable[["Matter"], None]
"""Something that people do next."""
Reaction = Callable[["Matter", Happened], None]
"""What follows, sooner or later, from an event."""

STAFF = 6
"""How many people of each role a force has here."""
ENOUGH = 600
"""Commands after which a case is given up: nothing real is that long, so a move goes round in circles."""


class Matter:
    """One case that is being made. `surprises` are refusals that no move had meant."""

    def __init__(self, order: Order, plan: Plan, office: Office, leader: Plan | None = None) -> None:
        self.order = order
        self.plan = plan
        self.office = office
        self.leader = leader
        self.now = plan.begins
        self.draws = Draws(the_mix(), Chance(order.edition, plan.number, "acts"))
        self.lines: list[Line] = []
        self.surprises: list[tuple[str, str]] = []
        self.notes: dict[str, Any] = {}
        self._agenda: list[tuple[datetime, int, Move]] = []
        self._put = 0
        self._last: dict[str, datetime] = {}

    @property
    def case(self) -> str:
        """The case's reference."""
        return self.plan.case

    def stream(self, kind: ProcessKind, mark: int = 1) -> str:
        """The stream of one of the case's processes."""
        return stream_of(self.case, kind, mark)

    @property
    def group(self) -> str:
        """The stream of the group that the case nominates, or to which it is linked."""
        nominating = self.leader.case if self.leader else self.case
        return stream_of(f"nca/{group_matter(stream_of(nominating, ProcessKind.CASE))}", ProcessKind.DESIGNATION)

    def of(self, form: type[StateT], stream: str) -> StateT | None:
        """How a process stands, if it has been opened and is of that form."""
        state = self.office.states.get(stream)
        return state if isinstance(state, form) else None

    def opening(self) -> Opening:
        """What a further process of the case is opened under: the case's own opening, as it stands."""
        spine = self.of(CaseState, self.stream(ProcessKind.CASE))
        if spine is None or spine.opening is None:
            return opening_of(self.plan.jurisdiction, self.plan.begins)
        return spine.opening.model_copy(update={"brought_in": spine.brought_in})

    def person(self, key: str, **other: object) -> Actor:
        """Somebody in a role of the directory, the same throughout the case. No name: a role and a number."""
        found = directory()[key]
        role, _, number = key.rpartition("-")
        drawn = 1 + Chance(self.order.edition, self.plan.number, "person", key).below(STAFF)
        # Several people of one role and different ranks keep their distance from one another.
        somebody = f"{role}-{drawn if number == '1' else drawn + STAFF * (int(number) - 1)}"
        return found.model_copy(update={"id": somebody, "force": found.force or self.plan.force, **other})

    def later(self, move: Move, after: timedelta | str, *, office_hours: bool = True) -> None:
        """Put a move on the agenda, so long from now (a delay of the mix, or a time), by day unless it can't wait."""
        moment = self.now + (self.draws.delay(after) if isinstance(after, str) else after)
        self.at(moment, move, office_hours=office_hours)

    def at(self, moment: datetime, move: Move, *, office_hours: bool = False) -> None:
        """Put a move on the agenda at a moment, never before now."""
        self._put += 1
        due = max(moment, self.now)
        heapq.heappush(self._agenda, (at_work(due) if office_hours else due, self._put, move))

    def run(self, reactions: Mapping[type[EventBase], tuple[Reaction, ...]]) -> None:
        """Make the case: every move of the agenda up to the order's end, and what follows from what they do."""
        while self._agenda and self._agenda[0][0] <= self.order.end and len(self.lines) < ENOUGH:
            self.now, _, move = heapq.heappop(self._agenda)
            move(self)
            self.react(reactions)

    def react(self, reactions: Mapping[type[EventBase], tuple[Reaction, ...]]) -> None:
        """Let everything that happened since have what follows from it."""
        for happened in self.office.news():
            for reaction in reactions.get(type(happened.event), ()):
                reaction(self, happened)

    def last(self, stream: str) -> datetime:
        """When the last act on a process happened, as far as this case knows; the beginning, if there was none."""
        return self._last.get(stream, self.plan.begins)

    def act(
        self,
        stream: str,
        by: str | Actor,
        do: str,
        /,
        *,
        why: str | None = None,
        since: datetime | None = None,
        **fields: Any,  # noqa: ANN401 - whatever fields the command has
    ) -> bool:
        """Somebody does something; whether the model allows it. `why` names the phrases of its reason. Typed in when
        the move runs, it may have happened earlier, but not before `since` (the last act on the process, if none is
        given).
        """
        actor = self.person(by) if isinstance(by, str) else by
        words = self.draws.say(why) if why else None
        self._slip(stream, actor, do, words, fields)
        lag = self.draws.delay("late_entry") if self.draws.share("late_entry") else timedelta()
        happened_at = max(self.now - lag, since or self.last(stream))
        answer = self._give(stream, actor, do, words, fields, happened_at)
        if isinstance(answer, Refusal):
            self.surprises.append((do, answer.code))
            return False
        self._last[stream] = max(happened_at, self.last(stream))
        return True

    def act_at(
        self,
        happened_at: datetime,
        stream: str,
        by: str,
        do: str,
        /,
        **fields: Any,  # noqa: ANN401 - as in `act`
    ) -> bool:
        """As `act`, of something that happened at a moment and is typed in now, whatever happened since."""
        answer = self._give(stream, self.person(by), do, None, fields, happened_at)
        if isinstance(answer, Refusal):
            self.surprises.append((do, answer.code))
            return False
        self._last[stream] = max(happened_at, self.last(stream))
        return True

    def attempt(
        self,
        stream: str,
        by: str | Actor,
        do: str,
        /,
        *,
        why: str | None = None,
        **fields: Any,  # noqa: ANN401 - as in `act`
    ) -> bool:
        """Somebody tries what the model may well refuse: too early, without the rank, twice."""
        actor = self.person(by) if isinstance(by, str) else by
        happened_at = max(self.now, self.last(stream))
        answer = self._give(stream, actor, do, self.draws.say(why) if why else None, fields, happened_at)
        if not isinstance(answer, Refusal):
            self._last[stream] = max(happened_at, self.last(stream))
        return not isinstance(answer, Refusal)

    def _slip(self, stream: str, actor: Actor, do: str, words: str | None, fields: dict[str, Any]) -> None:
        """Now and then somebody in the wrong role tries first, or the reason is forgotten."""
        if self.draws.share("slip_wrong_role"):
            stranger = self.person("parent-1" if do != "ReceiveReferral" else "officer-arrest-1")
            self._give(stream, stranger, do, words, fields, max(self.now, self.last(stream)))
        if words is not None and self.draws.share("slip_no_reason"):
            self._only_if_refused(stream, actor, do, fields)

    def _only_if_refused(self, stream: str, actor: Actor, do: str, fields: dict[str, Any]) -> None:
        command = MODELS[parse_stream(stream).kind].commands
        request = command.validate_python(self._plain(stream, actor, do, None, fields, self.now))
        if request.command.decides:
            self._give(stream, actor, do, None, fields, max(self.now, self.last(stream)))

    def _give(
        self,
        stream: str,
        actor: Actor,
        do: str,
        words: str | None,
        fields: dict[str, Any],
        happened_at: datetime,
    ) -> tuple[str, ...] | Refusal:
        plain = self._plain(stream, actor, do, words, fields, happened_at)
        request = MODELS[parse_stream(stream).kind].commands.validate_python(plain)
        answer = self.office.give(request)
        self.lines.append(
            Line(
                number=self.plan.number,
                step=len(self.lines) + 1,
                thread=self.plan.thread,
                case=self.case,
                request=request.model_dump(mode="json", exclude_none=True),
                expect=Expected.of(answer),
            )
        )
        return answer

    def _plain(
        self, stream: str, actor: Actor, do: str, words: str | None, fields: dict[str, Any], happened_at: datetime
    ) -> dict[str, Any]:
        return {
            "command_id": derived_command_id(self.case, f"synth/{len(self.lines) + 1}"),
            "stream": stream,
            "actor": actor,
            "occurred_at": happened_at,
            "submitted_at": max(self.now, happened_at),
            "reason": words,
            "command": {"type": do, **fields},
        }
