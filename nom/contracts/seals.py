"""A seal: the statement that some events of an engine's history were these, whose digest is a leaf of a signed tree."""

from typing import Literal

from pydantic import Field

from nom.contracts.base import Contract, Digest

RunStatus = Literal["running", "completed", "failed", "canceled", "terminated", "timed_out", "continued_as_new"]
"""How a run stood when a part of it was sealed: `running` where other parts follow."""


class SealStatement(Contract):
    """Which events of which run, and the SHA-256 of their serialised form. The digest of a seal is its fingerprint."""

    workflow_id: str
    run_id: str
    first_event: int = Field(ge=1)
    last_event: int = Field(ge=1)
    status: RunStatus
    history_digest: Digest
