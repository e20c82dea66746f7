"""How a worker's process writes its log: one event a line, for people or for machines, never a person's data.

What libraries log goes the same way, with the names of their exceptions and without their messages.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

_FROM_LIBRARIES = ("to", "cause", "position", "command", "code")
"""The fields of our own workflow log lines, which come by way of the engine's logger."""


EVERY_APPEND = "nom.activities.ledger"
"""The logger that has a line for each command that was recorded."""


def log_for_people(stream: TextIO | None = None, *, verbose: bool = False) -> None:
    """Readable lines, coloured on a terminal; by default on stderr. A line for each append only if `verbose`."""
    target = stream or sys.stderr
    stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)
    renderer = structlog.dev.ConsoleRenderer(colors=target.isatty(), pad_event_to=22)
    _configure(target, stamp, renderer)
    logging.getLogger(EVERY_APPEND).setLevel(logging.INFO if verbose else logging.WARNING)


def log_for_machines(stream: TextIO | None = None) -> None:
    """One JSON object a line, times in UTC; by default on stderr."""
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    _configure(stream or sys.stderr, stamp, structlog.processors.JSONRenderer())


def _configure(stream: TextIO, stamp: Processor, renderer: Processor) -> None:
    shared: list[Processor] = [structlog.stdlib.add_log_level, stamp, _without_messages_of_exceptions]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=_FROM_LIBRARIES), *shared, _first_line],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("alembic", "asyncio", "nexusrpc", "temporalio.worker"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _without_messages_of_exceptions(_logger: object, _method: str, event: EventDict) -> MutableMapping[str, Any]:
    """An exception's message may repeat what somebody wrote; its type may not."""
    raised = event.pop("exc_info", None)
    if isinstance(raised, tuple) and raised[0] is not None:
        event["error"] = raised[0].__name__
    elif isinstance(raised, BaseException):
        event["error"] = type(raised).__name__
    elif raised:
        event["error"] = getattr(sys.exc_info()[0], "__name__", "unknown")
    return event


def _first_line(_logger: object, _method: str, event: EventDict) -> MutableMapping[str, Any]:
    """A library's message, without what the engine adds in brackets and without further lines."""
    words = str(event.get("event", "")).splitlines() or [""]
    event["event"] = words[0].partition(" ({")[0]
    return event
