"""The checks of a pack's verifier: chains, proofs, seals, pinned policies. Standard library alone, and no nom.

Names a fault as `nom audit verify` names the same one. Nothing in a pack can end the checks or switch one off unseen:
what is malformed is a fault, and what stands under no signature is said.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nom.audit.pack.arithmetic import PackInvalid, checkpoint_in, is_beginning, key_of
from nom.audit.pack.opening import MALFORMED, Archive, json_in, keys_in, leads_out
from nom.audit.pack.places import LOGS, hashes, is_under, sha256, where

FORMAT = "nom-evidence-pack/2"
UNSIGNED = {"manifest.json", "verify.py", "index.html", "index.pdf"}
"""Files of every pack that no signature covers. All others are spoken of in the manifest, and looked at."""
NAMED = 5
"""How many records are named that stand under no signature."""
NAMESPACE = uuid.UUID("6f0b5a0e-58a5-5f0e-9d43-6e8a0b8e7b11")


class Pack:
    """The files of a pack, and what was found of them."""

    def __init__(self, path: Path, keys: list[str], kept: list[str]) -> None:
        self.faults: list[dict[str, Any]] = []
        self.notes: list[str] = []
        counted = ("records", "proven", "seals", "seals_proven", "readings", "readings_proven", "refusals")
        self.counts: dict[str, int] = dict.fromkeys(("streams", *counted, "refusals_proven", "snapshots"), 0)
        self.checked: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []
        self.keys = keys_in(keys)
        self.kept = dict.fromkeys(kept, False)
        self.told: set[tuple[str, str]] = set()
        self.listed: set[str] = set()
        self.archive = Archive(path)
        self.read = self.archive.read
        try:
            self.manifest: dict[str, Any] = dict(json_in(self.read("manifest.json")))
        except MALFORMED as error:
            raise PackInvalid(f"{path}: not an evidence pack ({error})") from None
        if self.manifest.get("format") != FORMAT:
            raise PackInvalid(f"{path}: its format is {self.manifest.get('format')!r}; this reads {FORMAT}")

    def close(self) -> None:
        """Let go of the file."""
        self.archive.close()

    def lists(self, kind: str, name: str) -> None:
        """The manifest lists a ledger or process. A second time it would only make more of what was counted."""
        if (entry := f"{kind} {name}") in self.listed:
            self.add("listed_twice", f"it lists the {entry} twice", file="manifest.json")
        self.listed.add(entry)

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, each one JSON object."""
        yield from self.read(name).splitlines()

    def add(self, kind: str, words: str, **place: str | int) -> None:
        """Something is wrong. `place` names it as `nom audit verify` does."""
        if (told := (kind, where(place))) not in self.told:
            self.told.add(told)
            self.faults.append({"kind": kind, "where": told[1], "words": words, **place})

    def guarded(self, name: str, check: Callable[[], None]) -> None:
        """Check a part; one that is malformed is a fault, and never the end of the check."""
        try:
            check()
        except MALFORMED as error:
            words = str(error) if isinstance(error, PackInvalid) else "it is not of its form"
            self.add("unreadable", words, file=name)

    def check(self) -> None:
        """Check everything."""
        self.guarded("manifest.json", self.check_ledgers)
        self.guarded("manifest.json", self.check_policies)
        self.guarded("manifest.json", self.check_files)
        if not self.counts["records"]:
            self.notes.append("The pack holds no record.")
        if self.kept and not any(self.kept.values()):
            self.notes.append("None of the checkpoints that you kept is of a tree in the pack: nothing was compared.")

    def check_ledgers(self) -> None:
        """Every ledger's part, of the case that the pack says it is about."""
        for ledger in self.manifest["ledgers"]:
            self.guarded("manifest.json", lambda ledger=ledger: Ledger(self, ledger).check())
        if self.manifest["case"] not in list(self.manifest["matters"])[:1]:
            self.add("other_case", "the case that it is about is not the first that it holds", file="manifest.json")

    def check_policies(self) -> None:
        """Every policy pack and calendar is what the records pin by its digest."""
        held: set[str] = set()
        pinned: set[tuple[str, str]] = set()
        for item in [*self.manifest["policies"], *self.manifest["calendars"]]:
            if item["file"] is None:
                continue
            held.add(item["digest"])
            content = self.read(item["file"])
            if sha256(content) != item["digest"]:
                self.add("policy_differs", f"it is not {item['version']} as pinned", file=item["file"])
            elif item in self.manifest["policies"]:
                calendar = json_in(content)["calendar"]
                pinned.add((calendar["version"], calendar["content_digest"]))
        pinned |= {(one["policy"]["version"], one["policy"]["digest"]) for one in self.checked}
        for version, digest in sorted(pinned):
            if digest not in held:
                self.notes.append(f"The rules {version} ({digest}) are not in the pack.")

    def check_files(self) -> None:
        """The files are those that the manifest lists, as it lists them. It is not signed: this finds accidents."""
        names = self.archive.names()
        listed: dict[str, str] = self.manifest["files"]
        spoken_of = (
            UNSIGNED | self.archive.looked_at | {f"keys/{ledger['ledger']}.txt" for ledger in self.manifest["ledgers"]}
        )
        if not self.faults:
            for name in sorted(names.keys() - spoken_of):
                self.add("pack_file_differs", "nothing in the pack speaks of it, and nobody looked at it", file=name)
        for name in sorted(names):
            if names[name] > 1:
                self.add("pack_file_differs", "it is in the pack twice", file=name)
            if leads_out(name):
                self.add("pack_file_differs", "its name would lead out of the folder it is unpacked in", file=name)
        for name in sorted({*listed, *names} - {"manifest.json"}):
            if name not in listed:
                self.add("pack_file_differs", "the manifest does not list it", file=name)
            elif name not in names:
                self.add("pack_file_differs", "it is not in the pack", file=name)
            elif sha256(self.read(name)) != listed[name]:
                self.add("pack_file_differs", "it is not what was packed", file=name)

    def verdict(self) -> str:
        """`broken`, `not_proven` where something stands under no signature that you have a key for, or `holds`."""
        if self.faults:
            return "broken"
        return "not_proven" if self.notes else "holds"


