"""Moments as people read them: in Europe/London, with the zone's name. Stores nothing and decides nothing."""

from datetime import datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
"""Where the rules work: instants are stored in UTC and read here."""


def london_words(moment: datetime) -> str:
    """`2026-04-14 14:40 BST`. Raises nothing for an aware moment; a naive one is taken for the machine's own zone."""
    return moment.astimezone(LONDON).strftime("%Y-%m-%d %H:%M %Z")
