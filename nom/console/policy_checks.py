"""What is wrong with a policy pack or an overlay, beyond its schema: the pack against the model's own commands.

Reads files and says what it found, in words that name the rule; mends nothing.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

import yaml

from nom.console.catalogue import commands_of
from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.ids import ProcessKind
from nom.contracts.policy.loader import PolicyMalformed, PolicyNotFound, overlaid, read_pack
from nom.contracts.policy.overlay import OverlayRefused, read_overlay
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import MeetingKind


class FileMissing(ValueError):
    """There is no such file."""

    code = "file_missing"


class Checked(NamedTuple):
    """One file: what it is, the pack that comes of it (None where none does), and everything that is wrong."""

    file: str
    kind: str
    version: str | None
    digest: str | None
    problems: tuple[str, ...]


def check_file(path: Path) -> Checked:
    """Check a pack or an overlay. Raises `FileMissing`."""
    if not path.is_file():
        msg = f"there is no file {path.name}"
        raise FileMissing(msg)
    kind = "overlay" if _is_overlay(path) else "pack"
    try:
        pack = overlaid(read_overlay(path)) if kind == "overlay" else _pack(path)
    except OverlayRefused as refused:
        return Checked(path.name, kind, None, None, refused.problems)
    except (PolicyMalformed, PolicyNotFound) as broken:
        return Checked(path.name, kind, None, None, tuple(str(broken).split("; ")))
    return Checked(path.name, kind, pack.version, pack.ref().digest, tuple(problems_of(pack)))


def _is_overlay(path: Path) -> bool:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError:
        return False
    return isinstance(content, dict) and "overlay" in cast("dict[Any, Any]", content)


def _pack(path: Path) -> PolicyPack:
    """What a pack extends stands beside it, or among the published parts."""
    beside = any(entry.is_dir() and (entry / "roles.yaml").is_file() for entry in path.parent.iterdir())
    return read_pack(path, path.parent if beside else None)


def problems_of(pack: PolicyPack) -> Iterator[str]:
    """Everything that the schema lets pass and that can't be meant."""
    known = {command for kind in ProcessKind for command in commands_of(kind)}
    given = {command for rule in pack.roles for command in rule.commands}
    for rule in pack.roles:
        if not rule.commands:
            yield f"roles[{rule.role}]: may give no command"
    for command in sorted(given - known):
        yield f"roles[{', '.join(pack.roles_for(command))}].commands: no process has a command {command}"
    for command in sorted(known - given):
        yield f"roles: nobody may give {command}"
    yield from _separations(pack)
    yield from _quorums(pack)
    yield from _ladders(pack)


def _separations(pack: PolicyPack) -> Iterator[str]:
    for pair in pack.separations:
        if pair.first_command == pair.then_command:
            yield f"separations[{pair.first_command}>{pair.then_command}]: a command can't follow itself"


def _quorums(pack: PolicyPack) -> Iterator[str]:
    """The rows of who must be present: one for every jurisdiction and kind of meeting."""
    rows = {(rule.jurisdiction.value, rule.kind) for rule in pack.quorums}
    for law, kind in product(pack.jurisdictions, get_args(MeetingKind)):
        if (law.value, kind) not in rows:
            yield f"quorums[{law.value} {kind}]: gap: no row says who must be present"


def _ladders(pack: PolicyPack) -> Iterator[str]:
    for rule in pack.clocks:
        if len(set(rule.escalation)) != len(rule.escalation):
            yield f"clocks[{rule.id}].escalation: a role stands there twice"
        if SYSTEM_ROLE in rule.escalation:
            yield f"clocks[{rule.id}].escalation: nobody is told where {SYSTEM_ROLE} is"
