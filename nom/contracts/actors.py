"""Who acts: person, role, agency, force and rank. Never a name."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from nom.contracts.base import Contract
from nom.contracts.ids import Force, PersonId

Role = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,60}$")]
"""A role of the policy pack, such as `triage_sergeant`."""

SYSTEM_ROLE = "system"
"""The role of what a process does by itself: clocks and hand-offs. No person may hold it."""


class Agency(StrEnum):
    """The safeguarding partners and the others who take part."""

    POLICE = "police"
    LOCAL_AUTHORITY = "local_authority"
    SOCIAL_SERVICES = "social_services"
    HEALTH = "health"
    EDUCATION = "education"
    CPS = "cps"
    NCA = "nca"
    COURT = "court"
    PUBLIC = "public"
    VOLUNTARY = "voluntary"
    HOME_OFFICE = "home_office"


class Rank(StrEnum):
    """Police ranks, lowest first."""

    CONSTABLE = "constable"
    SERGEANT = "sergeant"
    INSPECTOR = "inspector"
    CHIEF_INSPECTOR = "chief_inspector"
    SUPERINTENDENT = "superintendent"
    CHIEF_SUPERINTENDENT = "chief_superintendent"
    ASSISTANT_CHIEF_CONSTABLE = "assistant_chief_constable"
    DEPUTY_CHIEF_CONSTABLE = "deputy_chief_constable"
    CHIEF_CONSTABLE = "chief_constable"

    def at_least(self, other: "Rank") -> bool:
        """Whether this rank is the other or above it."""
        order = list(Rank)
        return order.index(self) >= order.index(other)


class Actor(Contract):
    """The person (or the system) that gives a command, in the role in which it is given."""

    id: PersonId
    role: Role
    agency: Agency
    force: Force | None = None
    rank: Rank | None = None
    on_behalf_of: PersonId | None = None


SYSTEM = Actor(id="nom", role=SYSTEM_ROLE, agency=Agency.POLICE)
"""The actor of every clock and hand-off."""
