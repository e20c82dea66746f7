"""How the story of a case is set on paper: days, then who did what and why; clocks; what keeps each process open.

Made for a hundred columns. Puts nothing into words that the timeline does not say.
"""

from collections.abc import Callable, Iterable
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nom.console.cli.options import table
from nom.console.held_texts import TextStanding, marks_in
from nom.console.timeline import STATUS_IN_WORDS, ClockStanding, Entry, ProcessStanding, Timeline, Told
from nom.console.times import local
from nom.contracts.clocks import ClockStarted, ClockStatus, DeadlineBreached, due_in_words

TIME_WIDTH, PROCESS_WIDTH = len("16:40 BST"), len("strategy-meeting-1")
STARTED: str = ClockStarted.model_fields["type"].default
BREACHED: str = DeadlineBreached.model_fields["type"].default

Shorten = Callable[[str], str]


def print_story(console: Console, case: str, timeline: Timeline, *, everything: bool) -> None:
    """The whole story. `everything` tells also how processes opened and told each other."""

    def shorten(words: str) -> str:
        return words.replace(f"{case}/", "")

    console.print(Text(f"{case}: what happened (Europe/London)", style="bold"))
    titles = {(item.stream, item.clock.id): item.title for item in timeline.clocks}
    told = ((entry, entry.told if everything else entry.story) for entry in timeline.entries)
    for day, entries in groupby(((entry, lines) for entry, lines in told if lines), key=lambda item: _day(item[0])):
        console.print(Text(f"\n{day}", style="bold"))
        console.print(_day_of(entries, titles, shorten))
    _print_clocks(console, timeline.clocks)
    _print_standing(console, case, timeline.processes, shorten)
    _print_marks_from_elsewhere(console, case, timeline)


def stage(stream: str) -> str:
    """The process of a case without the case: `triage-1`."""
    return stream.rsplit("/", 1)[1]


def _day(entry: Entry) -> str:
    return local(entry.occurred_at)[:10]


def _day_of(
    entries: Iterable[tuple[Entry, tuple[Told, ...]]], titles: dict[tuple[str, str], str], shorten: Shorten
) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=TIME_WIDTH)
    grid.add_column(width=PROCESS_WIDTH, overflow="fold")
    grid.add_column(ratio=1, overflow="fold")
    for entry, lines in entries:
        words = Text("\n").join([*(_line(entry, told, titles, shorten) for told in lines), _who_and_why(entry)])
        grid.add_row(local(entry.occurred_at)[11:], stage(entry.stream), words)
    return grid


def _line(entry: Entry, told: Told, titles: dict[tuple[str, str], str], shorten: Shorten) -> Text:
    words = shorten(told.says)
    if told.clock is None:
        return Text(words)
    title = titles.get((entry.stream, told.clock))
    if told.type == STARTED and title:
        words = f"{words} – {title}"
    return Text(words, style="bold red" if told.type == BREACHED else "cyan")


def _who_and_why(entry: Entry) -> Text:
    late = f" ({entry.late})" if entry.late else ""
    why = f"\nwhy: {entry.reason}" if entry.reason and not entry.by_system else ""
    return Text(f"by {entry.who}{late}{why}", style="dim")


def _print_clocks(console: Console, clocks: tuple[ClockStanding, ...]) -> None:
    if not clocks:
        return
    shown = table("\nClocks", "rule", "process", "awaits", "due", "stands")
    for item in sorted(clocks, key=_open_first):
        clock = item.clock
        awaits = f"{item.title} ({clock.about})" if clock.about else item.title
        due = due_in_words(clock.due_at, clock.last_day) if clock.last_day else local(clock.due_at)
        stands = STATUS_IN_WORDS[clock.status] + (" (indicator)" if clock.indicator else "")
        done = f", {local(item.done_at)}" if item.done_at else ""
        style = "bold red" if clock.status is ClockStatus.BREACHED else None
        shown.add_row(clock.rule, stage(item.stream), awaits, due, stands + done, style=style)
    console.print(shown)


def _open_first(item: ClockStanding) -> tuple[bool, bool, object, str]:
    return (item.clock.status is not ClockStatus.BREACHED, not item.clock.is_open, item.clock.due_at, item.stream)


def _print_standing(console: Console, case: str, processes: tuple[ProcessStanding, ...], shorten: Shorten) -> None:
    policies = ", ".join(dict.fromkeys(item.policy for item in processes))
    console.print(Text(f"\nHow it stands, under {policies}", style="bold"))
    for item in processes:
        console.print(Text(f"{stage(item.stream):<{PROCESS_WIDTH}}  {_stands(item)}"))
        for unmet in item.missing:
            console.print(_indented(f"still missing: {shorten(unmet.words)} ({unmet.code})"))
        for words in item.waiting:
            console.print(_indented(f"not yet acknowledged: {shorten(words)}"))
        for text in item.texts:
            console.print(_indented(_text(case, item.stream, text)))


def _text(case: str, stream: str, text: TextStanding) -> str:
    """What a reader who met a mark needs: what it is, and who does what about it."""
    if not text.commands:
        return f"{text.held} was held for review and is {text.status}: its words stand above, in the later record"
    act = f"nom act {case} {stage(stream)} {text.commands[0]} held={text.held}"
    who = " or ".join(role.replace("_", " ") for role in text.roles) or "its policy pack names"
    authors = ", ".join(text.authors)
    if text.status == "returned":
        return f'{text.held} by {authors} was returned, to be written again: {act} text="…" --as PERSON'
    return (
        f"{text.held} is held for review: a text by {authors} holds a term of the lexicon, and its mark stands in its "
        f"place. It is released by another person than its author, as {who}: {act} --as PERSON --reason WHY; "
        f"{text.commands[1]} sends it back. What was written: nom texts {case}"
    )


def _print_marks_from_elsewhere(console: Console, case: str, timeline: Timeline) -> None:
    """A mark is handed on with what it stands in, to processes that can't settle it."""
    told = (words for entry in timeline.entries for words in (entry.reason or "", *(line.says for line in entry.told)))
    known = {text.held for item in timeline.processes for text in item.texts}
    for held in dict.fromkeys(held for words in told for held in marks_in(words)):
        if held not in known:
            words = f"{held} is or was held for review by a process that is not shown here; see nom texts {case} --all"
            console.print(Text(words))


def _stands(item: ProcessStanding) -> str:
    if item.outcome:
        return f"ended: {item.outcome.replace('_', ' ')}"
    return "open, brought in and not yet marked up to date" if item.brought_in else "open"


def _indented(words: str) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=PROCESS_WIDTH)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row("", words)
    return grid
