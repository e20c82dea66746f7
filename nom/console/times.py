"""Moments as people type and read them: Europe/London on the way in and out, UTC in between."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class TimeMalformed(ValueError):
    """A moment that can't be read, or that the clocks make impossible or ambiguous."""

    code = "time_malformed"


_FORM = 'expected local time such as "2026-03-02 09:20", or ISO 8601 with an offset such as 2026-03-02T09:20:00+00:00'


def parse_time(text: str) -> datetime:
    """A moment in UTC, from local time in Europe/London or from ISO 8601 with an offset. A date alone is no moment.

    Raises `TimeMalformed`, also for an hour that the clock change skips, and for one that it repeats and that comes
    without an offset.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise TimeMalformed(_FORM) from None
    if ":" not in text and "T" not in text.upper():
        msg = f"a date alone is not a moment: {_FORM}"
        raise TimeMalformed(msg)
    return (moment if moment.tzinfo else _in_london(moment)).astimezone(UTC)


def _in_london(naive: datetime) -> datetime:
    earlier, later = (naive.replace(tzinfo=LONDON, fold=fold) for fold in (0, 1))
    if earlier.utcoffset() == later.utcoffset():
        return earlier
    if earlier.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) != naive:
        raise TimeMalformed("the clocks went forward: that local time never was")
    raise TimeMalformed("the clocks went back: that local time was twice; give it with its offset, +01:00 or +00:00")


def local(moment: datetime) -> str:
    """A moment in Europe/London, to the minute: `2026-03-02 09:20`; in summer with `BST` after it."""
    there = moment.astimezone(LONDON)
    return f"{there:%Y-%m-%d %H:%M}{' BST' if there.dst() else ''}"


def span(length: timedelta) -> str:
    """A length of time in its largest unit, rounded down: `3 d`, `5 h`, `12 min`, `40 s`."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{max(seconds, 0)} s"
