"""What victims are told, by whichever process is the one to tell them. Holds no message and no means of contact."""

from typing import ClassVar, Literal

from nom.contracts.base import Instant
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import SubjectId
from nom.contracts.stages import NotifiableEvent

NoticeOf = NotifiableEvent | Literal["charge", "no_prosecution", "decision", "no_further_action"]
"""What a notice is of. `no_prosecution`: the decision not to prosecute. `decision`: the decision not to investigate.
`no_further_action`: an approved closure.
"""


class NotifyVictim(CommandBase):
    """Say that victims were told of something (Victims' Code 2020, Right 6). No victims named: all those concerned."""

    type: Literal["NotifyVictim"] = "NotifyVictim"
    of: NoticeOf
    victims: tuple[SubjectId, ...] = ()


class VictimNotified(EventBase):
    """Victims were told of something. The moment is kept: what they were told of may become known only later."""

    says: ClassVar[str] = "Told of {of}: {victims}"
    type: Literal["victim_notified.v2"] = "victim_notified.v2"
    of: NoticeOf
    victims: tuple[SubjectId, ...]
    told_at: Instant
