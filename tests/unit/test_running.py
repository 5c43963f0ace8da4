"""What `make run` decides before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.running.once import RunLock, RunsAlready, find_running
from sandbox.running.plan import Choices, PortNotANumber, find_instance, read_port
from sandbox.running.settings_file import SettingsFile

SQUARE = {"SQUARE_BASE_URL": "http://127.0.0.1:8001", "SQUARE_ACCESS_TOKEN": "sandbox-token"}


def file_with(path: Path, text: str) -> SettingsFile:
    (path / "settings.toml").write_text(text)
    return SettingsFile(path / "settings.toml")


def test_the_first_start_writes_keys_only_their_owner_can_read(tmp_path):
    path = tmp_path / "instance" / "settings.toml"
    SettingsFile(path).keep({"SECRET_KEY": 'a "key"'}, SQUARE | {"MAIL_PORT": "8002"})
    assert path.stat().st_mode & 0o777 == 0o600
    again = SettingsFile(path)
    assert again.given == {"SECRET_KEY": 'a "key"'}
    assert again.own == SQUARE | {"MAIL_PORT": "8002"}


def test_a_second_start_changes_nothing(tmp_path):
    path = tmp_path / "settings.toml"
    SettingsFile(path).keep({"SECRET_KEY": "first"}, SQUARE)
    before = path.read_text()
    SettingsFile(path).keep({"SECRET_KEY": "second"}, SQUARE)
    assert path.read_text() == before


def test_only_its_own_lines_follow_a_port_that_moved(tmp_path):
    file = file_with(
        tmp_path, 'SITE_URL = "http://127.0.0.1:8000"\nSQUARE_BASE_URL = "http://127.0.0.1:8001"  # sandbox\n'
    )
    file.keep({}, {"SITE_URL": "http://127.0.0.1:9", "SQUARE_BASE_URL": "http://127.0.0.1:9001"})
    assert file.path.read_text().splitlines() == [
        'SITE_URL = "http://127.0.0.1:8000"',
        'SQUARE_BASE_URL = "http://127.0.0.1:9001"  # sandbox',
    ]


def test_a_real_value_counts_as_given_even_where_the_mark_was_left(tmp_path):
    file = file_with(tmp_path, 'SQUARE_BASE_URL = "https://connect.squareupsandbox.com"  # sandbox\n')
    assert file.given == {"SQUARE_BASE_URL": "https://connect.squareupsandbox.com"}
    assert file.own == {}


@pytest.mark.parametrize(
    "environ, expected",
    [
        ({}, "from the file"),
        ({"REDIS_URL": "from the environment"}, "from the environment"),
        ({"REDIS_URL": ""}, ""),
    ],
)
def test_the_environment_wins_over_the_file(tmp_path, environ, expected):
    choices = Choices(environ, file_with(tmp_path, 'REDIS_URL = "from the file"\n'))
    assert choices.get("REDIS_URL") == expected


def test_a_second_copy_of_one_folder_is_refused_by_name(tmp_path):
    first = RunLock(tmp_path / "run.lock")
    first.note({"pid": 4711, "shop": "http://127.0.0.1:8123"})
    with pytest.raises(RunsAlready, match=r"http://127\.0\.0\.1:8123/ \(process 4711\)"):
        RunLock(tmp_path / "run.lock")
    assert find_running(tmp_path / "run.lock")["pid"] == 4711
    first.release()
    assert find_running(tmp_path / "run.lock") == {}
    RunLock(tmp_path / "run.lock").release()


@pytest.mark.parametrize("text", ["eight", "0", "70000", "-1", "80 80", "٣"])
def test_a_port_that_is_none_is_named(text):
    with pytest.raises(PortNotANumber, match="PORT is"):
        read_port(text)


def test_the_folder_is_instance_unless_another_is_named(tmp_path):
    assert find_instance({}).name == "instance"
    assert find_instance({"TRADEPOST_INSTANCE": str(tmp_path)}) == tmp_path
