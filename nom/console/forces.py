"""Which forces a stack serves: from what was typed, what the folder remembers, and the table of forces."""

from collections.abc import Sequence
from difflib import get_close_matches

from nom.contracts.policy import reference, tables
from nom.contracts.services import NCA

EVERY = "all"


class UnknownForce(ValueError):
    """A short name that the table of forces does not have."""

    code = "unknown_force"


def every_force() -> tuple[str, ...]:
    """The short names of all forces, without the National Crime Agency, which is always there."""
    return tuple(short for short in tables.forces() if short != NCA.upper())


def forces_from(typed: str | None, remembered: Sequence[str]) -> tuple[str, ...]:
    """The forces to serve: those typed (`GMP,WYP`, or `all`) and those that the folder has already. Nothing typed: the
    folder's own, and every force where the folder is new. Raises `UnknownForce`.
    """
    known = tuple(name.upper() for name in remembered if name != NCA)
    if typed is None:
        return known or every_force()
    if typed.strip().lower() == EVERY:
        return every_force()
    asked = tuple(checked_force(name) for name in typed.split(",") if name.strip())
    if not asked:
        raise UnknownForce("--forces names no force; give short names such as GMP,WYP, or `all`")
    return tuple(dict.fromkeys(name for name in (*known, *asked) if name != NCA.upper()))


def checked_force(name: str) -> str:
    """The short name in capitals. Raises `UnknownForce`, with the nearest that there is."""
    short = name.strip().upper()
    if reference.force(short) is None:
        near = get_close_matches(short, tables.forces(), n=1, cutoff=0.6)
        meant = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(tables.forces())}"
        msg = f"no force has the short name {short[:20]!r}{meant}"
        raise UnknownForce(msg)
    return short


def jurisdiction_of(force: str, given: str | None) -> str:
    """Whose law applies: what was given, else the force's own. Raises `UnknownForce` where neither settles it, as for
    a force that serves both countries.
    """
    found = reference.force(force.upper())
    own = found.jurisdiction if found else ""
    if given is not None:
        return given
    if own not in ("ENG", "WAL"):
        msg = f"{force.upper()[:20]} serves England and Wales: say which, ENG or WAL"
        raise UnknownForce(msg)
    return own