class Ledger:
    """One ledger's part of the pack."""

    def __init__(self, pack: Pack, manifest: dict[str, Any]) -> None:
        self.pack = pack
        self.manifest = manifest
        self.name: str = manifest["ledger"]
        self.signer = f"nom/{self.name}"
        self.key = self._key()
        self.digests: dict[str, list[str]] = {}
        self.broken: set[str] = set()

    def _key(self) -> tuple[str, bytes, bytes]:
        if self.signer in self.pack.keys:
            return self.pack.keys[self.signer]
        self.pack.notes.append(f"You gave no key of {self.signer}: the one in the pack proves nothing.")
        return key_of(self.manifest["key"])

    def check(self) -> None:
        """Chains first, then what is signed: as `nom audit verify` does."""
        self.pack.lists("ledger", self.name)
        placed: list[dict[str, Any]] = []
        for stream in self.manifest["streams"]:
            self.pack.guarded(stream["file"], lambda stream=stream: placed.extend(Chain(self, stream).follow()))
        self.pack.guarded(self.name, lambda: self.check_tree("records", placed))
        seals: list[dict[str, Any]] = []
        self.pack.guarded(self.manifest["seals"], lambda: seals.extend(self.seals()))
        self.pack.guarded(self.name, lambda: self.check_tree("seals", seals))
        for seal in seals:
            self.pack.guarded(self.manifest["seals"], lambda seal=seal: self.check_seal(seal))
        self.pack.guarded(self.manifest["seals"], lambda: self.check_runs(seals))
        for log in LOGS:
            rows: list[dict[str, Any]] = []
            file = self.manifest["logs"][log]
            self.pack.guarded(file, lambda log=log, file=file, rows=rows: rows.extend(self.rows(log, file)))
            self.pack.guarded(self.name, lambda log=log, rows=rows: self.check_tree(log, rows))
        for running in self.manifest["running"]:
            self.pack.guarded(running["file"], lambda running=running: self.check_snapshot(running))
        for fault in self.manifest["found"]:
            place = {
                name: fault[name] for name in ("stream", "seq", "position", "tree", "size") if fault[name] is not None
            }
            self.pack.add(fault["kind"], f"found in the ledger when the pack was made: {fault['words']}", **place)

    def is_ours(self, stream: str) -> bool:
        """Whether a stream belongs to what the pack is about, and to this ledger."""
        matter = stream.rpartition("/")[0]
        return matter in list(self.pack.manifest["matters"]) and stream.startswith(f"{self.name}/")

    def check_tree(self, tree: str, leaves: list[dict[str, Any]]) -> None:
        """Every leaf against the signed checkpoint, and the checkpoint against older ones. Names the first leaf."""
        signed = self.checkpoint(tree)
        proven, unsigned = 0, list[str]()
        for item in sorted(leaves, key=lambda item: -1 if item["position"] is None else item["position"]):
            position, place = item["position"], {"stream": item["stream"], "seq": item["seq"], "tree": tree}
            if tree in LOGS:
                place["position"] = position
            if signed is None or position is None or position >= signed[0]:
                unsigned.append(where(place))
            elif is_under(signed, item):
                proven += 1
            else:
                self.pack.add("replaced", "it is not the one that was signed", **{**place, "position": position})
                break
        self.pack.counts["proven" if tree == "records" else f"{tree}_proven"] += proven
        if unsigned:
            words = f"{len(unsigned)} of {len(leaves)} {tree} of {self.name.upper()} are under no signature"
            self.pack.notes.append(f"{words}: {', '.join(unsigned[:NAMED])}{', ...' if unsigned[NAMED:] else ''}.")

    def checkpoint(self, tree: str) -> tuple[int, bytes] | None:
        """Size and root of the pack's signed checkpoint of a tree; None without a good one."""
        name, origin = self.manifest["checkpoints"][tree], f"{self.signer}/{tree}"
        if name is None:
            return None
        note = self.pack.read(name).decode()
        try:
            signed = checkpoint_in(note, self.key, origin)
        except ValueError as error:
            self.pack.add("checkpoint_invalid", str(error), size=int((note.split("\n") + ["0"] * 2)[1]), tree=tree)
            return None
        for older in self.manifest["older"]:
            if older["tree"] == tree:
                proof = hashes(older["proof"])
                self.check_older(self.pack.read(older["file"]).decode(), tree, signed, proof)
        for note in self.pack.kept:
            if note.startswith(f"{origin}\n"):
                self.pack.kept[note] = True
                self.check_older(note, tree, signed, None)
        return signed

    def check_older(self, note: str, tree: str, signed: tuple[int, bytes], proof: list[bytes] | None) -> None:
        """A checkpoint that was kept elsewhere is of the same tree, earlier. `proof` None: look in the pack for it."""
        try:
            size, root = checkpoint_in(note, self.key, f"{self.signer}/{tree}")
        except ValueError as error:
            self.pack.add("checkpoint_invalid", f"as kept elsewhere: {error}", size=0, tree=tree)
            return
        if proof is None:
            found = [one["proof"] for one in self.manifest["older"] if (one["tree"], one["size"]) == (tree, size)]
            if not found and size != signed[0]:
                self.pack.notes.append(f"No proof in the pack says how your checkpoint {size} of {tree} goes with it.")
                return
            proof = hashes(found[0]) if found else []
        if size > signed[0]:
            self.pack.add(
                "cut_off", f"a checkpoint of {size} was kept; the pack's is of {signed[0]}", size=size, tree=tree
            )
        elif not is_beginning(size, root, signed[0], signed[1], proof):
            self.pack.add("checkpoint_differs", "one that was kept is another account of it", size=size, tree=tree)

    def seals(self) -> Iterator[dict[str, Any]]:
        """The sealed histories, with their place as a leaf."""
        for line in self.pack.lines(self.manifest["seals"]):
            seal: dict[str, Any] = json_in(line)
            said = json_in(seal["statement"])
            if not self.is_ours(said["workflow_id"]):
                self.pack.add("other_case", "it is of another case", stream=said["workflow_id"], seq=said["last_event"])
            yield {**seal, "said": said, "stream": said["workflow_id"], "seq": said["last_event"]}

    def check_seal(self, seal: dict[str, Any]) -> None:
        """The statement is what was sealed, and the events are what the statement says."""
        self.pack.counts["seals"] += 1
        said, history = seal["said"], self.pack.read(seal["file"]) if seal["file"] else None
        if sha256(seal["statement"].encode()) != seal["digest"]:
            words = "its statement is not what was sealed"
        elif history is None:
            words = "its events can't be unpacked"
        elif sha256(history) != said["history_digest"]:
            words = "its events are not what was sealed"
        else:
            self.check_appends(said["workflow_id"], history)
            return
        words = f"run {said['run_id']}: {words}"
        self.pack.add("seal_differs", words, stream=said["workflow_id"], seq=said["last_event"], tree="seals")

    def rows(self, log: str, file: str) -> Iterator[dict[str, Any]]:
        """The rows of a log, each with its place as a leaf. Each is there once, and is of the case."""
        last = -1
        for line in self.pack.lines(file):
            row: dict[str, Any] = json_in(line)
            said = json_in(row["statement"])
            number, stream = int(said["number"]), str(said[LOGS[log]])
            place: dict[str, Any] = {"stream": stream, "position": number, "tree": log}
            if number != row["position"] or number <= last:
                self.pack.add("sequence_broken", "it is there twice, or not at its number", **place)
            if not self.is_ours(stream):
                self.pack.add("other_case", "it is of another case", **place)
            last = number
            self.pack.counts[log] += 1
            self.pack.rows.append({"log": log, **said})
            yield {**row, "digest": sha256(row["statement"].encode()), "stream": stream, "seq": number}

    def check_snapshot(self, running: dict[str, Any]) -> None:
        """What nobody signed is there and is of the case. More can't be said of it."""
        self.pack.counts["snapshots"] += 1
        self.pack.read(running["file"])
        if not self.is_ours(running["workflow_id"]):
            self.pack.add("other_case", "it is of another case", file=running["file"])

    def check_appends(self, stream: str, history: bytes) -> None:
        """What a sealed history says was recorded is in the pack: a stream's end can't be left out unseen."""
        there = self.digests.get(stream, [])
        if stream in self.broken:
            return
        for found in re.findall(rb'"appended":\{"digests":\[((?:"[0-9a-f]{64}",?)+)\]', history):
            if not set(re.findall("[0-9a-f]{64}", found.decode())) <= set(there):
                words = "a sealed history says that it was recorded, and it is not in the pack"
                self.pack.add("cut_off", words, stream=stream, seq=len(there) + 1)

    def check_runs(self, seals: list[dict[str, Any]]) -> None:
        """The parts of a run follow each other."""
        last: dict[str, int] = {}
        for seal in seals:
            said = seal["said"]
            if said["first_event"] != last.get(said["run_id"], 0) + 1:
                place = {"stream": said["workflow_id"], "seq": said["last_event"], "tree": "seals"}
                self.pack.add("seal_differs", f"run {said['run_id']}: a part before it is missing", **place)
            last[said["run_id"]] = said["last_event"]


