"""The activities beside the ledger's that workflows ask for, by name. Imports nothing that does work."""

from nom.contracts.base import Contract

DELIVER = "nom.hand_off.deliver"
"""Deliver a hand-off to a process of the same namespace: `HandOff` → `HandOffAnswer`."""

TAKE_STATUS = "nom.status.take"
"""Wait until the ledger has grown and count where every process stands: `StatusAsked` → `ForceStatus`."""


class StatusAsked(Contract):
    """The last position that was reported: -1 for an empty ledger, -2 before the first report."""

    after_position: int
