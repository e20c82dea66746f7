"""How a command ends when it could not do what was asked: a code that stays, one line of words, an exit code.

Never shows a traceback for something that a person can mend, and never repeats what somebody wrote about a person.
"""

import traceback
from dataclasses import dataclass

import typer

REFUSED, MALFORMED, STACK_AWAY, FAILED, INTERRUPTED = 1, 2, 3, 70, 130


class CannotDo(Exception):
    """A command can't go on. `code` stays the same for ever; the message says what to do."""

    def __init__(self, code: str, message: str, exit_code: int = MALFORMED) -> None:
        super().__init__(message)
        self.code = code
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Ending:
    """What is said at the end, and with which exit code."""

    code: str
    words: str
    exit_code: int


_ADVICE = {
    "stack_not_running": "start it with `nom up` (or name its folder with --data)",
    "stack_already_running": "`nom status` shows it, `nom down` stops it",
    "engine_unavailable": "see `nom status`; give the command again with the same --id, and it is taken once",
    "process_stopped": "see `nom audit reconcile`; once it is mended the command can be given again with the same --id",
    "ledger_unavailable": "see `nom status`, then try again",
    "nobody_of_that_name": "`nom people` lists everybody",
    "command_malformed": "`nom commands PROCESS` lists the fields",
    "setting_missing": "set them in the environment, or name the embedded stack's folder with --data",
}
_STACK_AWAY = frozenset(
    {"stack_not_running", "engine_unavailable", "ledger_error", "ledger_unavailable", "ledger_not_ready"}
    | {"process_gone", "process_stopped", "command_not_decided"}
)
_LOCAL = "nom.workers.local."
"""Where every error says that the stack is not as it should be."""
_REFUSED = frozenset(
    {"seal_broken", "ledger_forked", "ledger_gap", "ledger_unreadable", "ledger_rejected", "report_differs"}
)


def ending_of(error: Exception) -> Ending | None:
    """How an error that carries a `code` ends the command; None for one that nobody foresaw."""
    in_words = getattr(error, "format_message", None)
    if callable(in_words):
        return Ending("usage", f"{in_words()} See `{_command_of(error)} --help`.", MALFORMED)
    refusal = getattr(error, "refusal", None)
    code = getattr(refusal, "code", None) or getattr(error, "code", None)
    if not isinstance(code, str):
        return None
    words = str(getattr(refusal, "message", "") or error or type(error).__doc__ or code)
    advice = _ADVICE.get(code)
    return Ending(
        code,
        f"{words.rstrip('.')}; {advice}" if advice else words,
        _exit_code(error, code, refused=refusal is not None),
    )


def _command_of(error: Exception) -> str:
    """Which command was typed wrongly, as far as the parser had come."""
    return getattr(getattr(error, "ctx", None), "command_path", None) or "nom"


def _exit_code(error: Exception, code: str, *, refused: bool) -> int:
    own = getattr(error, "exit_code", None)
    if isinstance(own, int):
        return own
    if refused or code in _REFUSED:
        return REFUSED
    away = code in _STACK_AWAY or type(error).__module__.startswith(_LOCAL)
    return STACK_AWAY if away else MALFORMED


def say(ending: Ending) -> None:
    """The one line on stderr."""
    typer.echo(f"nom: {ending.code}: {' '.join(ending.words.split())}", err=True)


def say_unforeseen(error: Exception) -> None:
    """Where an error that nobody foresaw came from; not its message, which may repeat what somebody wrote."""
    typer.echo("".join(traceback.format_tb(error.__traceback__)), err=True, nl=False)
    say(Ending("unforeseen", f"{type(error).__name__}; this is a defect of nom, please report it", FAILED))
