"""What kind of case each number is, before anything happens in it. Depends on the seed and the number, not on how many.

Cases come in rounds. Within a round a case may belong to the network of an earlier one in another force: then both act
on the group of the earlier, and are one thread.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Literal, NamedTuple, cast

from nom.console.synth.chance import Chance
from nom.console.synth.mix import Draws, the_mix
from nom.contracts.actors import Agency
from nom.contracts.every_process import Opening
from nom.contracts.ids import CaseId, case_id, review_matter
from nom.contracts.local_time import LONDON
from nom.contracts.policy import reference
from nom.contracts.policy.loader import all_packs, pack_for_matter

MOVES = 2
"""Raised whenever the same seed no longer gives the same cases: old and new cases never share an id."""
ROUND = 8
"""Cases of a round. A thread never reaches beyond its round."""
UNTIL = date(2026, 6, 30)
"""Up to when the cases are told, unless somebody asks for another day."""
FORCES = ("GMP", "WYP", "SYP", "WMP", "TVP", "NFK", "SWP", "GWE")
"""The forces, unless somebody names others: six in England, two in Wales."""

Kind = Literal["single", "network", "unidentified", "signposted", "closed_case"]
Jurisdiction = Literal["ENG", "WAL"]


class Order(NamedTuple):
    """What somebody asks for, apart from how many. The same order gives the same cases."""

    seed: int
    forces: tuple[str, ...] = FORCES
    until: date = UNTIL

    @property
    def end(self) -> datetime:
        """The last moment that is told: noon in London."""
        return datetime(self.until.year, self.until.month, self.until.day, 12, tzinfo=LONDON).astimezone(UTC)

    @property
    def edition(self) -> str:
        """What tells these cases from those of another order, mix, set of policy packs or version of the moves."""
        return _edition(self.seed, self.forces, self.until)


@cache
def _edition(seed: int, forces: tuple[str, ...], until: date) -> str:
    packs = sorted(pack.ref().canonical() for pack in all_packs() if pack.force is None)
    said = f"{MOVES}|{seed}|{','.join(forces)}|{until.isoformat()}|".encode() + the_mix().canonical() + b"".join(packs)
    return hashlib.sha256(said).hexdigest()[:8]


class ClosedBefore(NamedTuple):
    """A case that was closed long ago, as its force returns it."""

    reference: str
    offence: str
    decided_on: date
    outcome: str
    decided_by: str
    age: int


class Plan(NamedTuple):
    """What is settled about a case before it begins. `joins` is the earlier case to whose group it is linked."""

    number: int
    case: CaseId
    force: str
    jurisdiction: Jurisdiction
    kind: Kind
    begins: datetime
    joins: int | None = None
    closed: ClosedBefore | None = None

    @property
    def thread(self) -> int:
        """The cases that must be given one after another have the same thread."""
        return self.joins or self.number


def round_of(number: int) -> range:
    """The numbers of the round to which a case belongs."""
    first = (number - 1) // ROUND * ROUND + 1
    return range(first, first + ROUND)


def plan_of(order: Order, number: int) -> Plan:
    """The plan of a case."""
    plan = _alone(order, number)
    draws = Draws(the_mix(), Chance(order.edition, number, "joins"))
    leaders = [earlier for earlier in range(round_of(number).start, number) if _alone(order, earlier).kind == "network"]
    if plan.kind != "single" or not leaders or not draws.share("joins_network"):
        return plan
    elsewhere = tuple(force for force in order.forces if force != _alone(order, leaders[-1]).force)
    force = draws.chance.one_of(elsewhere or order.forces)
    return plan._replace(
        force=force, joins=leaders[-1], jurisdiction=_law(force, draws), case=case_id(force, _matter(order, number))
    )


def is_joined_later(order: Order, plan: Plan) -> bool:
    """Whether a later case belongs to the same thread, and so acts on the same group once this one has been given."""
    later = range(plan.number + 1, round_of(plan.number).stop)
    return any(plan_of(order, number).thread == plan.thread for number in later)


@cache
def _alone(order: Order, number: int) -> Plan:
    draws = Draws(the_mix(), Chance(order.edition, number, "plan"))
    force = draws.chance.one_of(order.forces)
    kind = cast("Kind", draws.pick("kind"))
    age = draws.delay("age_of_closed_case_review" if kind == "closed_case" else "age_of_case")
    if kind != "closed_case" and draws.share("older_than_every_pack"):
        age += draws.delay("older_still")
    plan = Plan(
        number=number,
        case=case_id(force, _matter(order, number)),
        force=force,
        jurisdiction=_law(force, draws),
        kind=kind,
        begins=order.end - age,
    )
    if kind != "closed_case":
        return plan
    closed = ClosedBefore(
        reference=f"{_matter(order, number)}/{draws.chance.between(10, 99)}",
        offence=draws.pick("offence"),
        decided_on=date(2010, 1, 1)
        + timedelta(days=draws.chance.below((date(2025, 3, 31) - date(2010, 1, 1)).days + 1)),
        outcome=draws.pick("outcome_code_with_suspect"),
        decided_by=draws.pick("closed_case_decided_by"),
        age=draws.count("age_of_child"),
    )
    matter = review_matter(force, closed.reference, closed.offence, closed.decided_on)
    return plan._replace(case=case_id(force, matter), closed=closed)


def _matter(order: Order, number: int) -> str:
    return f"synth-{order.edition}-{number:06d}"


def _law(force: str, draws: Draws) -> Jurisdiction:
    found = reference.force(force)
    own = found.jurisdiction if found else "ENG"
    return cast("Jurisdiction", own if own in ("ENG", "WAL") else draws.pick("jurisdiction"))


def opening_of(jurisdiction: Jurisdiction, began: datetime, agency: str = Agency.POLICE.value) -> Opening:
    """What a case is opened under: the published pack of its first day. Every synthetic case is brought in, since all
    of it lies in the past: its clocks do not run by wall time unless it is marked up to date.
    """
    pack = pack_for_matter(jurisdiction, agency, began.astimezone(LONDON).date())
    return Opening.model_validate({"jurisdiction": jurisdiction, "policy": pack.ref(), "brought_in": True})
