"""Another reckoning of detention and bail, as slow and plain as can be: minute by minute, and day by day.

It shares nothing with the rules: no deadline, no pause, no month arithmetic of theirs.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class InHospital(NamedTuple):
    """From leaving the station up to being back."""

    left: datetime
    returned: datetime


def out_of_time(begun: datetime, hours: int, stays: Iterable[InHospital]) -> datetime:
    """When so many hours have passed outside hospital: walk on minute by minute, and count each that was not in a stay.
    A stay that begins at the very end still puts the end off.
    """
    moment, left = begun.astimezone(UTC), hours * 60
    within = list(stays)
    while left or any(stay.left <= moment < stay.returned for stay in within):
        if not any(stay.left <= moment < stay.returned for stay in within):
            left -= 1
        moment += MINUTE
    return moment


def last_day_of_bail(arrested: date, months: int) -> date:
    """The last day of so many months from the day after an arrest: turn the pages of a calendar, month by month, and
    look for the day of that number; the period ends the day before it, or with the month that has no such day.
    """
    first = arrested + DAY
    day, turned = first, 0
    while turned < months:
        following = day + DAY
        turned += following.month != day.month
        day = following
    while day.day != first.day:
        if (day + DAY).month != day.month:
            return day
        day += DAY
    return day - DAY
