"""The index of a pack as one page, before it is set: what it says, in which order. HTML and PDF say the same."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from nom.activities.errors import LedgerUnreadable
from nom.activities.readings import LoggedReading
from nom.activities.refusals import LoggedRefusal
from nom.audit.pack.gathering import Gathered
from nom.audit.pack.policies import Rules
from nom.audit.pack.story import Deadline, Entry, Line, Process, Story, story_of
from nom.audit.refused import refused_command
from nom.contracts.envelope import StoredRecord
from nom.contracts.local_time import london_words

CHECKING: Final = (
    "verify.py, in this pack, checks it. It needs Python 3.11 or later: python3 verify.py PACK.zip --key KEYS.txt",
    "Take the public key, and if you can verify.py too, from somebody you trust, not from whoever gave you the pack.",
    "No signature covers this page. What is signed are the records; where the two differ, the records count.",
    "verify.py PACK.zip --key KEYS.txt --records prints the records as they were checked.",
)
LIMITS: Final = (
    "That nothing else was refused or read: the logs hold what was noted, without readings of a whole ledger.",
    "What was true in the world: the records show what people entered, when, and under whose name.",
    "The moment at which a record reached the database: it stands beside the record, and only its position is signed.",
    "What came later: a process that is still open goes on, and nobody has signed the snapshot of its history.",
    "That no last record of a process was left out, where no sealed history tells of it: ask the force for its count.",
)
ORDER: Final = (
    "In the order in which things happened, in the time of Europe/London. An entry that was typed in more than a day "
    "after it happened says when."
)


class Shown(NamedTuple):
    """Somebody was shown records of a process."""

    when: str
    who: str
    what_for: str
    stream: str
    up_to: str


class Refused(NamedTuple):
    """Somebody asked for something and the rules refused it."""

    when: str
    stream: str
    asked: str
    who: str
    why: str


class Page(NamedTuple):
    """Everything that the index says."""

    title: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    missed: tuple[Deadline, ...]
    corrected: tuple[tuple[Entry, Line], ...]
    days: tuple[tuple[str, list[Entry]], ...]
    deadlines: tuple[Deadline, ...]
    processes: tuple[Process, ...]
    refused: tuple[Refused, ...]
    shown: tuple[Shown, ...]
    rules: tuple[str, ...]
    checking: tuple[str, ...] = CHECKING
    limits: tuple[str, ...] = LIMITS
    order: str = ORDER

    def contents(self) -> tuple[tuple[str, str], ...]:
        """The sections, each with its mark."""
        return (
            ("about", "What this is"),
            ("check", "How to check it"),
            ("missed", f"Deadlines that were missed ({len(self.missed)})"),
            ("corrections", f"Corrections ({len(self.corrected)})"),
            ("happened", "What happened"),
            ("deadlines", f"All deadlines ({len(self.deadlines)})"),
            ("processes", f"Processes ({len(self.processes)})"),
            ("refused", f"Requests that were refused ({len(self.refused)})"),
            ("shown", f"Who was shown it ({len(self.shown)})"),
            ("rules", "Rules that were in force"),
            ("limits", "What this does not show"),
        )


def page_of(case: str, parts: Sequence[Gathered], rules: Rules) -> Page:
    """The index of a pack about a case."""
    records = [stored for part in parts for stored in part.records if isinstance(stored, StoredRecord)]
    story = story_of(records, rules.titles)
    return Page(
        title=f"Evidence pack: {case}",
        lead="What was recorded about this case, in plain words, with what proves that the records are unaltered.",
        facts=tuple(_facts(case, parts, records, story)),
        warnings=tuple(_warnings(parts)),
        missed=tuple(item for item in story.deadlines if item.was_missed),
        corrected=tuple(story.corrected()),
        days=tuple(story.days()),
        deadlines=story.deadlines,
        processes=story.processes,
        refused=tuple(_refused(row) for part in parts for row in part.refusals),
        shown=tuple(_shown(row) for part in parts for row in part.readings),
        rules=tuple(_rules(rules)),
    )


def _facts(
    case: str, parts: Sequence[Gathered], records: Sequence[StoredRecord], story: Story
) -> list[tuple[str, str]]:
    facts = [("Case", case), ("Records", f"{len(records)} in {len(story.processes)} processes")]
    if records:
        facts.append(("Latest record", london_words(max(stored.recorded_at for stored in records))))
    for part in parts:
        ledger = part.source.namespace.upper()
        for tree in part.trees.values():
            covered = f"of {tree.leaves.size} {tree.name}, signed" if tree.note else "none yet"
            facts.append((f"Checkpoint over the {tree.name} of {ledger}", covered))
        facts.append((f"Sealed histories of {ledger}", str(len(part.seals))))
        if part.snapshots:
            facts.append((f"Histories of {ledger} that are not sealed", f"{len(part.snapshots)}, as snapshots"))
    passed_on = f"{story.passed_on} records of how processes told each other are in the pack and not on this page"
    return [*facts, ("Left out here", passed_on)] if story.passed_on else facts


def _warnings(parts: Sequence[Gathered]) -> list[str]:
    warnings: list[str] = []
    for part in parts:
        ledger = part.source.namespace.upper()
        warnings += [f"{ledger}, {fault.where}: {fault.words}." for fault in part.found]
        unreadable = [stored for stored in part.records if isinstance(stored, LedgerUnreadable)]
        warnings += [f"{ledger}: {stored}." for stored in unreadable]
        if part.unproven:
            warnings.append(
                f"{ledger}: {part.unproven} records, histories or rows of the logs are under no signature yet."
            )
    return warnings


def _refused(row: LoggedRefusal) -> Refused:
    one = refused_command(row)
    who = f"{one.actor.id}, {one.actor.role.replace('_', ' ')}" if one.actor else "somebody who could not be read"
    why = "; ".join((one.words or one.code, *(unmet.words for unmet in one.unmet)))
    if one.reason or one.reason_withheld:
        why += f". Reason given: {one.reason or 'withheld, nobody has reviewed its wording'}"
    return Refused(london_words(one.at), one.stream, one.command or one.update, who, why)


def _shown(row: LoggedReading) -> Shown:
    who = f"{row.reader_id}, {row.reader_role.replace('_', ' ')}"
    what_for = row.purpose.replace("_", " ") + (f", to {row.disclosed_to}" if row.disclosed_to else "")
    some = " (parts)" if row.partly else ""
    named = "" if row.named else " (nobody said who)"
    return Shown(london_words(row.read_at), who + named, what_for, row.stream, f"record {row.up_to}{some}")


def _rules(rules: Rules) -> list[str]:
    said: list[str] = []
    for what, pinned in (("Policy pack", rules.policies), ("Calendar", rules.calendars)):
        for one in pinned:
            place = one.file or "not held where this pack was made"
            said.append(f"{what} {one.version}, SHA-256 {one.digest}: {place}")
    return said
