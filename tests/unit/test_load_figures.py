"""What `make load` says of a run: memory that grows is told from memory that settles, and errors from people sent away."""

from __future__ import annotations

from dataclasses import replace

from bench.crowd.figures import Entry, Told, over_time
from bench.crowd.past import Size
from bench.crowd.report import Run, write
from bench.crowd.settle import Settled
from bench.crowd.watch import Sample, growth_of
from tests.faults.books import Findings


def samples(sizes: list[float], name: str = "web") -> list[Sample]:
    return [Sample(at * 10.0, {name: size}, {}, line=at) for at, size in enumerate(sizes)]


def growth(sizes: list[float]):
    found = growth_of("web", samples(sizes))
    assert found is not None
    return found


def test_memory_that_settles_is_flat_and_memory_that_grows_is_not():
    warming_up = [80.0, 95.0, 99.0, *[100.0, 101.0] * 15]
    assert growth(warming_up).is_flat
    leaking = growth([100.0 + minute for minute in range(32)])
    assert not leaking.is_flat
    assert round(leaking.an_hour) == 360


def test_too_few_looks_say_nothing_of_memory():
    assert growth_of("web", samples([100.0] * 7)) is None
    assert growth_of("jobs", samples([100.0] * 20)) is None


def told(*outcomes: str) -> Told:
    entries = [Entry(100.0 + n, "listing", 0.1 * (n + 1), 200, outcome) for n, outcome in enumerate(outcomes)]
    return Told(100.0, 112.0, 5, entries, ["TP-1"], {})


def run(outcomes: list[str], **changes: object) -> Run:
    settled = Settled(3.0, Findings(), {}, 0, 0, 0)
    plain = Run(
        "make load", Size(10, 5, 20), 5, False, False, told(*outcomes), settled, samples([90.0] * 20), []
    )
    return replace(plain, **changes)


def test_who_is_sent_away_got_an_answer_in_a_crowd_and_an_error_on_a_usual_day():
    outcomes = ["ok"] * 9 + ["sent away"]
    assert run(outcomes, is_crowd=True).failures() == []
    assert run(outcomes).failures() == ["10.00% of the answers were errors"]
    assert run(["ok"] * 9 + ["error"], is_crowd=True).failures() == ["10.00% of the answers were errors"]


def test_a_book_that_differs_fails_the_run():
    findings = Findings()
    findings.add("double_charges", "order TP-1 was charged 2 times")
    settled = Settled(3.0, findings, {}, 0, 0, 0)
    assert run(["ok"], settled=settled).failures() == ["double charges: order TP-1 was charged 2 times"]


def test_the_course_of_a_run_shows_each_stretch_with_its_longest_line():
    moments = over_time(told("ok", "ok", "sent away", "error"), samples([90.0] * 20), rows=2)
    assert [(each.sent_away, each.errors) for each in moments] == [(1, 1), (0, 0)]
    assert moments[1].sample.line == 11


def test_a_run_takes_the_place_of_the_one_before_and_leaves_the_others(tmp_path):
    path = tmp_path / "load.md"
    write(run(["ok"]), path)
    write(run(["ok"], title="make load --soak"), path)
    write(run(["ok", "ok"]), path)
    text = path.read_text()
    assert text.count("\n## make load\n") == 1
    assert text.count("\n## make load --soak\n") == 1
    assert "2 answers" in text
