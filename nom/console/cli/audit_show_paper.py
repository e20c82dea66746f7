"""How the account of a case is set on paper, or as JSON. Puts nothing into words that the account does not say."""

from collections.abc import Iterator
from typing import Any, cast

from rich.console import Console

from nom.audit.known.account import Account, PersonsAct, Process
from nom.audit.known.acts import Act
from nom.audit.known.decisions import Consulted, Decision, Span
from nom.audit.known.difference import Difference
from nom.audit.known.standing import ClockThen, ProcessThen
from nom.audit.late_recording import Moments
from nom.console.cli.options import table
from nom.console.cli.story import stage
from nom.console.gates import AnyState, still_missing
from nom.console.lateness import late_in_words
from nom.console.times import local
from nom.contracts.clocks import due_in_words
from nom.contracts.errors import Unmet

KNOWN, HAPPENED = "as known then", "as it had happened"


def print_account(console: Console, account: Account, *, everything: bool) -> None:
    """The whole account."""
    console.print(f"{account.case} on {local(account.at)} (Europe/London)", style="bold")
    for process in account.processes:
        _print_process(console, process, everything=everything)
    console.print("\nDecisions", style="bold")
    for decision in account.decisions:
        _print_decision(console, decision, everything=everything)
    if not account.decisions:
        console.print("  none by then")
    _print_difference(console, account.difference)
    _print_readings(console, account)


def _print_process(console: Console, process: Process, *, everything: bool) -> None:
    shown = table(f"\n{stage(process.stream)}", "", KNOWN, HAPPENED)
    both = (process.known, process.happened)
    shown.add_row("stands", *(each.status if each else "not open" for each in both))
    shown.add_row("open clocks", *("\n".join(_open_clocks(each)) or "none" for each in both))
    shown.add_row("still missing", *("\n".join(item.words for item in _missing(each)) or "none" for each in both))
    counts = (sum(act.known for act in process.acts), sum(act.happened for act in process.acts))
    shown.add_row("people's acts", *map(str, counts))
    console.print(shown)
    if everything:
        for item in process.acts:
            console.print(f"  {_act(item.act)}{_by_which(item)}")


def _open_clocks(process: ProcessThen | None) -> Iterator[str]:
    for item in process.clocks if process else ():
        if item.clock.is_open:
            yield f"{item.clock.rule} due {_due(item)}: {item.words}"


def _due(item: ClockThen) -> str:
    clock = item.clock
    return due_in_words(clock.due_at, clock.last_day) if clock.last_day else local(clock.due_at)


def _missing(process: ProcessThen | None) -> tuple[Unmet, ...]:
    if process is None or process.state is None:
        return ()
    return still_missing(cast("AnyState", process.state))


def _act(act: Act) -> str:
    told = "; ".join(act.says) or act.command
    late = _late(act)
    return f"{local(act.occurred_at)}  {act.command} by {act.actor.id}{f' ({late})' if late else ''}: {told}"


def _late(act: Act) -> str | None:
    return late_in_words(Moments(act.occurred_at, act.submitted_at, act.recorded_at, act.actor, act.policy))


def _by_which(item: PersonsAct) -> str:
    if not item.known:
        return f"  [not known then: entered {local(item.act.recorded_at)}]"
    return "" if item.happened else "  [known, and said to happen later]"


def _print_decision(console: Console, decision: Decision, *, everything: bool) -> None:
    act = decision.act
    console.print(f"  {local(act.occurred_at)}  {act.command}, {stage(act.stream)} record {act.first}")
    when = "; ".join(filter(None, (f"entered {local(act.submitted_at)}", _late(act))))
    console.print(f"      by {act.actor.id}, {act.actor.role.replace('_', ' ')}; {when}")
    console.print(f"      why: {act.reason or 'no reason was asked for then'}")
    for other in decision.second:
        given = other.act
        console.print(f"      second person: {given.command} by {given.actor.id} on {local(given.occurred_at)}")
    if not decision.known:
        console.print("      not known at the moment asked about")
    if decision.without_reading:
        console.print("      the log shows nothing that was shown to them before")
    for row in decision.readings if everything else ():
        console.print(f"      was shown {stage(row.stream)} up to {row.up_to} on {local(row.read_at)} ({row.tool})")
    for item in decision.consulted:
        console.print(f"      {_consulted(item)}")


def _consulted(item: Consulted) -> str:
    parts = [f"read {_spans(item.read)}", f"wrote {_spans(item.wrote)}", f"not read {_spans(item.not_read)}"]
    return f"{stage(item.stream)}: {'; '.join(parts)}{'; saw parts' if item.partly else ''}"


