"""How two decisions on the same command differ, in words that repeat nothing that a person wrote. Decides nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from pydantic import ValidationError

from nom.contracts.base import Contract, Instant
from nom.contracts.clocks import CLOCK_EVENTS, due_in_words
from nom.contracts.errors import Refusal
from nom.contracts.events import EventBase
from nom.contracts.every_process import ProcessOpened

Kind = Literal["refused", "undecidable", "deadline", "events", "content"]
DUE: Final = frozenset({"due_at", "last_day"})


class Difference(Contract):
    """One respect in which a decision would be another.

    `refused`: with the refusal's `code` and the codes of its unmet conditions. `undecidable`: the other pack lacks what
    the decision rests on. `deadline`: of the rule `clock`, due then and now. `events`: others follow. `content`: the
    same event has other `fields`.
    """

    kind: Kind
    words: str
    code: str | None = None
    unmet: tuple[str, ...] = ()
    clock: str | None = None
    due_then: Instant | None = None
    due_now: Instant | None = None
    fields: tuple[str, ...] = ()


class _Known(NamedTuple):
    """What pairs an event of one decision with one of the other: its type and, for a clock's, the clock."""

    type: str
    clock: str | None


def differences(
    then: tuple[EventBase, ...] | Refusal, now: tuple[EventBase, ...] | Refusal | Difference
) -> tuple[Difference, ...]:
    """How a decision differs from what it was. The working of a deadline is left out, since it names the calendar and
    not another day; so are the warnings of an opening, which say only that its pack came later.
    """
    if isinstance(now, Difference):
        return (now,)
    if isinstance(then, Refusal):
        return _from_refusal(then, now)
    if isinstance(now, Refusal):
        return (_refused(now),)
    return tuple(_of_events(then, now))


def undecidable(error: Exception) -> Difference:
    """The difference where a pack can't decide a command. What the error quotes of the command is not repeated."""
    words = type(error).__name__ if isinstance(error, ValidationError) else " ".join(str(error).split())[:200]
    return Difference(kind="undecidable", words=f"it can't be decided: {words}")


def _refused(refusal: Refusal) -> Difference:
    unmet = tuple(sorted({item.code for item in refusal.unmet}))
    missing = f"; unmet: {', '.join(unmet)}" if unmet else ""
    return Difference(kind="refused", words=f"refused ({refusal.code}{missing})", code=refusal.code, unmet=unmet)


def _from_refusal(then: Refusal, now: tuple[EventBase, ...] | Refusal) -> tuple[Difference, ...]:
    if not isinstance(now, Refusal):
        return (Difference(kind="events", words=f"taken, and refused now under the pinned pack ({then.code})"),)
    other = _refused(now)
    return () if other == _refused(then) else (other,)


def _of_events(then: Sequence[EventBase], now: Sequence[EventBase]) -> Iterator[Difference]:
    if tuple(then) == tuple(now):
        return
    before, after = _paired(then), _paired(now)
    gone, new = _left_over(before, after), _left_over(after, before)
    if gone or new:
        words = [f"{word} {', '.join(names)}" for word, names in (("without", gone), ("with", new)) if names]
        yield Difference(kind="events", words="; ".join(words))
    elif _only_the_order_differs([_content(event) for event in then], [_content(event) for event in now]):
        yield Difference(kind="events", words="the same events in another order")
    for known, events in before.items():
        for one, other in zip(events, after.get(known, ()), strict=False):
            yield from _of_one(one, other)


def _paired(events: Sequence[EventBase]) -> dict[_Known, list[EventBase]]:
    found: dict[_Known, list[EventBase]] = {}
    for event in events:
        found.setdefault(_Known(event.type, getattr(event, "clock_id", None)), []).append(event)
    return found


def _left_over(these: Mapping[_Known, Sequence[EventBase]], those: Mapping[_Known, Sequence[EventBase]]) -> list[str]:
    """The events of one decision that the other has not, or not as often."""
    beyond = {known: len(events) - len(those.get(known, ())) for known, events in these.items()}
    names: Counter[str] = Counter()
    for known, number in beyond.items():
        if number > 0:
            names[f"{known.type} ({known.clock})" if known.clock else known.type] += number
    return [name if number == 1 else f"{number} × {name}" for name, number in names.items()]


def _of_one(then: EventBase, now: EventBase) -> Iterator[Difference]:
    if then == now:
        return
    before, after = _content(then), _content(now)
    changed = tuple(field for field in before if before[field] != after.get(field))
    if DUE & set(changed):
        yield _deadline(then, now)
    others = tuple(field for field in changed if field not in DUE)
    if others:
        words = f"{then.type}: another {', '.join(others).replace('_', ' ')}"
        yield Difference(kind="content", words=words, fields=others)


def _deadline(then: Any, now: Any) -> Difference:  # noqa: ANN401 - any two events that have a deadline
    was, would = due_in_words(then.due_at, then.last_day), due_in_words(now.due_at, now.last_day)
    return Difference(
        kind="deadline",
        words=f"deadline {then.rule}: due {was}, would be due {would}",
        clock=then.rule,
        due_then=then.due_at,
        due_now=now.due_at,
    )


def _only_the_order_differs(then: list[dict[str, Any]], now: list[dict[str, Any]]) -> bool:
    return then != now and sorted(map(str, then)) == sorted(map(str, now))


def _content(event: EventBase) -> dict[str, Any]:
    left_out = {"working"} if isinstance(event, CLOCK_EVENTS) else set[str]()
    if isinstance(event, ProcessOpened):
        left_out = {"warnings"}
    return event.model_dump(mode="json", exclude=left_out)
