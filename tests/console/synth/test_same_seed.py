"""The same seed gives the same cases, whoever makes them, and a case does not depend on how many are made."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from nom.console.people import directory
from nom.console.synth.chance import Chance
from nom.console.synth.lines import Line, LineMalformed, read_lines
from nom.console.synth.making import rounds, written
from nom.console.synth.mix import the_mix
from nom.console.synth.plan import ROUND, Order, plan_of, round_of
from nom.console.synth.running import rounds_of, threads_of
from nom.contracts.ids import parse_stream
from tests.console.command_line import nom

ORDER = Order(seed=11)
COUNT = 40
"""More than a process of the pool makes at once."""


def texts(order: Order, count: int, processes: int = 1) -> list[str]:
    return [text for part in written(order, count, processes) for text in part.texts]


@pytest.fixture(scope="module")
def made() -> list[str]:
    return texts(ORDER, COUNT)


def test_one_process_or_two_give_the_same_bytes(made: list[str]) -> None:
    assert texts(ORDER, COUNT, processes=2) == made


def test_an_interpreter_with_another_seed_of_its_own_gives_the_same_bytes(made: list[str]) -> None:
    program = (
        "from nom.console.synth.making import written; from nom.console.synth.plan import Order\n"
        "for part in written(Order(seed=11), 9): print(*part.texts, sep='\\n')"
    )
    for hash_seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path(__file__).parents[3]), "TZ": "Pacific/Auckland"},
            check=True,
            capture_output=True,
            text=True,
        )
        assert ran.stdout.splitlines() == made[: len(ran.stdout.splitlines())]
        assert len(ran.stdout.splitlines()) > 100


def test_a_case_does_not_depend_on_how_many_are_made(made: list[str]) -> None:
    fewer = texts(ORDER, 13)
    assert fewer == made[: len(fewer)]
    assert Line.model_validate_json(made[len(fewer)]).number == 14


@pytest.mark.parametrize(
    "other", [Order(12), Order(11, forces=("GMP", "WYP")), Order(11, until=date(2026, 5, 1))], ids=str
)
def test_another_order_has_no_id_in_common(other: Order, made: list[str]) -> None:
    ids = {Line.model_validate_json(text).identity for text in made}
    others = {line.identity for lines in rounds(other, ROUND) for line in lines}
    assert others
    assert not ids & others


def test_a_file_is_read_back_as_it_was_made(made: list[str], tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(made) + "\n", encoding="utf-8")
    assert [line.written() for line in read_lines(file)] == made
    assert list(rounds_of(read_lines(file))) == list(rounds(ORDER, COUNT))


def test_a_line_that_is_no_command_is_named(made: list[str], tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(f"{made[0]}\n{{}}\n", encoding="utf-8")
    with pytest.raises(LineMalformed, match="line 2: number"):
        list(read_lines(file))


def test_ids_are_given_once_and_threads_stay_in_their_round(made: list[str]) -> None:
    lines = [Line.model_validate_json(text) for text in made]
    ids = [line.identity for line in lines]
    assert len(set(ids)) == len(ids)
    assert all(line.thread in round_of(line.number) for line in lines)
    for thread in threads_of(lines):
        places = [(line.number, line.step) for line in thread]
        assert places == sorted(places)


def test_nothing_lies_after_the_day_or_is_said_to_have_been_typed_in_before_it_happened(made: list[str]) -> None:
    for text in made:
        request = Line.model_validate_json(text).envelope()
        assert request.occurred_at <= request.submitted_at <= ORDER.end


def test_nobody_has_a_name_but_a_role_and_a_number(made: list[str]) -> None:
    stems = {key.rpartition("-")[0] for key in directory()}
    agencies = {"police", "local-authority", "social-services", "health", "education"}
    stems |= {f"{agency}-representative" for agency in agencies}
    for text in made:
        stem, _, number = Line.model_validate_json(text).envelope().actor.id.rpartition("-")
        assert stem in stems
        assert number.isdigit()


def test_cases_of_one_network_lie_in_different_forces() -> None:
    plans = [plan_of(ORDER, number) for number in range(1, 401)]
    joined = [plan for plan in plans if plan.joins is not None]
    assert len(joined) > 20
    assert all(plan.force != plans[(plan.joins or 1) - 1].force for plan in joined)
    assert all(parse_stream(f"{plan.case}/case").force == plan.force.lower() for plan in plans)


def test_chance_says_how_much_lies_where() -> None:
    chance = Chance("a", "name")
    drawn = [chance.quantile(10, 20, 100, 1000) for _ in range(4000)]
    assert 0.45 < sum(value < 20 for value in drawn) / 4000 < 0.55
    assert 0.87 < sum(value < 100 for value in drawn) / 4000 < 0.93
    assert min(drawn) >= 10
    assert max(drawn) < 1000
    weighted = [chance.weighted({"often": 9, "seldom": 1}) for _ in range(4000)]
    assert 0.87 < weighted.count("often") / 4000 < 0.93


def test_the_order_s_last_moment_is_noon_in_london() -> None:
    assert ORDER.end.isoformat() == "2026-06-30T11:00:00+00:00"
    assert Order(1, until=date(2026, 1, 5)).end.utcoffset() == timedelta()


async def test_the_command_line_writes_the_same_file_and_counts_it(made: list[str], tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    answer = await nom("synth", str(COUNT), "--seed", "11", "--out", file, "--json")
    assert answer.code == 0, answer.err
    assert file.read_text(encoding="utf-8").splitlines() == made
    counted = await nom("synth", "count", file)
    assert counted.json["cases"] == answer.json["cases"] == COUNT
    assert counted.json["refusals_by_code"] == answer.json["refusals_by_code"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("5", "--json"), "no_place"),
        (("5", "--out", "a", "--into-stack", "b"), "two_places"),
        (("5", "--until", "tomorrow"), "day_malformed"),
        (("5", "--until", "2027-12-31", "--into-stack", "b"), "day_to_come"),
        (("5", "--forces", "XYZ"), "unknown_force"),
        (("run", "nowhere.jsonl"), "file_not_readable"),
        (("many",), "usage"),
    ],
)
async def test_what_can_not_be_read_is_said_in_one_line(arguments: tuple[str, ...], code: str) -> None:
    answer = await nom("synth", *arguments)
    assert answer.code == 2
    assert answer.err.startswith(f"nom: {code}: ")
    assert answer.out == ""


def test_every_number_and_phrase_of_the_mix_is_drawn_somewhere() -> None:
    folder = Path(__file__).parents[3] / "nom" / "console" / "synth"
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py")))
    mix = the_mix()
    names = (*mix.shares, *mix.delays, *mix.weights, *mix.phrases)
    unused = [name for name in names if f'"{name}"' not in source and not name.startswith("review_")]
    assert unused == []
