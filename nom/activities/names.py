"""The activities beside the ledger's that workflows ask for, by name. Imports nothing that does work."""

from typing import Final

from nom.contracts.base import Contract

DELIVER: Final = "nom.hand_off.deliver"
"""Deliver a hand-off to a process of the same namespace: `HandOff` → `HandOffAnswer`."""

TAKE_STATUS: Final = "nom.status.take"
"""Wait until the ledger has grown and count where every process stands: `StatusAsked` → `ForceStatus`."""

SEAL_SO_FAR: Final = "nom.seal.so_far"
"""Seal the history of the run that asks, as far as it goes now: nothing → nothing."""


class StatusAsked(Contract):
    """The last position that was reported: -1 for an empty ledger, -2 before the first report."""

    after_position: int
