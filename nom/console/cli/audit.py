"""`nom audit`: what an auditor asks of what was recorded. Each command has a module of its own and is listed here."""

import typer

from nom.console.cli.audit_consistency import consistency_command
from nom.console.cli.audit_export import conformance_command, export_command
from nom.console.cli.audit_fold import audit_fold_command
from nom.console.cli.audit_invariants import audit_invariants_command
from nom.console.cli.audit_refusals import refusals_command
from nom.console.cli.audit_replay import audit_replay_command
from nom.console.cli.audit_show import readings_command, show_command
from nom.console.cli.audit_whatif import audit_whatif_command
from nom.console.cli.checkpoints import checkpoints_command, keys_command
from nom.console.cli.pack import pack_command
from nom.console.cli.reconcile import reconcile_command
from nom.console.cli.seals import seals_command
from nom.console.cli.verify import verify_command

audit_app = typer.Typer(no_args_is_help=True, add_completion=False)


@audit_app.callback()
def audit() -> None:
    """What an auditor asks of what was recorded: by the rules, whole, unaltered?

    No command changes a record. Whoever is shown a case is logged.
    """


audit_app.command("replay")(audit_replay_command)
audit_app.command("seals")(seals_command)
audit_app.command("checkpoints")(checkpoints_command)
audit_app.command("consistency")(consistency_command)
audit_app.command("keys")(keys_command)
audit_app.command("reconcile")(reconcile_command)
audit_app.command("verify")(verify_command)
audit_app.command("fold")(audit_fold_command)
audit_app.command("invariants")(audit_invariants_command)
audit_app.command("whatif")(audit_whatif_command)
audit_app.command("show")(show_command)
audit_app.command("readings")(readings_command)
audit_app.command("refusals")(refusals_command)
audit_app.command("export")(export_command)
audit_app.command("conformance")(conformance_command)
audit_app.command("pack")(pack_command)
