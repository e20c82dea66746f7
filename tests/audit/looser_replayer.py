"""The entry point of a replaying subprocess in which one rule is looser: a referral may be routed at any time."""

import sys
from pathlib import Path

from nom.audit.replaying import replay_and_exit
from nom.workers.plugin import nom_plugin
from nom.workflows.model import referral
from nom.workflows.model.referral import ReferralState

ENTRY = "tests.audit.looser_replayer"


def no_gate(_state: ReferralState) -> tuple[()]:
    """Nothing is missing."""
    return ()


if __name__ == "__main__":
    referral.referral_gate = no_gate
    replay_and_exit(Path(sys.argv[1]), nom_plugin)
