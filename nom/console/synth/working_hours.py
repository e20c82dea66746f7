"""When people are at work: weekdays from half past eight to six in London. Holidays are worked, as some are."""

from datetime import UTC, datetime, time, timedelta

from nom.contracts.local_time import LONDON

_MORNING, _EVENING = time(8, 30), time(18)
_SATURDAY = 5
_SPREAD = 150
"""Minutes over which what waited for the morning is done."""


def at_work(moment: datetime) -> datetime:
    """The moment itself where people are at work, else some time on the next morning on which they are."""
    local = moment.astimezone(LONDON)
    if local.weekday() < _SATURDAY and _MORNING <= local.time() <= _EVENING:
        return moment
    day = local.date() if local.time() < _MORNING else local.date() + timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    # Spread by the moment's own minutes, so that no chance is drawn and the order of what waited is mixed.
    minutes = (local.hour * 60 + local.minute) * 7 % _SPREAD
    return (datetime.combine(day, _MORNING, LONDON) + timedelta(minutes=minutes)).astimezone(UTC)
