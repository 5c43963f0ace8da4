"""What is installed is what was looked at: every package with its version and the digests of its files."""

from __future__ import annotations

import re

import pytest

from tests.source import ROOT, none_of
from tests.unit.test_requirements import EXTRAS, RUNTIME, SANDBOX, TESTS, normal, read_requirements

LOCKS = {"requirements.lock": RUNTIME, "requirements-run.lock": SANDBOX, "requirements-dev.lock": TESTS}
# One for each thing not every shop needs; they bring along what boto3 and sentry-sdk need and no more.
LOCKS_OF_EXTRAS = {name.replace(".txt", ".lock"): [name] for name in EXTRAS}
# What shared hosts install: a lock under the name of a requirements file, because their panels ask for one and no more.
SHARED = "requirements-shared.txt"
EVERY_LOCK = [*LOCKS, *LOCKS_OF_EXTRAS, "requirements-optional.lock", SHARED]
# Named in requirements.txt and installed where it can be compiled, from a lock of its own.
OPTIONAL = "mysqlclient"
_LOCKED = re.compile(
    r"^([\w.-]+)(?:\[[\w,.-]+\])?==([^\s;\\]+)[^\n]*((?:\n +--hash=sha256:[0-9a-f]{64}(?: \\)?)*)",
    re.MULTILINE,
)


def read_lock(name: str) -> dict[str, tuple[str, int]]:
    """Package name (normalised) → its version and how many digests there are."""
    found = _LOCKED.findall((ROOT / name).read_text())
    return {normal(package): (version, hashes.count("sha256:")) for package, version, hashes in found}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_every_named_package_at_its_version(name: str):
    locked = {package: f"=={version}" for package, (version, _) in read_lock(name).items()}
    named = read_requirements(*LOCKS[name])
    named.pop(OPTIONAL)
    assert {package: locked.get(package) for package in named} == named, "run make lock"


@pytest.mark.parametrize("name", EVERY_LOCK)
def test_nothing_is_locked_without_a_digest(name: str):
    locked = read_lock(name)
    assert locked
    none_of(package for package, (_, hashes) in locked.items() if not hashes)


@pytest.mark.parametrize("name", LOCKS)
def test_what_packages_bring_along_is_locked_at_the_constrained_version(name: str):
    constrained = read_requirements("constraints.txt")
    brought = {
        package: version for package, (version, _) in read_lock(name).items() if package in constrained
    }
    assert len(brought) > 15
    assert brought == {package: constrained[package].removeprefix("==") for package in brought}


@pytest.mark.parametrize("name", EVERY_LOCK)
def test_a_lock_names_no_place_to_fetch_from(name: str):
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert "--extra-index" not in text


def test_the_driver_that_is_compiled_has_a_lock_of_its_own():
    assert set(read_lock("requirements-optional.lock")) == {OPTIONAL}
    assert OPTIONAL not in read_lock("requirements.lock")


@pytest.mark.parametrize("name", LOCKS_OF_EXTRAS)
def test_an_extra_has_a_lock_at_versions_that_fit_beside_the_shop_s_own(name: str):
    own, extra = read_lock("requirements.lock"), read_lock(name)
    for package, version in read_requirements(*LOCKS_OF_EXTRAS[name]).items():
        assert f"=={extra[package][0]}" == version, "run make lock"
    none_of(
        f"{package} {version} and {own[package][0]}"
        for package, (version, _) in extra.items()
        if package in own and own[package][0] != version
    )


def test_shared_hosts_install_what_a_server_does_but_for_the_web_server():
    server = read_lock("requirements.lock")
    assert server.pop("gunicorn")
    assert read_lock(SHARED) == server, "run make lock"


def test_what_shared_hosts_install_compiles_nothing_and_takes_nothing_unlooked_at_whatever_pip_is_told():
    """The button of their panel runs `pip install -r` with this file and no option."""
    said = [line for line in (ROOT / SHARED).read_text().splitlines() if not line.startswith("#")]
    assert said[:2] == ["--only-binary :all:", "--require-hashes"]


def test_the_audit_of_make_lint_looks_at_every_lock():
    names = re.search(r"for lock in (.*); do", (ROOT / "bin/lint").read_text())
    assert names
    looked_at = {path.name for pattern in names[1].split() for path in ROOT.glob(pattern)}
    assert looked_at == set(EVERY_LOCK)
