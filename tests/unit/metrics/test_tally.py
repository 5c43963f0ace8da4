"""Counting over several processes: nothing lost, nothing twice, and no more files than processes at a time."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.metrics.tally import Counted, Tally

DOORS = Counted("doors", "Doors opened.", ("side",))
INSIDE = Counted("inside", "People inside.", ())
WAITS = Counted("waits", "Waits.", ("side",), buckets=(0.1, 1.0))


def read(folder: Path) -> dict[str, float]:
    return {
        f"{sample.name}{sorted(sample.labels.items())}": sample.value
        for metric in Tally(folder).collect()
        for sample in metric.samples
    }


def open_doors(folder: Path, times: int) -> None:
    tally = Tally(folder)
    for _ in range(times):
        tally.count(DOORS, "left")


def test_threads_and_later_processes_add_up(tmp_path: Path):
    tally = Tally(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: tally.count(DOORS, "left"), range(400)))
    children = [multiprocessing.Process(target=open_doors, args=(tmp_path, 50)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert read(tmp_path) == {"doors_total[('side', 'left')]": 550.0}


def test_a_slot_is_taken_over_with_what_was_counted_there(tmp_path: Path):
    for _ in range(5):
        tally = Tally(tmp_path)
        tally.count(DOORS, "left")
        tally.close()
    assert len(list(tmp_path.glob("counter_*.db"))) == 1
    assert read(tmp_path) == {"doors_total[('side', 'left')]": 5.0}


def begin_and_die(folder: Path) -> None:
    Tally(folder).shift(INSIDE, 5)


def test_what_a_process_had_under_way_ends_with_it(tmp_path: Path):
    tally = Tally(tmp_path)
    tally.shift(INSIDE, 2)
    tally.shift(INSIDE, -1)
    child = multiprocessing.Process(target=begin_and_die, args=(tmp_path,))
    child.start()
    child.join()
    assert read(tmp_path) == {"inside[]": 1.0}
    with_next = Tally(tmp_path)
    with_next.shift(INSIDE, 3)
    assert read(tmp_path) == {"inside[]": 4.0}


def test_a_forked_child_counts_in_a_slot_of_its_own(tmp_path: Path):
    tally = Tally(tmp_path)
    tally.count(DOORS, "left")
    child = multiprocessing.get_context("fork").Process(target=tally.count, args=(DOORS, "left"))
    child.start()
    child.join()
    tally.count(DOORS, "left")
    assert len(list(tmp_path.glob("counter_*.db"))) == 2
    assert read(tmp_path)["doors_total[('side', 'left')]"] == 3.0


def test_a_histogram_puts_each_value_in_every_bucket_that_holds_it(tmp_path: Path):
    tally = Tally(tmp_path)
    for value in (0.05, 0.1, 0.5, 7.0):
        tally.observe(WAITS, value, "left")
    found = read(tmp_path)
    assert found["waits_bucket[('le', '0.1'), ('side', 'left')]"] == 2
    assert found["waits_bucket[('le', '1.0'), ('side', 'left')]"] == 3
    assert found["waits_bucket[('le', '+Inf'), ('side', 'left')]"] == 4
    assert found["waits_count[('side', 'left')]"] == 4
    assert found["waits_sum[('side', 'left')]"] == 7.65


def test_a_fast_answer_leaves_the_slow_buckets_there_and_complete(tmp_path: Path):
    Tally(tmp_path).observe(WAITS, 0.05, "left")
    assert read(tmp_path)["waits_bucket[('le', '+Inf'), ('side', 'left')]"] == 1


def test_a_file_in_pieces_is_begun_anew_and_stops_nothing(tmp_path: Path):
    (tmp_path / "counter_0.db").write_bytes(b"\xff\x7f\x00\x00" + b"\x99" * 4000)
    Tally(tmp_path).count(DOORS, "left")
    assert read(tmp_path) == {"doors_total[('side', 'left')]": 1.0}


def test_where_nothing_can_be_written_nothing_is_counted_and_nobody_notices(tmp_path: Path):
    (tmp_path / "metrics").write_text("in the way of the folder")
    tally = Tally(tmp_path / "metrics")
    tally.count(DOORS, "left")
    tally.observe(WAITS, 0.5, "left")
    assert list(tally.collect()) == []
