"""What can only be done to a pack, by somebody who writes its manifest anew as well."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nom.audit.pack.archive import MANIFEST
from nom.audit.pack.checks import Pack
from nom.contracts.base import canonical_bytes, sha256_hex
from nom.contracts.ids import event_id
from tests.audit.pack.changes import READINGS, REFUSALS, SEALS, SPINE_FILE, TRIAGE_FILE, Lines, field, firsts, lines
from tests.audit.pack.packing import (
    SPINE,
    TRIAGE,
    Change,
    changed,
    checked,
    files_of,
    found_in,
    lines_of,
    put,
    rezipped,
)

SECOND = f"record 2 of {SPINE}"


ONLY_PACKS: dict[str, tuple[Change, str, str]] = {
    "proof of another record": (
        lines(SPINE_FILE, lambda held: held[1].update(proof=held[2]["proof"])),
        "replaced",
        SECOND,
    ),
    "proof of another case": (field("proof", ["00" * 32, "11" * 32, "22" * 32, "33" * 32]), "replaced", SECOND),
    "no proof": (field("proof", []), "replaced", SECOND),
    "proof that is none": (field("proof", "none"), "replaced", SECOND),
    "position of another record": (field("position", 5, at=3), "replaced", f"record 4 of {SPINE}"),
    "position hidden": (field("position", None), "position_out_of_order", f"record 3 of {SPINE}"),
    "truncated": (lines(TRIAGE_FILE, lambda held: held.pop()), "cut_off", f"record 4 of {TRIAGE}"),
    "line that is no JSON": (
        lambda files, _: files.update({SPINE_FILE: files[SPINE_FILE].replace(b'{"asked": null', b"[", 1)}),
        "unreadable",
        SECOND,
    ),
    "policy pack altered": (
        lambda files, _: files.update({next(name for name in files if "eng-police" in name): b"{}"}),
        "policy_differs",
        "policy/eng-police-2026.1-",
    ),
    "part of a history left out": (
        lines(SEALS, lambda held: held.pop(0)),
        "seal_differs",
        f"history 8 of {SPINE}",
    ),
    "checkpoint of another tree": (
        lambda files, _: files.update({"checkpoints/gmp-records.txt": files["checkpoints/gmp-seals.txt"]}),
        "checkpoint_invalid",
        "checkpoint 3 of records",
    ),
    "another case's stream": (
        lambda _, manifest: manifest.update(matters=["gmp/26-zzz"]),
        "other_case",
        f"record 1 of {SPINE}",
    ),
    "row of a log twice": (
        lines(READINGS, lambda held: held.append(held[0])),
        "sequence_broken",
        f"row 0 of the log of readings ({SPINE})",
    ),
    "row of a log at another number": (
        field("position", 1, REFUSALS, at=0),
        "sequence_broken",
        f"row 0 of the log of refusals ({SPINE})",
    ),
    "row of another case": (
        lines(READINGS, lambda held: held[0].update(statement=held[0]["statement"].replace("26-aaa", "26-zzz"))),
        "other_case",
        "row 0 of the log of readings (gmp/26-zzz/case)",
    ),
    "row of a log that is no JSON": (
        lines(REFUSALS, lambda held: held[0].update(statement="{")),
        "unreadable",
        REFUSALS,
    ),
    "log left out of the manifest": (
        lambda _, manifest: manifest["ledgers"][0]["logs"].pop("refusals"),
        "unreadable",
        "manifest.json",
    ),
    "file missing": (lambda files, _: files.pop(SPINE_FILE), "unreadable", SPINE_FILE),
}


@pytest.mark.parametrize("name", ONLY_PACKS)
async def test_what_is_done_to_a_pack_is_named(name: str, honest: tuple[bytes, str], tmp_path: Path) -> None:
    pack, key = honest
    change, kind, where = ONLY_PACKS[name]
    found = found_in(changed(pack, change), tmp_path, key)
    assert firsts(found)[0] == kind, found["faults"]
    assert firsts(found)[1].startswith(where)


def test_a_tail_left_out_with_the_manifest_written_anew_is_named_by_the_sealed_history(
    honest: tuple[bytes, str], tmp_path: Path
) -> None:
    def cut(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        lines(SPINE_FILE, lambda held: held.pop())(files, manifest)
        for stream in manifest["ledgers"][0]["streams"]:
            stream["records"] = len(lines_of(files, stream["file"]))

    found = found_in(changed(honest[0], cut), tmp_path, honest[1])
    assert firsts(found) == ("cut_off", f"record 4 of {SPINE}")


def test_a_tail_left_out_that_no_sealed_history_tells_of_is_not_seen(honest: tuple[bytes, str], tmp_path: Path) -> None:
    """What a pack can't show, and the page says so."""

    def cut(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        lines(TRIAGE_FILE, lambda held: held.pop())(files, manifest)
        for stream in manifest["ledgers"][0]["streams"]:
            stream["records"] = len(lines_of(files, stream["file"]))

    found = found_in(changed(honest[0], cut), tmp_path, honest[1])
    assert (found["verdict"], found["records"]) == ("holds", 7)
    assert b"ask the force for its count" in files_of(honest[0])["index.html"]


def test_records_put_behind_the_last_without_a_position_are_said_not_to_be_proven(
    honest: tuple[bytes, str], tmp_path: Path
) -> None:
    def append(held: Lines) -> None:
        record = json.loads(held[3]["sealed"])
        record.update(seq=5, event_id=str(event_id(TRIAGE, 5)), previous=held[3]["digest"])
        text = canonical_bytes(record).decode()
        held.append({**held[3], "sealed": text, "digest": sha256_hex(text.encode()), "position": None, "proof": []})

    found = found_in(changed(honest[0], lines(TRIAGE_FILE, append)), tmp_path, honest[1])
    assert (found["verdict"], found["faults"]) == ("not_proven", [])
    assert found["notes"] == [f"1 of 9 records of GMP are under no signature: record 5 of {TRIAGE}."]


@pytest.mark.parametrize("name", ["index.html", "index.pdf", "verify.py", "keys/gmp.txt"])
def test_a_file_that_no_signature_covers_is_named_when_it_is_not_what_was_packed(
    name: str, honest: tuple[bytes, str], tmp_path: Path
) -> None:
    files = files_of(honest[0])
    script = files["verify.py"]
    for altered in ({**files, name: files[name] + b" "}, {**files, "another.txt": b""}, without(files, name)):
        pack = rezipped(altered)
        code, said = checked(pack, tmp_path, honest[1], script=script)
        (fault,) = json.loads(said)["faults"]
        assert (code, fault["kind"]) == (1, "pack_file_differs")
        assert fault["where"] in (name, "another.txt")


def without(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    """All files but one."""
    return {other: content for other, content in files.items() if other != name}


@pytest.mark.parametrize(
    "pack",
    [b"", b"no zip", rezipped({}), rezipped({MANIFEST: b"[]"}), rezipped({MANIFEST: b"{}"}), rezipped({"a": b"b"})],
)
def test_what_is_no_pack_is_refused(pack: bytes, honest: tuple[bytes, str], tmp_path: Path) -> None:
    code, said = checked(pack, tmp_path, honest[1], script=files_of(honest[0])["verify.py"])
    assert code == 2
    assert said.startswith("verify: pack.zip: ")


def test_what_a_pack_says_cannot_pass_for_a_verdict(honest: tuple[bytes, str], tmp_path: Path) -> None:
    def pretend(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        manifest["case"] = "gmp/26-aaa\nIt holds.\x1b[8m"
        field("payload", "\x1b[2J\nIt holds.")(files, manifest)

    code, said = checked(changed(honest[0], pretend), tmp_path, honest[1], more="--records")
    assert code == 1
    assert "\x1b" not in said
    assert "It holds." not in said.splitlines()
    assert said.endswith("IT DOES NOT HOLD.\n")


def test_rules_that_were_taken_out_of_a_pack_are_said_to_be_missing(honest: tuple[bytes, str], tmp_path: Path) -> None:
    def take_out(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        for item in manifest["calendars"]:
            files.pop(item["file"])
        manifest["calendars"] = []

    found = found_in(changed(honest[0], take_out), tmp_path, honest[1])
    assert (found["verdict"], found["faults"]) == ("not_proven", [])
    assert found["notes"][0].startswith("The rules england-and-wales-1 (")


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.characters(codec="utf-8"))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_other_letter_in_what_is_sealed_goes_unseen(
    honest: tuple[bytes, str], tmp_path: Path, which: int, where: int, letter: str
) -> None:
    texts = sealed_texts(files_of(honest[0]))
    name, at, part = texts[which % len(texts)]

    def alter(files: dict[str, bytes], _manifest: dict[str, Any]) -> None:
        held = lines_of(files, name)
        text = held[at][part]
        place = where % len(text)
        other = letter if letter != text[place] else chr(ord(letter) ^ 1)
        held[at][part] = f"{text[:place]}{other}{text[place + 1 :]}"
        put(files, name, held)

    verdict, faults = said_in_this_process(changed(honest[0], alter), honest[1], tmp_path)
    assert verdict == "broken"
    assert faults[0]["where"].startswith(("record", "history", SEALS)), faults


def sealed_texts(files: dict[str, bytes]) -> list[tuple[str, int, str]]:
    """Every text of a pack that a digest is of, or is: its file, its line and its name."""
    parts = ("sealed", "payload", "digest", "asked", "statement")
    names = [name for name in files if name.startswith(("records/", "seals/"))]
    lined = [(name, at, line) for name in names for at, line in enumerate(lines_of(files, name))]
    return [(name, at, part) for name, at, line in lined for part in parts if line.get(part)]


def said_in_this_process(pack: bytes, key: str, folder: Path) -> tuple[str, list[dict[str, Any]]]:
    """The verdict and the faults, without a process of its own."""
    (folder / "changed.zip").write_bytes(pack)
    looked_at = Pack(folder / "changed.zip", [key], [])
    looked_at.check()
    looked_at.close()
    return looked_at.verdict(), looked_at.faults
