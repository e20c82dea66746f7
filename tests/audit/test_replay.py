import os
from pathlib import Path

import pytest
from temporalio.api.history.v1 import History

from nom.audit import replay
from nom.audit.replay import FetchedHistory, histories_of, replay_all
from nom.console.access import Access
from nom.console.proof import NoSuchCase, replay_everything, replay_matter, replay_streams
from nom.console.scenario.runner import ForceNotServed
from nom.contracts.ids import namespace_of
from nom.workers.replayer import ENTRY
from tests.matters import a_matter, ago, note, receive

pytestmark = pytest.mark.engine


def altered(fetched: FetchedHistory) -> FetchedHistory:
    """The same history with something else in it, as another version of the code would have left it."""
    history = History()
    history.CopyFrom(fetched.history)
    scheduled = next(e for e in history.events if e.HasField("activity_task_scheduled_event_attributes"))
    scheduled.activity_task_scheduled_event_attributes.activity_type.name = "nom.another"
    return fetched._replace(history=history)


async def test_every_process_of_a_matter_replays(matter: str, access: Access) -> None:
    results = await replay_matter(access, matter)
    assert {result.stream for result in results} == {f"{matter}/case", f"{matter}/referral-1"}
    assert {result.verdict for result in results} == {"replayed"}
    assert all(result.events > 3 for result in results)


async def test_a_history_that_this_code_would_not_have_made_fails_with_a_reason_and_the_others_replay(
    referral: FetchedHistory,
) -> None:
    other = altered(referral)._replace(run="another")
    whole, changed = await replay_all([referral, other], ENTRY)
    assert (whole.verdict, whole.reason) == ("replayed", None)
    assert changed.verdict == "differs"
    assert changed.reason is not None
    assert 'activity, type: recorded "nom.another", now "nom.' in changed.reason


async def test_the_runs_of_a_process_that_continued_as_new_are_all_replayed(access: Access) -> None:
    case = a_matter()
    await access.client.submit(receive(case, ago(hours=3), brought_in=True))
    client = await access.client.engine(namespace_of(case))
    stream = f"{case}/referral-1"
    number = 0
    while len(await histories_of(client, stream)) < 2:
        for _ in range(20):
            number += 1
            await access.client.submit(note(case, f"note {number}"))
    results = await replay_streams(access, [stream])
    assert len(results) >= 2
    assert len({result.run for result in results}) == len(results)
    assert {result.verdict for result in results} == {"replayed"}


async def test_a_process_without_a_history_is_not_replayed(access: Access) -> None:
    (result,) = await replay_streams(access, ["gmp/test-nothing/referral-1"])
    assert result.verdict == "not_replayed"


async def test_a_matter_that_is_not_there_is_refused(access: Access) -> None:
    with pytest.raises(NoSuchCase, match="GMP"):
        await replay_matter(access, "gmp/test-nothing")
    with pytest.raises(ForceNotServed, match="NWP"):
        await replay_matter(access, "nwp/test-nothing")


async def test_a_subprocess_that_hangs_is_ended_and_what_it_did_not_replay_is_said(
    referral: FetchedHistory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "hanging.py").write_text(
        "import os, sys, time, pathlib\n"
        "pathlib.Path(os.environ['NOTED']).write_text(str(os.getpid()))\n"
        "pathlib.Path(sys.argv[1], 'results.jsonl').write_text('{\"half')\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("NOTED", str(tmp_path / "pid"))
    monkeypatch.setattr(replay, "SECONDS_FOR_A_HISTORY", 1.5)
    (result,) = await replay_all([referral], "hanging")
    assert result.verdict == "not_replayed"
    assert result.reason == "its subprocess was ended after 1.5 seconds without a result"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def an_entry(folder: Path, name: str, at: dict[str, str]) -> None:
    """A subprocess that calls every history replayed, but does something else where it comes to some of the runs."""
    (folder / f"{name}.py").write_text(
        "import os, pathlib, sys, time\n"
        "from nom.audit.replay import RESULTS_FILE, SHARD_FILE, Replayed, Shard\n"
        "place = pathlib.Path(sys.argv[1])\n"
        "for task in Shard.model_validate_json((place / SHARD_FILE).read_bytes()).tasks:\n"
        f"    exec({at!r}.get(task.run, ''))\n"
        "    told = Replayed(stream=task.stream, run=task.run, events=task.events, verdict='replayed')\n"
        "    with (place / RESULTS_FILE).open('ab') as out:\n"
        "        out.write(told.canonical() + b'\\n')\n"
    )


async def test_what_comes_after_a_history_that_ends_the_subprocess_is_replayed_by_another(
    referral: FetchedHistory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    an_entry(tmp_path, "stumbling", {"second": "os._exit(9)"})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    runs = ("first", "second", "third", "fourth")
    told: list[tuple[int, int]] = []
    results = await replay_all(
        [referral._replace(run=run) for run in runs],
        "stumbling",
        processes=1,
        progress=lambda done, of: told.append((done, of)),
    )
    assert [result.run for result in results] == list(runs)
    assert [result.verdict for result in results] == ["replayed", "not_replayed", "replayed", "replayed"]
    assert results[1].reason == "its subprocess ended with code 9"
    assert told[-1] == (4, 4)


async def test_histories_that_hang_one_after_another_do_not_take_those_behind_them_along(
    referral: FetchedHistory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    an_entry(tmp_path, "patient", dict.fromkeys(("first", "second", "third"), "time.sleep(600)"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(replay, "SECONDS_FOR_A_HISTORY", 5.0)
    runs = ("first", "second", "third", "fourth")
    results = await replay_all([referral._replace(run=run) for run in runs], "patient", processes=1)
    assert [result.verdict for result in results] == ["not_replayed", "not_replayed", "not_replayed", "replayed"]


async def test_a_subprocess_decides_under_the_overlays_of_the_data_folder(
    referral: FetchedHistory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An overlay that can't be read ends the subprocess: so it was read."""
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "broken.yaml").write_text("overlay: [")
    (result,) = await replay_all([referral], ENTRY, overlays=tmp_path / "policy")
    assert result.verdict == "not_replayed"
    (result,) = await replay_all([referral], ENTRY, overlays=tmp_path / "no-such-folder")
    assert result.verdict == "replayed"


async def test_everything_is_replayed_also_what_records_nothing(matter: str, access: Access) -> None:
    results = [one async for batch in replay_everything(access, processes=1) for one in batch]
    streams = {result.stream for result in results}
    assert {f"{matter}/case", "gmp/status", "nca/status"} <= streams
    assert {result.verdict for result in results if result.stream.startswith(matter)} == {"replayed"}


async def test_a_subprocess_that_breaks_off_says_so(referral: FetchedHistory) -> None:
    (result,) = await replay_all([referral], "nom.no_such_module")
    assert (result.verdict, result.reason) == ("not_replayed", "its subprocess ended with code 1")
