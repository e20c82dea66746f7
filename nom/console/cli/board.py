"""`nom board`: where every force's processes stand, from what the forces report to the National Crime Agency."""

from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from nom.console.access import Access
from nom.console.board import Board, ForceRow, board_of
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, run, table
from nom.console.times import local, span
from nom.workers.local.folder import DataFolder


def board_command(data: DataPath = None, as_json: AsJson = False) -> None:
    """Show which process in which force is where, and what is late.

    Counts and references from the forces' latest reports, what is late first. Overdue: missed, and the act is still
    awaited. Breached: every deadline that was missed. A force that has never reported is marked, and so is an old
    report; forces report when something has happened.
    """
    board = run(_board(folder_at(data)))
    if as_json:
        print_json(_plain(board))
    else:
        _print(paper(), board)


async def _board(folder: DataFolder) -> Board:
    async with Access(folder) as access:
        reports = await (await access.board()).latest_board_reports()
        return board_of(reports, access.namespaces(), datetime.now(UTC))


def _print(console: Console, board: Board) -> None:
    shown = table(f"National board, {local(board.as_of)}", "force", "process")
    for column in ("open", "ended", "due", "overdue", "breached"):
        shown.add_column(column, justify="right")
    for row in board.processes:
        count = row.stands
        numbers = (count.open, count.ended, count.due, count.overdue, count.breached)
        style = "bold red" if count.overdue else None
        shown.add_row(row.force, count.process.value, *map(str, numbers), style=style)
    console.print(shown)
    if board.late:
        late = table("\nLate: the act is still awaited", "process", "rule", "was due", "late by")
        for clock in board.late:
            late.add_row(clock.stream, clock.rule, local(clock.due_at), span(board.as_of - clock.due_at))
        console.print(late)
    _print_forces(console, board)


def _print_forces(console: Console, board: Board) -> None:
    silent = [row.force for row in board.forces if row.status is None]
    empty = [row.force for row in board.forces if row.status and not row.status.processes and not row.mark]
    forces = table("\nReports", "force", "age", "next due", "hand-offs waiting", "hand-offs refused", "")
    for row in board.forces:
        if row.status is not None and row.age is not None and row.force not in empty:
            due = local(row.status.next_due_at) if row.status.next_due_at else ""
            waiting, refused = row.status.hand_offs_waiting, row.status.hand_offs_refused
            forces.add_row(row.force, span(row.age), due, str(waiting), str(refused), row.mark or "")
    if forces.row_count:
        console.print(forces)
    if empty:
        console.print(f"\nReported, and no process yet: {', '.join(empty)}")
    if silent:
        console.print(f"\nNever reported: {', '.join(silent)}")


def _plain(board: Board) -> dict[str, Any]:
    return {
        "as_of": board.as_of.isoformat(),
        "processes": [{"force": row.force, **row.stands.model_dump(mode="json")} for row in board.processes],
        "late": [clock.model_dump(mode="json") for clock in board.late],
        "forces": [_plain_force(row) for row in board.forces],
    }


def _plain_force(row: ForceRow) -> dict[str, Any]:
    status = row.status
    return {
        "force": row.force,
        "mark": row.mark,
        "age_seconds": int(row.age.total_seconds()) if row.age else None,
        "as_of_position": status.as_of_position if status else None,
        "next_due_at": status.next_due_at.isoformat() if status and status.next_due_at else None,
        "hand_offs_waiting": status.hand_offs_waiting if status else None,
        "hand_offs_refused": status.hand_offs_refused if status else None,
    }
