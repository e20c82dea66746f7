"""The entry point of a replaying subprocess: gives the replayer the plugin that workers run with. Takes a folder."""

import sys
from pathlib import Path

from nom.audit.replaying import replay_and_exit
from nom.workers.plugin import nom_plugin

ENTRY = "nom.workers.replayer"
"""What `nom.audit.replay.replay_all` is told to run."""

if __name__ == "__main__":
    replay_and_exit(Path(sys.argv[1]), nom_plugin)
