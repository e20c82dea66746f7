"""How long detention lasts: time that counts, time in hospital that does not, and when the authority to detain ends.

PACE s41(6) keeps time in hospital out of every period of its Part IV: the limits, the hours of a warrant, the 96 hours
and the reviews alike. Each clock keeps the stretches that it stood still for as its pauses.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from nom.contracts.clocks import Clock, ClockPaused, ClockStarted, Pause
from nom.workflows.model.custody_state import Stay, Thinking
from nom.workflows.model.deadlines import Course, deadline

TIME_IN_HOSPITAL = "time in hospital does not count (PACE s41(6))"
LIMITS = ("PC1", "PC2", "PC3")
"""The rules whose clocks say until when somebody may detain."""


def start_detention_clock(
    d: Thinking,
    rule: str,
    counted_from: str,
    clock_id: str,
    *,
    start: datetime | None = None,
    hours: int | None = None,
) -> None:
    """Start a clock that counts only time outside hospital. `hours` where they are not the rule's own."""
    clock_rule, begun = d.facts.policy.clock(rule), start or d.at
    more = (hours or clock_rule.value) - clock_rule.value
    pauses = pauses_in(d.state.stays, begun, timedelta(hours=clock_rule.value + more))
    course = Course(tuple(ended(pauses)), more)
    due = deadline(clock_rule, begun, d.facts.calendar, counted_from, course=course)
    started = ClockStarted(
        clock_id=clock_id,
        rule=rule,
        about=None,
        started_at=begun,
        due_at=due.due_at,
        last_day=due.last_day,
        indicator=clock_rule.indicator,
        working=due.working,
    )
    d.take((started, *stands_still(d, clock_id, rule, pauses)))


def stands_still(d: Thinking, clock_id: str, rule: str, pauses: Sequence[Pause]) -> Iterator[ClockPaused]:
    """The pause of a clock that a stay in hospital has not yet ended, if there is one."""
    for pause in pauses:
        if pause.resumed_at is None:
            yield paused(d, clock_id, rule, pause.paused_at)


def paused(d: Thinking, clock_id: str, rule: str, at: datetime) -> ClockPaused:
    """The clock stands still from that moment on, by the law and not by anybody's leave."""
    return ClockPaused(
        clock_id=clock_id, rule=rule, paused_at=at, authority=d.request.actor.role, because=TIME_IN_HOSPITAL
    )


def pauses_in(stays: Iterable[Stay], begun: datetime, length: timedelta) -> tuple[Pause, ...]:
    """The stretches of the stays that a clock stands still for: from its start on, and as long as it has not run out.
    The last has no end while the suspect is in hospital.
    """
    due, found = begun + length, list[Pause]()
    for stay in sorted(stays, key=lambda stay: stay.left_at):
        since, until = max(stay.left_at, begun), stay.returned_at
        if until is not None and until <= since:
            continue
        if since > due:
            break
        found.append(Pause(paused_at=since, resumed_at=until))
        if until is not None:
            due += until - since
    return tuple(found)


def ended(pauses: Iterable[Pause]) -> Iterator[Pause]:
    """The pauses that are over."""
    return (pause for pause in pauses if pause.resumed_at is not None)


def stood_still(pauses: Iterable[Pause]) -> timedelta:
    """How long the pauses that are over took together."""
    return sum((pause.resumed_at - pause.paused_at for pause in pauses if pause.resumed_at is not None), timedelta())


def length_of(clock: Clock) -> timedelta:
    """How much time that counts a clock gives."""
    return clock.due_at - clock.started_at - stood_still(clock.pauses)


def counted(stays: Iterable[Stay], begun: datetime, until: datetime) -> timedelta:
    """How much of a stretch of time counts."""
    whole = until - begun
    for stay in stays:
        left, returned = max(stay.left_at, begun), min(stay.returned_at or until, until)
        whole -= max(returned - left, timedelta())
    return whole


def end_of(clock: Clock, stays: Iterable[Stay]) -> datetime | None:
    """When a clock runs out, given the stays. None while the suspect is in hospital: nobody knows yet."""
    pauses = pauses_in(stays, clock.started_at, length_of(clock))
    if pauses and pauses[-1].resumed_at is None:
        return None
    return clock.started_at + length_of(clock) + stood_still(pauses)


def limits(d: Thinking) -> tuple[Clock, ...]:
    """The limits of detention that were ever given, as they stand after the events so far."""
    ids = (*(rule.lower() for rule in LIMITS[:-1]), *(f"pc3-{n + 1}" for n in range(d.count_clocks(LIMITS[-1]))))
    return tuple(clock for clock_id in ids if (clock := d.clock(clock_id)) is not None)


def authorised_end(d: Thinking, stays: Iterable[Stay] | None = None) -> datetime | None:
    """When the authority to detain ends, as far as it was ever given. None before detention is authorised, and while
    the suspect is in hospital.
    """
    ends = [end_of(clock, d.state.stays if stays is None else stays) for clock in limits(d)]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def left_of_limits(d: Thinking) -> timedelta:
    """How much time that counts the authority in force still gives at the moment of the act."""
    stays = d.state.stays
    given = (length_of(clock) - counted(stays, clock.started_at, max(d.at, clock.started_at)) for clock in limits(d))
    return max(given, default=timedelta())


def counting_start(relevant_time: datetime, detained_before: int) -> datetime:
    """From when the limits count: the relevant time, less the minutes used before the bail that was broken."""
    return relevant_time - timedelta(minutes=detained_before)


def hours_of(d: Thinking, rule: str) -> int:
    """The hours of a limit that counts from the relevant time: after an arrest for breach of bail, PC5's are added."""
    more = d.facts.policy.clock("PC5").value if d.state.breach_of_bail else 0
    return d.facts.policy.clock(rule).value + more
