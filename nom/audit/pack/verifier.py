"""Checks an evidence pack with nothing but Python 3.11's standard library and the ledger's public key.

    python3 verify.py PACK.zip --key KEYS.txt

No network, no database, nothing of nom. Take this file and the key from somebody you trust, not from whoever gave you
the pack. Exit code: 0 all holds, 1 something is wrong, 2 it can't be read, 3 nothing is wrong but not all is proven.

Nothing is recomputed by formatting: the bytes that were hashed stand in the pack, are hashed again, and only then read.
The pages index.html and index.pdf are there to read and prove nothing; `--records` prints what was checked.
"""

import argparse
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

from nom.audit.pack.arithmetic import PackInvalid
from nom.audit.pack.checks import Pack
from nom.audit.pack.opening import MALFORMED


def kept_notes(files: list[Path]) -> list[str]:
    """The signed checkpoints in files, one after another in each. Raises `PackInvalid`."""
    found: list[str] = []
    for file in files:
        notes = re.findall(r"(?:[^\n]+\n){3,}\n(?:— [^\n]+\n)+", file.read_text(encoding="utf-8"))
        if not notes:
            raise PackInvalid(f"{file}: no signed checkpoint in it")
        found += notes
    return found


def said_by(pack: Pack) -> dict[str, Any]:
    """What was found, for programs."""
    about = {"verdict": pack.verdict(), "case": pack.manifest.get("case"), **pack.counts}
    return {**about, "faults": pack.faults, "notes": pack.notes}


def write(line: str) -> None:
    """A line for people. What a pack says can't move the cursor, and can't begin a line of its own."""
    sys.stdout.write("".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in line) + "\n")


def tell(pack: Pack) -> None:
    """What was found, for people."""
    counts = pack.counts
    write(f"Evidence pack about {pack.manifest.get('case')} ({pack.manifest.get('matters')})")
    write(f"{counts['records']} records in {counts['streams']} processes; {counts['proven']} proven to be signed")
    write(f"{counts['seals']} sealed histories; {counts['seals_proven']} proven to be signed")
    write(f"{counts['readings']} rows of who was shown it; {counts['readings_proven']} proven to be signed")
    write(f"{counts['refusals']} refused requests; {counts['refusals_proven']} proven to be signed")
    if counts["snapshots"]:
        write(f"{counts['snapshots']} histories of what is still open: snapshots, which nobody signed")
    for fault in pack.faults:
        write(f"WRONG: {fault['where']}: {fault['words']} ({fault['kind']})")
    for note in pack.notes:
        write(f"NOT PROVEN: {note}")
    words = {
        "holds": "It holds.",
        "not_proven": "Nothing is wrong, but not all is proven.",
        "broken": "IT DOES NOT HOLD.",
    }
    write(words[pack.verdict()])


def tell_records(pack: Pack) -> None:
    """Every record that was looked at, in the order of its stream."""
    for one in pack.checked:
        try:
            actor = one["actor"]
            write(f"{one['stream']} #{one['seq']}  {one['type']}  happened {one['occurred_at']}")
            write(f"  {one['command']} by {actor['id']} ({actor['role']}), under {one['policy']['version']}")
            if one["reason"]:
                write(f"  reason: {one['reason']}")
            write(f"  {one['payload']}")
        except MALFORMED:
            write("  a record that can't be read")


def tell_rows(pack: Pack) -> None:
    """Every row of the logs that was looked at."""
    for one in pack.rows:
        try:
            if one["log"] == "readings":
                write(f"{one['stream']} up to #{one['up_to']}  shown to {one['reader_id']} ({one['reader_role']})")
                write(f"  at {one['read_at']}, for {one['purpose']}, with {one['tool']}")
            else:
                write(f"{one['workflow_id']}  {one['refusal']['update']} refused: {one['refusal']['code']}")
                write(f"  noted at {one['noted_at']}")
        except MALFORMED:
            write("  a row that can't be read")


def main(arguments: list[str] | None = None) -> int:
    """The command line. Gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("pack", type=Path)
    parser.add_argument("--key", action="append", type=Path, default=[], help="a file of public keys, one a line")
    parser.add_argument("--checkpoint", action="append", type=Path, default=[], help="signed checkpoints that you kept")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--records", action="store_true", help="print every record and row that was checked")
    given = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        keys = [line for file in given.key for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        pack = Pack(given.pack, keys, kept_notes(given.checkpoint))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"verify: {error!s}\n")
        return 2
    pack.check()
    pack.close()
    if given.records and not given.json:
        tell_records(pack)
        tell_rows(pack)
    if given.json:
        sys.stdout.write(json.dumps(said_by(pack), ensure_ascii=False, indent=2) + "\n")
    else:
        tell(pack)
    return {"holds": 0, "broken": 1, "not_proven": 3}[pack.verdict()]


if __name__ == "__main__":
    sys.exit(main())
