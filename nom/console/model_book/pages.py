"""The pages of the book: one for each process, one for what all share, one for the packs, and the index."""

from collections.abc import Iterator

from nom.console.model_book import sections
from nom.console.model_book.bases import bases
from nom.console.model_book.commands import COMMON, own_commands, ranks, separations, who_may
from nom.console.model_book.contracts_of import common_events, members, own_events, type_of
from nom.console.model_book.exploring import Seen, explore
from nom.console.model_book.markdown import NONE, code, paragraph, section, table
from nom.console.model_book.packs import is_newest, packs, title_of
from nom.console.model_book.read_from_packs import numbers_and_tables
from nom.console.model_book.refusals import sayings_in
from nom.console.model_book.sources import module_says, reached_by, reached_by_all
from nom.contracts.every_process import CommonCommand
from nom.contracts.ids import ProcessKind
from nom.contracts.policy.differences import differences
from nom.contracts.policy.pack import PolicyPack
from nom.workflows.model.invariants.registry import INVARIANTS

REWRITE = "nom model book"
"""The command that writes the pages."""
_WRITTEN = f"Written by `{REWRITE}` from the code and the policy packs: a change belongs there, not here."
EVERY, PACKS, JUDGED, INDEX = "every-process.md", "policy-packs.md", "invariants.md", "README.md"


def pages() -> dict[str, str]:
    """Every page by its file name. The same code and packs give the same pages."""
    seen = explore()
    written = {f"{kind.value}.md": _process(kind, seen[kind]) for kind in ProcessKind}
    written |= {EVERY: _every_process(), PACKS: _policy_packs(), JUDGED: _invariants(), INDEX: _index()}
    return {name: "\n".join(lines).rstrip() + "\n" for name, lines in written.items()}


def title(kind: ProcessKind) -> str:
    """`Closed-case review`."""
    words = kind.value.replace("-", " ").replace("closed case", "closed-case")
    return words[0].upper() + words[1:]


def _process(kind: ProcessKind, seen: Seen) -> list[str]:
    reached, commands = reached_by(kind), own_commands(kind)
    names = tuple(type_of(command) for command in commands)
    return section(
        title(kind),
        paragraph(module_says(kind)),
        paragraph(f"Basis: {bases().processes[kind]}."),
        paragraph(_WRITTEN, f"What every process has besides stands in [every process]({EVERY})."),
        sections.transitions(seen, names),
        section("Who may do what", who_may(commands)),
        section("Second person", separations(commands)),
        _headed("Ranks", ranks(commands)),
        sections.clocks(reached, names, seen.clocks),
        sections.gates(reached),
        numbers_and_tables(reached),
        sections.events(own_events(kind), kind, seen),
        sections.refusals(sayings_in(reached)),
        sections.invariants(kind),
        level=1,
    )


def _headed(heading: str, body: list[str]) -> list[str]:
    return section(heading, body) if body else []


def _every_process() -> list[str]:
    reached = reached_by_all()
    commands = tuple(members(CommonCommand))
    return section(
        "Every process",
        paragraph(
            "What each of the processes has besides its own: opening, notes, corrections, clocks, hand-offs, the end."
        ),
        paragraph(_WRITTEN),
        section("Who may do what", who_may(commands)),
        section("Second person", separations(commands)),
        sections.clocks(reached, COMMON, ()),
        _ladders(),
        sections.events(common_events(), None, None),
        sections.refusals(sayings_in(reached)),
        level=1,
    )


def _ladders() -> list[str]:
    rows = (
        (rule.unit.value.replace("_", " "), f"{rule.hours} hours", rule.basis, rule.confidence, title_of(pack))
        for pack in packs()[-1:]
        for rule in pack.ladders
    )
    headings = ("rules in", "until the next role is told", "basis", "confidence", "read from")
    return section("Escalation", table(headings, rows))


def _policy_packs() -> list[str]:
    rows = (
        (
            code(pack.version),
            title_of(pack),
            pack.bail_regime,
            f"{pack.calendar.division} {pack.calendar.version}",
            pack.statement,
        )
        for pack in packs()
    )
    compared = [line for one, other in _pairs() for line in _differences(one, other)]
    headings = ("pack", "whose and when", "bail", "calendar", "what it says of itself")
    return section("Policy packs", paragraph(_WRITTEN), table(headings, rows), compared, level=1)


def _pairs() -> Iterator[tuple[PolicyPack, PolicyPack]]:
    """Each pack with the one that follows it, then those of other agencies and nations with the first, of one time."""
    every = packs()
    for before in every:
        later = (
            pack for pack in every if _whose(pack) == _whose(before) and pack.effective_from > before.effective_from
        )
        yield from ((before, after) for after in sorted(later, key=lambda pack: pack.effective_from)[:1])
    newest = [pack for pack in every if is_newest(pack)]
    yield from ((newest[0], other) for other in newest[1:])


def _whose(pack: PolicyPack) -> tuple[object, ...]:
    return (pack.agency, pack.jurisdictions)


def _differences(one: PolicyPack, other: PolicyPack) -> list[str]:
    said = [f"- {line}" for line in differences(one, other)]
    return section(f"{one.version} and {other.version}", [*(said or ["No difference."]), ""])


def _invariants() -> list[str]:
    rows = (
        (
            str(item.number),
            code(item.name),
            item.sentence,
            item.judged,
            "every process"
            if len(item.processes) == len(ProcessKind)
            else ", ".join(_link(kind) for kind in item.processes),
            item.basis,
        )
        for item in INVARIANTS
    )
    headings = ("", "name", "what must hold", "how it is judged", "carried by", "basis")
    said = "What must never be otherwise in what was recorded, whatever order things were done in."
    return section("Invariants", paragraph(said), paragraph(_WRITTEN), table(headings, rows), level=1)


def _link(kind: ProcessKind) -> str:
    return f"[{title(kind)}]({kind.value}.md)"


def _index() -> list[str]:
    rows = [(_link(kind), module_says(kind) or NONE) for kind in ProcessKind]
    return section(
        "The model book",
        paragraph(packs()[0].statement),
        paragraph(
            "One page for each process: where it may stand and what leads on, who may do what, clocks, gates, events, "
            "refusals, each with its basis."
        ),
        paragraph(_WRITTEN),
        table(("process", "what its rules are"), rows),
        [
            f"- [Every process]({EVERY}): what all of them have besides",
            f"- [Policy packs]({PACKS}): England, Wales and the National Crime Agency, before and from 29 April 2026",
            f"- [Invariants]({JUDGED}): the twenty-five, and the processes that carry them",
            "",
        ],
        section("How to read it", _how_to_read()),
        level=1,
    )


def _how_to_read() -> list[str]:
    return paragraph(
        "States and transitions are what the rules were seen to do with the worked matters that come with nom, with "
        "their commands tried out of order, and with synthetic cases; what no matter reaches is named.",
        "Codes and their words are read from the source of the rules. Roles, clocks, ranks and numbers are the packs’.",
        "A rule that reads the same in several packs stands there once.",
    ) + paragraph(
        "Confidence: `published`, the source was read; `high` to `low`, general knowledge that must be checked before "
        "anyone relies on it; `ours`, a default of this model, no national rule.",
    )
