"""Packs made to mislead, to wear the verifier out or to end it: each is told, and none ends in a traceback."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nom.audit.pack import opening
from nom.audit.pack.archive import MANIFEST
from nom.audit.pack.arithmetic import PackInvalid
from nom.audit.pack.checks import Pack
from nom.audit.pack.opening import Archive
from nom.contracts.base import canonical_bytes
from nom.contracts.note import Checkpoint, Signer
from tests.audit.pack.changes import SPINE_FILE, TRIAGE_FILE, both, file, lines
from tests.audit.pack.packing import (
    OTHER,
    RUN,
    SPINE,
    STRANGE,
    TRIAGE,
    Change,
    changed,
    checked,
    files_of,
    found_in,
    lines_of,
    rezipped,
)

Honest = tuple[bytes, str]


def of_ledger(change: Callable[[dict[str, Any]], object]) -> Change:
    """Change what the manifest says of the ledger."""
    return lambda _files, manifest: change(manifest["ledgers"][0])


def instead_of_its_end(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    """Leave out a process, and list another twice, so that the numbers are those that the force will tell."""
    streams = manifest["ledgers"][0]["streams"]
    spine = next(each for each in streams if each["stream"] == SPINE)
    manifest["ledgers"][0]["streams"] = [spine, spine]
    files.pop(TRIAGE_FILE)


def key_twice(files: dict[str, bytes], _manifest: dict[str, Any]) -> None:
    """What one reader takes for the content of a record, another does not."""
    files[SPINE_FILE] = files[SPINE_FILE].replace(b'"payload":', b'"payload": "something else", "payload":', 1)


def snapshot(workflow: str, name: str) -> Change:
    """A history of something that goes on, which nobody signed."""
    running = {"workflow_id": workflow, "run_id": RUN, "first_event": 1, "last_event": 2, "file": name}
    return of_ledger(lambda ledger: ledger["running"].append(running))


HOSTILE: dict[str, tuple[Change, str, str]] = {
    "a process listed twice in place of another": (instead_of_its_end, "listed_twice", "manifest.json"),
    "a ledger listed twice": (
        lambda _, manifest: manifest["ledgers"].append(manifest["ledgers"][0]),
        "listed_twice",
        "manifest.json",
    ),
    "a label of another case": (lambda _, manifest: manifest.update(case=OTHER), "other_case", MANIFEST),
    "records that nobody looks at": (
        lambda files, _: files.update({f"records/{STRANGE}.jsonl": files[SPINE_FILE]}),
        "pack_file_differs",
        f"records/{STRANGE}.jsonl",
    ),
    "a page that nobody packed": (file("statement.pdf", b"%PDF-"), "pack_file_differs", "statement.pdf"),
    "a key that stands twice": (key_twice, "unreadable", f"record 1 of {SPINE}"),
    "a number that is none": (
        lines(SPINE_FILE, lambda held: held[1].update(position=float("nan"))),
        "unreadable",
        f"record 2 of {SPINE}",
    ),
    "a snapshot of another case": (
        both(file("histories/x.binpb", b"events"), snapshot(STRANGE, "histories/x.binpb")),
        "other_case",
        "histories/x.binpb",
    ),
    "a snapshot that is not there": (snapshot(TRIAGE, "histories/y.binpb"), "unreadable", "histories/y.binpb"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_mislead_is_named(name: str, honest: Honest, tmp_path: Path) -> None:
    change, kind, where = HOSTILE[name]
    faults = found_in(changed(honest[0], change), tmp_path, honest[1])["faults"]
    assert (kind, where) in [(fault["kind"], fault["where"]) for fault in faults], faults


def test_a_name_that_leads_out_of_the_folder_is_named(honest: Honest, tmp_path: Path) -> None:
    def hide(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        files["../seals.jsonl"] = files.pop("seals/gmp.jsonl")
        manifest["ledgers"][0]["seals"] = "../seals.jsonl"

    (fault,) = found_in(changed(honest[0], hide), tmp_path, honest[1])["faults"]
    assert (fault["kind"], fault["where"]) == ("pack_file_differs", "../seals.jsonl")


@pytest.mark.parametrize("name", ["/etc/passwd", "a/../../b", "..", "C:\\x", "a\nb"])
def test_names_that_lead_out(name: str) -> None:
    assert opening.leads_out(name)
    assert not opening.leads_out("records/gmp/26-aaa/case..old/x.jsonl")


def test_a_manifest_with_a_key_twice_is_no_pack(honest: Honest, tmp_path: Path) -> None:
    files = files_of(honest[0])
    twice = files[MANIFEST].replace(b"{", b'{"case": "gmp/26-zzz",', 1)
    code, said = checked(rezipped({**files, MANIFEST: twice}), tmp_path, honest[1])
    assert (code, "a key stands in it twice" in said) == (2, True)


def test_checkpoints_that_were_compared_with_nothing_are_said(honest: Honest, tmp_path: Path) -> None:
    other = Signer("nom/wyp", bytes(32)).sign(Checkpoint(origin="nom/wyp/records", size=1, root="00" * 32).text())
    found = found_in(honest[0], tmp_path, honest[1], kept=[other])
    assert found["verdict"] == "not_proven"
    assert "nothing was compared" in found["notes"][0]


def test_two_keys_of_one_ledger_are_refused(honest: Honest, tmp_path: Path) -> None:
    other = str(Signer("nom/gmp", bytes(32)).verifier)
    code, said = checked(honest[0], tmp_path, honest[1], other)
    assert (code, "two keys of nom/gmp" in said) == (2, True)
    assert checked(honest[0], tmp_path, honest[1], honest[1])[0] == 0


def packed_as(method: int, files: dict[str, bytes]) -> bytes:
    """A zip in which the first process is packed otherwise."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as pack:
        for name, content in files.items():
            pack.writestr(name, content, method if name == SPINE_FILE else None)
    return written.getvalue()


