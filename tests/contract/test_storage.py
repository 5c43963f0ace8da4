"""What every place for files must do: one suite for the folder and for an S3 store, over a real connection."""

from __future__ import annotations

import io
import stat
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import Settings
from app.shared import clock
from app.storage.contract import FileGone, Shelf, StorageAway, is_plain_name
from app.storage.shelves import Shelves, open_shelves
from tests.storing import SECRET, S3Store, broken_store

UNSAFE = (
    "", ".", "..", "../x.pdf", "/etc/passwd", "a/../../x.pdf", ".hidden", "a//b", "a\\b", "x.pdf.part", "x\0.pdf",
    "ü.pdf", "a b.pdf", "x" * 300, "a/",
)  # fmt: skip


def settings_with(folder: Path, **values: object) -> Settings:
    return Settings(
        secret_key="s" * 32, data_key="d" * 32, site_url="http://localhost", instance_path=str(folder), **values
    )  # type: ignore[arg-type]  # fmt: skip


@pytest.fixture(params=["folder", "s3"])
def shelves(request: pytest.FixtureRequest, tmp_path: Path) -> Shelves:
    if request.param == "folder":
        return open_shelves(settings_with(tmp_path))
    store: S3Store = request.getfixturevalue("s3_server")
    store.empty()
    return open_shelves(settings_with(tmp_path, **store.settings()))


@pytest.fixture
def shelf(shelves: Shelves) -> Shelf:
    return shelves.papers


def read(shelf: Shelf, name: str) -> bytes:
    opened = shelf.open(name)
    with opened.stream as stream:
        content = stream.read()
    assert len(content) == opened.size
    return content


def names(shelf: Shelf) -> list[str]:
    return [each.name for each in shelf.list()]


def test_what_is_put_is_read_back_to_the_byte(shelf: Shelf) -> None:
    content = bytes(range(256)) * 9000
    shelf.put("a1.pdf", content)
    shelf.put("b2.webp", io.BytesIO(b"from a stream"))
    shelf.put("empty.pdf", b"")
    assert read(shelf, "a1.pdf") == content
    assert read(shelf, "b2.webp") == b"from a stream"
    assert read(shelf, "empty.pdf") == b""


def test_the_last_one_put_under_a_name_counts(shelf: Shelf) -> None:
    shelf.put("a1.pdf", b"first, and longer")
    shelf.put("a1.pdf", b"second")
    assert read(shelf, "a1.pdf") == b"second"
    assert names(shelf) == ["a1.pdf"]


def test_a_file_tells_its_size_and_when_it_was_written(shelf: Shelf) -> None:
    shelf.put("a1.pdf", b"12345")
    found = shelf.find("a1.pdf")
    assert found is not None
    assert (found.name, found.size) == ("a1.pdf", 5)
    assert abs(clock.now() - found.written_at) < timedelta(minutes=5)


def test_what_is_not_there_is_gone_and_removing_it_is_nothing(shelf: Shelf) -> None:
    shelf.put("a1.pdf", b"x")
    shelf.remove("a1.pdf")
    shelf.remove("a1.pdf")
    assert shelf.find("a1.pdf") is None
    with pytest.raises(FileGone):
        shelf.open("a1.pdf")
    assert names(shelf) == []


def test_files_are_listed_in_order_each_on_its_own_shelf(shelves: Shelves) -> None:
    for name in ("c.pdf", "a.pdf", "b/d.pdf"):
        shelves.papers.put(name, b"paper")
    shelves.pictures.put("z.webp", b"picture")
    assert sorted(names(shelves.papers)) == ["a.pdf", "b/d.pdf", "c.pdf"]
    assert names(shelves.pictures) == ["z.webp"]


def test_no_name_leads_off_the_shelf(shelf: Shelf) -> None:
    for name in UNSAFE:
        assert not is_plain_name(name)
        with pytest.raises(ValueError, match="may not be called so"):
            shelf.put(name, b"x")
        with pytest.raises(FileGone):
            shelf.open(name)
        assert shelf.find(name) is None
        shelf.remove(name)
    assert names(shelf) == []


def test_whoever_reads_while_it_is_replaced_reads_one_whole_file(shelf: Shelf) -> None:
    whole = {b"a" * 300_000, b"b" * 500_000}
    shelf.put("a1.pdf", b"a" * 300_000)
    stop = threading.Event()

    def replace() -> None:
        while not stop.is_set():
            for content in whole:
                shelf.put("a1.pdf", content)

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        seen = {read(shelf, "a1.pdf") for _ in range(15)}
    finally:
        stop.set()
        writer.join()
    assert seen <= whole


# The folder


def test_private_files_are_the_owner_s_alone_and_pictures_may_be_read_by_a_web_server(tmp_path: Path) -> None:
    shelves = open_shelves(settings_with(tmp_path))
    (tmp_path / "uploads").mkdir(mode=0o777)
    shelves.papers.put("a.pdf", b"x")
    shelves.pictures.put("a.webp", b"x")

    def mode(path: str) -> int:
        return stat.S_IMODE((tmp_path / path).stat().st_mode)

    assert (mode("uploads"), mode("uploads/a.pdf")) == (0o700, 0o600)
    assert (mode("media"), mode("media/a.webp")) == (0o755, 0o644)


