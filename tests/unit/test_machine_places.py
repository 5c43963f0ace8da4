"""So many at a time on one machine, whoever they are, and nobody keeps a place after their end."""

from __future__ import annotations

import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from app.shared.machine_places import MachinePlaces, NoPlace

AT_ONCE, LONG = timedelta(0), timedelta(seconds=30)


def places(folder: Path) -> MachinePlaces:
    return MachinePlaces(folder, "seat", 2)


def test_never_more_inside_than_there_are_places(tmp_path: Path):
    inside, most, lock = 0, 0, threading.Lock()

    def visit(_number: int) -> None:
        nonlocal inside, most
        with places(tmp_path).take(LONG):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(visit, range(24)))
    assert most == 2


def sit(folder: Path, sits: Event, may_go: Event) -> None:
    with places(folder).take(LONG):
        sits.set()
        may_go.wait(30)


def test_a_place_of_another_process_is_taken_until_it_ends_however_it_ends(tmp_path: Path):
    sits, may_go = multiprocessing.Event(), multiprocessing.Event()
    other = multiprocessing.Process(target=sit, args=(tmp_path, sits, may_go))
    other.start()
    assert sits.wait(30)
    with places(tmp_path).take(AT_ONCE):
        with pytest.raises(NoPlace), places(tmp_path).take(AT_ONCE):
            pytest.fail("there was no place")
        other.kill()
        other.join()
        with places(tmp_path).take(LONG):
            pass


def test_where_no_file_can_be_made_nobody_waits(tmp_path: Path):
    (tmp_path / "in the way").write_text("")
    with MachinePlaces(tmp_path / "in the way", "seat", 1).take(AT_ONCE):
        pass
