"""What `nom audit replay` found, counted as it comes: there may be a country's histories.

Memory holds only what a person is shown; for JSON every result waits in a file that is gone afterwards.
"""

import json
import tempfile
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final, Self

from nom.audit.replay import Replayed

SHOWN: Final = 500
"""Runs that a person is shown. JSON has every one."""


class Results:
    """What came of histories, in the order in which it was brought. To be used as a context manager."""

    def __init__(self, *, lists_agreeing: bool, keeps_json: bool) -> None:
        self._lists_agreeing = lists_agreeing
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8") if keeps_json else None  # noqa: SIM115 - closed at the exit
        self._verdicts = Counter[str]()
        self._counts = Counter[str]()
        self.listed: list[Replayed] = []
        self.unlisted = 0
        self.without_sidecar = 0
        self.agree = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def take(self, results: Iterable[Replayed]) -> None:
        """Count these, and keep what is shown of them."""
        for result in results:
            self._count(result)
            self.agree = self.agree and result.agrees
            if self._file is not None:
                self._file.write(json.dumps(_plain(result), ensure_ascii=False) + "\n")
            elif self._lists_agreeing or not result.agrees:
                self._list(result)

    def summary(self) -> dict[str, Any]:
        """The counts, as JSON has them."""
        counted = ("commands", "refusals", "without_arguments", "at_the_frontier", "dropped_signals")
        return {
            "histories": self._verdicts.total(),
            "events": self._counts["events"],
            "verdicts": dict(self._verdicts),
            **{name: self._counts[name] for name in counted},
            "without_sidecar": self.without_sidecar,
        }

    def json(self) -> Iterator[str]:
        """All of it as one JSON object, in pieces."""
        yield f'{{\n  "agrees": {json.dumps(self.agree)},\n  "summary": '
        yield f'{textwrap.indent(json.dumps(self.summary(), indent=2), "  ").lstrip()},\n  "runs": ['
        for place, line in enumerate(self._kept()):
            written = json.dumps(json.loads(line), ensure_ascii=False, indent=2)
            yield f"{',' if place else ''}\n{textwrap.indent(written, '    ')}"
        yield "\n  ]\n}\n"

    def in_words(self) -> str:
        """The counts, in one line."""
        summary = self.summary()
        verdicts = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in summary["verdicts"].items())
        words = [
            f"{summary['histories']} histories, {summary['events']} events: {verdicts or 'nothing to replay'}",
            f"{summary['commands']} commands and {summary['refusals']} refusals compared",
        ]
        said = {
            "without_arguments": "local activities without their arguments, which no history holds",
            "at_the_frontier": "commands of running processes not recorded yet",
            "dropped_signals": "signals dropped because they could not be read",
            "without_sidecar": "files without a sidecar: no digest checked, no refusal asked for again",
        }
        words += [f"{summary[name]} {text}" for name, text in said.items() if summary[name]]
        return "; ".join(words)

    def _count(self, result: Replayed) -> None:
        self._verdicts[result.verdict] += 1
        self._counts["events"] += result.events
        compared = result.compared
        if compared is not None:
            self._counts["commands"] += compared.matched
            self._counts["refusals"] += compared.refusals
            self._counts["without_arguments"] += compared.not_comparable
            self._counts["at_the_frontier"] += compared.at_the_frontier
            self._counts["dropped_signals"] += compared.dropped_signals

    def _list(self, result: Replayed) -> None:
        if len(self.listed) < SHOWN:
            self.listed.append(result)
        else:
            self.unlisted += 1

    def _kept(self) -> Iterator[str]:
        if self._file is not None:
            self._file.seek(0)
            yield from self._file


def _plain(result: Replayed) -> dict[str, Any]:
    return {**result.model_dump(mode="json"), "agrees": result.agrees}
