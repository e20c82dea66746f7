"""The rules that records name: policy packs, with their decision tables, and working-day calendars, by digest.

A pack that this installation does not have is named as missing: nothing is put in its place.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from nom.contracts.envelope import PolicyRef, Record
from nom.contracts.policy.calendar import Calendar
from nom.contracts.policy.loader import PolicyNotFound, calendar_of, pack_by_ref
from nom.contracts.policy.pack import PolicyPack


class Pinned(NamedTuple):
    """Rules as they were pinned. `content` is what the digest is of; None where this installation does not have it."""

    version: str
    digest: str
    content: bytes | None
    file: str | None

    def plain(self) -> dict[str, Any]:
        """As the manifest lists it."""
        return {"version": self.version, "digest": self.digest, "file": self.file}


class Rules(NamedTuple):
    """Everything that the records of a pack were decided under."""

    policies: tuple[Pinned, ...]
    calendars: tuple[Pinned, ...]
    titles: dict[tuple[str, str], str]
    """What a clock's rule is called, by the policy's digest and the rule."""


def rules_of(records: Iterable[Record]) -> Rules:
    """The rules that these records name."""
    refs = {(record.policy.version, record.policy.digest): record.policy for record in records}
    packs = {ref: _pack(refs[ref]) for ref in sorted(refs)}
    known = [pack for pack in packs.values() if pack is not None]
    calendars = {calendar.version: calendar for calendar in map(_calendar, known) if calendar is not None}
    return Rules(
        policies=tuple(_policy(version, digest, pack) for (version, digest), pack in packs.items()),
        calendars=tuple(_pinned_calendar(calendars[version]) for version in sorted(calendars)),
        titles={(pack.content_digest, clock.id): clock.title for pack in known for clock in pack.clocks},
    )


def _pack(ref: PolicyRef) -> PolicyPack | None:
    try:
        return pack_by_ref(ref)
    except PolicyNotFound:
        return None


def _calendar(pack: PolicyPack) -> Calendar | None:
    try:
        return calendar_of(pack)
    except PolicyNotFound:
        return None


def _policy(version: str, digest: str, pack: PolicyPack | None) -> Pinned:
    if pack is None:
        return Pinned(version, digest, None, None)
    return Pinned(version, digest, pack.canonical(), f"policy/{version}-{digest[:12]}.json")


def _pinned_calendar(calendar: Calendar) -> Pinned:
    digest = calendar.content_digest
    file = f"policy/calendar-{calendar.version}-{digest[:12]}.json"
    return Pinned(calendar.version, digest, calendar.canonical(), file)
