"""The network test, computed from links: two or more persons, identified or not, linked with one another.

Owns the arithmetic alone. What follows from the answer, and who may differ from it, is triage's.
"""

from collections.abc import Iterable

from nom.contracts.base import Contract
from nom.contracts.ids import SubjectId
from nom.contracts.network import is_unidentified

_NEVER_COUNTED = ("child-", "victim-", "reporter-")


class NetworkAnswer(Contract):
    """What the links say. `persons` are those identified, in order of their references; with the unidentified ones they
    are everybody who stands in a network large enough.
    """

    met: bool
    persons: tuple[SubjectId, ...]
    unidentified: int


def network_test(links: Iterable[tuple[str, str]], minimum: int) -> NetworkAnswer:
    """Whether some persons, `minimum` or more, are linked with one another (the inquiry's definition of an organised
    network; the number is the policy's). A link that leads to a child, a victim or a reporter never makes a network:
    whether a coerced child belongs to one is for a person to decide.
    """
    large = [group for group in _connected(links) if len(group) >= minimum]
    everybody = sorted({person for group in large for person in group})
    identified = tuple(person for person in everybody if not is_unidentified(person))
    return NetworkAnswer(met=bool(large), persons=identified, unidentified=len(everybody) - len(identified))


def _connected(links: Iterable[tuple[str, str]]) -> list[frozenset[str]]:
    groups: list[frozenset[str]] = []
    for one, other in links:
        if one.startswith(_NEVER_COUNTED) or other.startswith(_NEVER_COUNTED):
            continue
        pair = frozenset((one, other))
        joined = pair.union(*(group for group in groups if group & pair))
        groups = [*(group for group in groups if not group & pair), joined]
    return groups