def _spans(spans: tuple[Span, ...]) -> str:
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans) or "none"


def _print_difference(console: Console, found: Difference) -> None:
    console.print("\nBetween what was known and what had happened", style="bold")
    if not any(found):
        console.print("  nothing")
    for act in found.late_entries:
        console.print(f"  entered later, {local(act.recorded_at)}: {stage(act.stream)} {_act(act)}")
    for act in found.ahead:
        console.print(f"  known before it is said to have happened: {stage(act.stream)} {_act(act)}")
    for item in found.differs:
        what = f"{stage(item.stream)} {item.clock or ''}".strip()
        console.print(f"  {what}: known as {item.known}; had become {item.happened}")
    for gone in found.withdrawn:
        when = local(gone.withdrawn_at)
        console.print(f"  breach of {gone.rule} ({stage(gone.stream)}) withdrawn later, {when}: {gone.because}")
    for item in found.corrections:
        when = "known then" if item.known else f"corrected later, {local(item.recorded_at)}"
        console.print(f"  {stage(item.stream)} record {item.wrong_seq}: {item.wrong}")
        console.print(f"    {when}, by {item.who}: {item.correction}")
    for note in found.notes:
        when = "" if note.known else f" [entered {local(note.recorded_at)}]"
        console.print(f"  {stage(note.stream)} {note.says} ({note.who}){when}")


def _print_readings(console: Console, account: Account) -> None:
    console.print("\nWho was shown it", style="bold")
    holds = "does not hold" if account.unaccounted else "holds"
    console.print(f"  {account.readings} rows of the log up to now; invariant 24 {holds} over them")
    for item in account.unaccounted:
        console.print(f"  ! {item.number}: {item.words}")


def plain(account: Account) -> dict[str, Any]:
    """The account as plain JSON."""
    return {
        "case": account.case,
        "at": account.at.isoformat(),
        "processes": [_plain_process(process) for process in account.processes],
        "decisions": [_plain_decision(decision) for decision in account.decisions],
        "difference": _plain_difference(account.difference),
        "readings": account.readings,
        "unaccounted": [item._asdict() for item in account.unaccounted],
    }


def _plain_process(process: Process) -> dict[str, Any]:
    return {
        "stream": process.stream,
        "known": _plain_standing(process.known),
        "happened": _plain_standing(process.happened),
        "acts": [{**_plain_act(item.act), "known": item.known, "happened": item.happened} for item in process.acts],
    }


def _plain_standing(process: ProcessThen | None) -> dict[str, Any] | None:
    if process is None:
        return None
    return {
        "status": process.status,
        "outcome": process.outcome,
        "policy": process.policy,
        "records": process.records,
        "clocks": [{**item.clock.model_dump(mode="json"), "late": item.late} for item in process.clocks],
        "missing": [item.model_dump(mode="json") for item in _missing(process)],
    }


def _plain_act(act: Act) -> dict[str, Any]:
    return {
        **act._asdict(),
        "actor": act.actor.model_dump(mode="json"),
        "policy": act.policy.version,
        "occurred_at": act.occurred_at.isoformat(),
        "submitted_at": act.submitted_at.isoformat(),
        "recorded_at": act.recorded_at.isoformat(),
        "late": _late(act),
    }


def _plain_decision(decision: Decision) -> dict[str, Any]:
    return {
        **_plain_act(decision.act),
        "known": decision.known,
        "happened": decision.happened,
        "second_person": [{**_plain_act(item.act), "because": item.because} for item in decision.second],
        "consulted": [item._asdict() for item in decision.consulted],
        "readings": [row.model_dump(mode="json") for row in decision.readings],
    }


def _plain_difference(found: Difference) -> dict[str, Any]:
    return {
        "late_entries": [_plain_act(act) for act in found.late_entries],
        "ahead": [_plain_act(act) for act in found.ahead],
        "withdrawn": [{**item._asdict(), "withdrawn_at": item.withdrawn_at.isoformat()} for item in found.withdrawn],
        "corrections": [{**item._asdict(), "recorded_at": item.recorded_at.isoformat()} for item in found.corrections],
        "notes": [
            {
                **note._asdict(),
                "occurred_at": note.occurred_at.isoformat(),
                "recorded_at": note.recorded_at.isoformat(),
            }
            for note in found.notes
        ],
        "differs": [item._asdict() for item in found.differs],
    }
