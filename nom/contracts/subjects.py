"""The people a matter is about, as references: children, victims, suspects; and what is alleged. Never a name."""

from pydantic import Field

from nom.contracts.base import Contract, Text
from nom.contracts.ids import SubjectId

AGE_OF_MAJORITY = 18
"""Children Act 1989 s105: a child is a person under the age of eighteen."""


class Subject(Contract):
    """Somebody the matter is about. `age` is in whole years at the time of the referral, where it is known."""

    id: SubjectId
    age: int | None = Field(default=None, ge=0, le=120)
    in_care: bool = False
    trafficking_suspected: bool = False

    @property
    def is_suspect(self) -> bool:
        """Whether the reference is to a suspect."""
        return self.id.startswith("suspect-")

    @property
    def is_victim(self) -> bool:
        """Whether the reference is to a victim: a child of the referral, or an adult victim."""
        return self.id.startswith(("child-", "victim-"))

    @property
    def is_under_18(self) -> bool:
        """Whether the person is a child in law. A `child-` reference without an age is one."""
        return self.age < AGE_OF_MAJORITY if self.age is not None else self.id.startswith("child-")


class Allegation(Contract):
    """What is said to have been done to whom. `offence` is a CJS offence code."""

    victim: SubjectId
    offence: str
    words: Text | None = None
