"""A refusal as it was noted while a worker ran: what was asked, and what was said to it.

Holds the engine's messages as they are and reads none of them.
"""

from nom.contracts.base import Contract


class NotedRefusal(Contract):
    """One refusal: when it was given (`history_length`, `place` among the jobs of its activation, and `at`: nanoseconds
    since 1970 in digits, since JSON has no number so large), of which update, and what it said. `request` and `failure`
    are protobuf in base64. `accepted`: refused by the turn after it was accepted: it is in the history too, and is not
    asked for again on replay.
    """

    history_length: int
    place: int
    at: str
    update: str
    code: str
    request: str
    failure: str
    accepted: bool = False