class Chain:
    """One stream. Only its first fault is told."""

    def __init__(self, ledger: Ledger, manifest: dict[str, Any]) -> None:
        self.ledger = ledger
        self.manifest = manifest
        self.stream: str = manifest["stream"]
        self.is_broken = False
        self.previous: str | None = None
        self.position: int | None = -1

    def follow(self) -> Iterator[dict[str, Any]]:
        """Check record after record; give each with its place as a leaf."""
        pack, digests, expected = self.ledger.pack, self.ledger.digests.setdefault(self.stream, []), 1
        pack.counts["streams"] += 1
        pack.lists("process", self.stream)
        if not self.ledger.is_ours(self.stream):
            self.add("other_case", "it is of another case", 1)
        for expected, line in enumerate(pack.lines(self.manifest["file"]), start=1):
            pack.counts["records"] += 1
            try:
                item: dict[str, Any] = json_in(line)
                sealed = json_in(item["sealed"])
                if not self.is_broken:
                    self.check(expected, item, sealed)
                position = None if item["position"] is None else int(item["position"])
            except MALFORMED:
                self.add("unreadable", "it does not fit its contract", expected)
                continue
            pack.checked.append({**sealed, "asked": item["asked"], "payload": item["payload"]})
            digests.append(item["digest"])
            yield {**item, "position": position, "stream": self.stream, "seq": sealed["seq"]}
        if len(digests) < self.manifest["records"] and not self.is_broken:
            self.add("cut_off", f"there were {self.manifest['records']} when the pack was made", len(digests) + 1)

    def check(self, expected: int, item: dict[str, Any], sealed: dict[str, Any]) -> None:
        """One record: its place, its content, its digest, the record before it, its position."""
        seq = sealed["seq"]
        if seq != expected:
            self.add("sequence_broken", f"it is missing; {seq} comes next", expected)
        elif (
            sealed["event_id"] != str(uuid.uuid5(NAMESPACE, f"{self.stream}#{seq}")) or sealed["stream"] != self.stream
        ):
            self.add("wrong_id", "its id is not that of its place", seq)
        elif sha256(item["payload"].encode()) != sealed["payload_digest"]:
            self.add("payload_differs", "its content is not what was sealed", seq)
        elif sha256(item["sealed"].encode()) != item["digest"]:
            self.add("digest_differs", "who, when, why or what is not what was sealed", seq)
        elif sealed["previous"] != self.previous:
            self.add("previous_differs", "it does not follow the record before it", seq)
        elif item["asked"] is not None and sha256(item["asked"].encode()) != sealed["command_digest"]:
            self.add("asked_differs", "what was asked is not what was sealed", seq)
        elif item["position"] is not None and (self.position is None or item["position"] <= self.position):
            self.add("position_out_of_order", f"its position {item['position']} does not follow", seq)
        self.previous, self.position = item["digest"], item["position"]

    def add(self, kind: str, words: str, seq: int) -> None:
        """The first fault of the stream."""
        if not self.is_broken:
            self.ledger.pack.add(kind, words, stream=self.stream, seq=seq)
        self.is_broken = True
        self.ledger.broken.add(self.stream)
