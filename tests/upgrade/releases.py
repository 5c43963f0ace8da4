"""Two releases to go between: one of this working copy, and one of an earlier commit whose tables differ."""

from __future__ import annotations

import io
import subprocess
import tarfile
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

from tests.source import ROOT

OLD, NEW = "0.0.9", "9.0.0"
# Its tables are one migration behind the commit that brought `flask upgrade`; what that needs of a release is laid over it,
# as it was when it came. Once releases are tagged, the tag before takes the place of all three.
EARLIER = "8384569"
_OVER = {
    "1753ff9": (
        "wsgi.py", "app/outbox", "app/mail/resend_mail.py", "jobs/relay.py", "jobs/runner.py", "jobs/worker.py",
        "jobs/rq_queue.py", "deploy/passenger_wsgi.py", "deploy/cgi_entry.py",
    ),
    "ab292fd": (
        "upgrading.py", "app/upgrade", "app/cli.py", "app/late_command.py", "app/shared/version_order.py",
        "requirements.lock",
    ),
}  # fmt: skip


def take_earlier(folder: Path) -> Path:
    """The earlier source, whole (the sandbox included), as it would be had it had `flask upgrade` already."""
    return _take(folder, (EARLIER,), *((commit, "--", *names) for commit, names in _OVER.items()))


def take_present(folder: Path) -> Path:
    """What is committed now."""
    return _take(folder, ("HEAD",))


def _take(folder: Path, *parts: tuple[str, ...]) -> Path:
    folder.mkdir(parents=True)
    for arguments in parts:
        with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", *arguments))) as packed:
            packed.extractall(folder, filter="data")
    commit = ("-c", "user.name=shop", "-c", "user.email=shop@example.com", "commit", "-q", "-m", "as it was")
    for arguments in (("init", "-q"), ("add", "-A"), commit):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    return folder


def build_release(
    source: Path, version: str, target: Path, changes: dict[str, bytes | None] | None = None
) -> Path:
    """tradepost-<version>.zip of a source, as bin/release of this working copy builds it; `changes` replace files of it."""
    builder = _builder(source)
    files: dict[str, bytes] = builder.collect()
    files |= {name: content for name, content in (changes or {}).items() if content is not None}
    for name in [name for name, content in (changes or {}).items() if content is None]:
        files.pop(name, None)
    files["VERSION"] = f"{version}\n".encode()
    files.pop(builder.SUMS, None)
    files[builder.SUMS] = builder.checksums(files)
    path = target / f"tradepost-{version}.zip"
    builder.write(files, path)
    return path


def _builder(source: Path) -> ModuleType:
    loader = SourceFileLoader("release_builder", str(ROOT / "bin" / "release"))
    spec = spec_from_loader("release_builder", loader)
    assert spec is not None
    builder = module_from_spec(spec)
    loader.exec_module(builder)
    builder.ROOT = source
    return builder


def _git(*arguments: str) -> bytes:
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", *arguments], cwd=ROOT, capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(
            f"The release before is built from this repository's history: {done.stderr.decode()} "
            "(a shallow clone has none: git fetch --unshallow)"
        )
    return done.stdout