def test_a_half_written_file_is_on_no_list_and_goes_with_its_error(tmp_path: Path) -> None:
    shelf = open_shelves(settings_with(tmp_path)).papers

    class Breaks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(StorageAway) as away:
        shelf.put("a.pdf", Breaks())
    assert "No space left" in away.value.cause
    (tmp_path / "uploads" / "left.part").write_bytes(b"by a kill")
    assert names(shelf) == []
    assert [path.name for path in (tmp_path / "uploads").iterdir()] == ["left.part"]


def test_a_folder_that_cannot_be_written_to_says_so(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("a file in its place")
    with pytest.raises(StorageAway, match="send the file again"):
        open_shelves(settings_with(tmp_path)).papers.put("a.pdf", b"x")


# The store


def test_pictures_tell_caches_to_keep_them_and_papers_forbid_it(s3_server: S3Store, tmp_path: Path) -> None:
    s3_server.empty()
    shelves = open_shelves(settings_with(tmp_path, **s3_server.settings()))
    shelves.pictures.put("a.webp", b"x")
    shelves.papers.put("a.pdf", b"x")
    picture, paper = s3_server.head("media/a.webp"), s3_server.head("uploads/a.pdf")
    assert (picture["ContentType"], paper["ContentType"]) == ("image/webp", "application/pdf")
    assert "max-age=31536000" in picture["CacheControl"]
    assert paper["CacheControl"] == "private, no-store"


def test_more_files_than_one_answer_holds_are_all_listed(s3_server: S3Store, tmp_path: Path) -> None:
    s3_server.empty()
    shelf = open_shelves(settings_with(tmp_path, **s3_server.settings())).papers
    shelf.page = 2  # type: ignore[attr-defined]  # of an S3Shelf
    wanted = [f"{number}.pdf" for number in range(7)]
    for name in wanted:
        shelf.put(name, b"")
    assert names(shelf) == wanted


def test_a_shop_has_its_part_of_a_bucket_that_holds_other_things(s3_server: S3Store, tmp_path: Path) -> None:
    s3_server.empty()
    shelf = open_shelves(settings_with(tmp_path, **s3_server.settings(s3_prefix="some/shop/"))).papers
    shelf.put("a.pdf", b"mine")
    open_shelves(settings_with(tmp_path, **s3_server.settings())).papers.put("b.pdf", b"another's")
    assert s3_server.names() == ["some/shop/uploads/a.pdf", "uploads/b.pdf"]
    assert names(shelf) == ["a.pdf"]


@pytest.mark.parametrize(
    ("mood", "says"),
    [
        ("silent", "did not answer (ReadTimeoutError)"),
        ("busy", "503 SlowDown"),
        ("refuses", "403 AccessDenied"),
    ],
)
def test_a_store_in_trouble_is_told_for_everything_asked_of_it(tmp_path: Path, mood: str, says: str) -> None:
    with broken_store(mood) as store:
        steps: list[Callable[[Shelf], object]] = [
            lambda shelf: shelf.put("a.pdf", b"x"),
            lambda shelf: list(shelf.list()),
        ]
        for step in steps:
            with pytest.raises(StorageAway) as away:
                step(_shelf_at(store.url, tmp_path))
            assert says in away.value.cause
            assert SECRET not in str(away.value) + away.value.cause
        assert store.asked == len(steps)  # one try each: a person waits


@pytest.mark.parametrize("mood", ["half", "drips"])
def test_a_file_that_does_not_come_whole_is_not_handed_on(tmp_path: Path, mood: str) -> None:
    with broken_store(mood) as store, pytest.raises(StorageAway, match="send the file again"):
        _shelf_at(store.url, tmp_path).open("a.pdf")


def test_nobody_there_is_told_at_once_and_not_asked_again_for_a_while(tmp_path: Path) -> None:
    with broken_store("busy") as store:
        shelf = _shelf_at(store.url, tmp_path)
        for _ in range(5):
            with pytest.raises(StorageAway):
                shelf.open("a.pdf")
        assert store.asked == 1
    with pytest.raises(StorageAway, match="place for files"):
        _shelf_at(store.url, tmp_path).put("a.pdf", b"x")  # nobody listens there any more


def test_a_wrong_bucket_is_told_with_the_store_s_own_word(s3_server: S3Store, tmp_path: Path) -> None:
    wrong = settings_with(tmp_path, **s3_server.settings(s3_bucket="nobody-has-this"))
    with pytest.raises(StorageAway) as away:
        open_shelves(wrong).papers.put("a.pdf", b"x")
    assert "404 NoSuchBucket" in away.value.cause


def _shelf_at(url: str, folder: Path) -> Shelf:
    given = {"s3_bucket": "b", "s3_endpoint": url, "s3_access_key": "k", "s3_secret_key": SECRET}
    return open_shelves(settings_with(folder, **given, s3_timeout_seconds=1)).papers
