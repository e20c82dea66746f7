"""`nom replay CASE`: the short way to `nom audit replay CASE`."""

from typing import Annotated

import typer

from nom.audit.replay import PROCESSES
from nom.console.cli.audit_replay import audit_replay_command
from nom.console.cli.options import AsJson, DataPath


def replay_command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case such as gmp/26-7k3f9q, or a group of the NCA.")],
    data: DataPath = None,
    as_json: AsJson = False,
) -> None:
    """Replay every process of a case strictly, and of the group that it nominated: as `nom audit replay CASE`."""
    audit_replay_command(case, everything=False, files=None, processes=PROCESSES, data=data, as_json=as_json)