def place_of(pack: bytes, name: str) -> int:
    """Where the directory of a zip speaks of a file."""
    return pack.rindex(b"PK\x01\x02", 0, pack.rindex(name.encode()))


def directory(field: int, form: str, value: int) -> Callable[[bytes], bytes]:
    """Write something else into what the directory says of the first process."""

    def change(pack: bytes) -> bytes:
        altered = bytearray(pack)
        struct.pack_into(form, altered, place_of(pack, SPINE_FILE) + field, value)
        return bytes(altered)

    return change


def spoil(pack: bytes) -> bytes:
    """Change a byte in the middle of the first process, as it is packed."""
    (header,) = struct.unpack_from("<I", pack, place_of(pack, SPINE_FILE) + 42)
    start = header + 30 + len(SPINE_FILE) + 60
    return pack[:start] + bytes([pack[start] ^ 255]) + pack[start + 1 :]


UNPACKABLE: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "bzip2": (zipfile.ZIP_BZIP2, spoil),
    "lzma": (zipfile.ZIP_LZMA, spoil),
    "spoilt": (zipfile.ZIP_DEFLATED, spoil),
    "a method that is none": (zipfile.ZIP_STORED, directory(10, "<H", 77)),
    "encrypted": (zipfile.ZIP_STORED, directory(8, "<H", 1)),
    "larger than it says": (zipfile.ZIP_DEFLATED, directory(24, "<I", 10)),
    "so large that nobody could hold it": (zipfile.ZIP_DEFLATED, directory(24, "<I", 2**31)),
    "somewhere else": (zipfile.ZIP_STORED, directory(42, "<I", 2**31 - 1)),
}


@pytest.mark.parametrize("name", UNPACKABLE)
def test_a_file_that_can_not_be_unpacked_is_named(name: str, honest: Honest, tmp_path: Path) -> None:
    method, alter = UNPACKABLE[name]
    files = files_of(honest[0])
    code, said = checked(alter(packed_as(method, files)), tmp_path, honest[1], script=files["verify.py"])
    assert code == 1, said
    assert ("unreadable", SPINE_FILE) in [(fault["kind"], fault["where"]) for fault in json.loads(said)["faults"]]


def test_a_zip_of_a_later_kind_is_refused(honest: Honest, tmp_path: Path) -> None:
    pack = directory(6, "<H", 99)(packed_as(zipfile.ZIP_STORED, files_of(honest[0])))
    code, said = checked(pack, tmp_path, honest[1], script=files_of(honest[0])["verify.py"])
    assert (code, said.startswith("verify: pack.zip: not an evidence pack")) == (2, True)


def test_no_more_is_unpacked_than_a_file_says_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    read = zipfile.ZipExtFile.read

    def noting(self: zipfile.ZipExtFile, number: int | None = -1) -> bytes:
        asked.append(-1 if number is None else number)
        return read(self, number)

    monkeypatch.setattr(zipfile.ZipExtFile, "read", noting)
    place = tmp_path / "bomb.zip"
    place.write_bytes(directory(24, "<I", 10)(packed_as(zipfile.ZIP_DEFLATED, {SPINE_FILE: bytes(1 << 20)})))
    with pytest.raises(PackInvalid, match="can't be unpacked"):
        Archive(place).read(SPINE_FILE)
    assert asked == [10]


def test_a_pack_of_many_files_is_refused_in_one_look(honest: Honest, tmp_path: Path) -> None:
    files = {**files_of(honest[0]), **{f"x/{number}": b"" for number in range(20_000)}}
    place = tmp_path / "many.zip"
    place.write_bytes(rezipped(files))
    looked_at = Pack(place, [honest[1]], [])
    looked_at.check()
    assert len(looked_at.faults) == 20_000
    looked_at.close()


def test_the_lines_of_a_record_that_was_packed_are_read_as_they_stand(honest: Honest) -> None:
    (first, *_) = lines_of(files_of(honest[0]), SPINE_FILE)
    assert canonical_bytes(json.loads(first["sealed"])).decode() == first["sealed"]
