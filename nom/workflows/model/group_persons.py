"""Who is one person: references of several cases joined by what was recorded. Owns the arithmetic alone."""

from collections.abc import Iterable

from nom.contracts.group_grounds import GroupLinkEnd, SamePerson


def persons(
    references: Iterable[GroupLinkEnd], said_to_be_one: Iterable[SamePerson]
) -> tuple[frozenset[GroupLinkEnd], ...]:
    """The people that references stand for: each with all references that are one with theirs, in the order in which
    they are named. A reference that is not asked about may still join two that are.
    """
    joined: list[frozenset[GroupLinkEnd]] = []
    for same in said_to_be_one:
        whole = same.ends.union(*(group for group in joined if group & same.ends))
        joined = [*(group for group in joined if not group & same.ends), whole]
    found: dict[frozenset[GroupLinkEnd], None] = {}
    for reference in references:
        found.setdefault(next((group for group in joined if reference in group), frozenset((reference,))))
    return tuple(found)


def are_one(one: GroupLinkEnd, other: GroupLinkEnd, said_to_be_one: Iterable[SamePerson]) -> bool:
    """Whether two references are one person by what was recorded, directly or through others."""
    return len(persons((one, other), said_to_be_one)) == 1
