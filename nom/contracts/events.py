"""What every event and every command has in common. A published event type is never edited: a new version is added."""

from typing import Any, ClassVar, cast

from nom.contracts.base import Contract


class EventBase(Contract):
    """Something that happened. Each subclass has a `type` such as `referral_received.v1` and a sentence for people.

    `says` is a format string over the event's own fields and properties; it names references and codes only.
    """

    says: ClassVar[str]
    type: Any

    def in_words(self) -> str:
        """The event as one sentence that a caseworker reads."""
        return self.says.format_map(_Words(self))


class CommandBase(Contract):
    """What somebody asks for: an imperative `type` such as `ReceiveReferral`."""

    opens: ClassVar[bool] = False
    """Whether this command may start a process that does not exist yet."""
    decides: ClassVar[bool] = False
    """Whether this command decides something, so that a reason is required."""
    type: Any


class _Words(dict[str, str]):
    def __init__(self, event: EventBase) -> None:
        super().__init__()
        self._event = event

    def __missing__(self, key: str) -> str:
        return _plain(getattr(self._event, key))


def _plain(value: object) -> str:
    if value is None:
        return "none given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(_plain(item) for item in cast("tuple[object, ...]", value)) or "none"
    return str(value).replace("_", " ")
