"""An S3-compatible store: the shelf of a shop on several machines. The one module that speaks to boto3; loaded by name,
where S3_BUCKET is set, so that nobody else pays for it.

Source of names and codes: Amazon S3 API Reference (PutObject, GetObject, HeadObject, ListObjectsV2, Error responses).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from typing import IO, Any, TypeVar

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError
from urllib3.exceptions import HTTPError

from app.settings import Settings
from app.storage.contract import FileGone, OpenedFile, StorageAway, StoredFile, is_plain_name

T = TypeVar("T")
log = structlog.get_logger("tradepost.storage")

_CONNECT_SECONDS = 3
# A store that did not answer is left alone for so long by this process: waiting threads serve nobody.
_REST_SECONDS = 15
# The whole of one file, however slowly it comes: so many times the time one answer may take.
_WHOLE_FILE = 4
_CHUNK = 128 * 1024
_IN_MEMORY = 1024 * 1024
_GONE = frozenset({"404", "NoSuchKey", "NotFound"})
_KINDS = {".webp": "image/webp", ".pdf": "application/pdf"}
_A_YEAR = "public, max-age=31536000, immutable"


class _Rest:
    """Until when (time.monotonic) the store is not asked. One for all shelves of a store in a process."""

    def __init__(self) -> None:
        self.until = 0.0

    def refuse_while_it_lasts(self) -> None:
        if time.monotonic() < self.until:
            raise StorageAway("it did not answer a moment ago and is left alone for some seconds")

    def begin(self) -> None:
        self.until = time.monotonic() + _REST_SECONDS


class S3Shelf:
    """Files of a bucket under a prefix, which ends with a slash. Without a public address nothing is public."""

    def __init__(self, client: Any, bucket: str, prefix: str, *, is_private: bool, rest: _Rest, seconds: int):
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._cache_control = "private, no-store" if is_private else _A_YEAR
        self._rest = rest
        self._seconds = seconds
        # As many as S3 tells of in one answer, at most.
        self.page = 1000

    def put(self, name: str, content: bytes | IO[bytes]) -> None:
        """One request: the store shows the file when it has all of it, and not before."""
        if not is_plain_name(name):
            raise ValueError("a file may not be called so")
        kind = _KINDS.get(name[name.rfind(".") :], "application/octet-stream")
        self._ask(
            lambda: self._client.put_object(
                **self._key(name), Body=content, ContentType=kind, CacheControl=self._cache_control
            )
        )

    def open(self, name: str) -> OpenedFile:
        """Fetched whole before it is handed on: a store that stops half-way gives a page that says so, not half a paper."""
        if not is_plain_name(name):
            raise FileGone()
        return self._ask(lambda: self._fetch(name))

    def find(self, name: str) -> StoredFile | None:
        if not is_plain_name(name):
            return None
        try:
            about = self._ask(lambda: self._client.head_object(**self._key(name)))
        except FileGone:
            return None
        return StoredFile(name, about["ContentLength"], about["LastModified"])

    def remove(self, name: str) -> None:
        if is_plain_name(name):
            self._ask(lambda: self._client.delete_object(**self._key(name)))

    def list(self) -> Iterator[StoredFile]:
        more: dict[str, str] = {}
        while True:
            answer = self._list_some(more)
            for each in answer.get("Contents", ()):
                name = each["Key"].removeprefix(self._prefix)
                if is_plain_name(name):
                    yield StoredFile(name, each["Size"], each["LastModified"])
            if not answer.get("IsTruncated"):
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def _list_some(self, more: dict[str, str]) -> Any:
        return self._ask(
            lambda: self._client.list_objects_v2(
                Bucket=self._bucket, Prefix=self._prefix, MaxKeys=self.page, **more
            )
        )

    def _key(self, name: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + name}

    def _fetch(self, name: str) -> OpenedFile:
        until = time.monotonic() + _WHOLE_FILE * self._seconds
        answer = self._client.get_object(**self._key(name))
        size: int = answer["ContentLength"]
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # whoever asked closes it
        try:
            with answer["Body"] as body:
                # read1: what has come, and no waiting for more, so that a drip is seen for what it is.
                while chunk := body.read1(_CHUNK):
                    file.write(chunk)
                    if time.monotonic() > until:
                        raise TimeoutError
            if file.tell() != size:
                raise IncompleteReadError(actual_bytes=file.tell(), expected_bytes=size)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return OpenedFile(file, size)

    def _ask(self, step: Callable[[], T]) -> T:
        """Ask the store; what its library raises becomes FileGone or StorageAway."""
        self._rest.refuse_while_it_lasts()
        try:
            return step()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if code in _GONE:
                raise FileGone() from None
            if status >= 500:
                self._rest.begin()
            raise self._away(f"the store answered {status} {code}") from None
        except (HTTPClientError, BotoCoreError, HTTPError, OSError) as error:
            # Its text may hold the signed address; its kind says enough.
            self._rest.begin()
            raise self._away(f"the store did not answer ({type(error).__name__})") from None

    def _away(self, cause: str) -> StorageAway:
        log.error("storage_away", cause=cause)
        return StorageAway(cause)


def connect(settings: Settings) -> tuple[S3Shelf, S3Shelf]:
    """Private papers and public pictures, in one bucket; nothing is asked yet.

    One try each and short time-outs: a person waits. Checksums only where the store needs them, for not every look-alike
    of Amazon's knows the newer ones.
    """
    config = Config(
        connect_timeout=min(_CONNECT_SECONDS, settings.s3_timeout_seconds),
        read_timeout=settings.s3_timeout_seconds,
        retries={"total_max_attempts": 1},
        max_pool_connections=16,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        # Stores of one's own have no name for each bucket.
        s3={"addressing_style": "path" if settings.s3_endpoint else "auto"},
    )
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=settings.s3_endpoint or None,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key,
        aws_secret_access_key=settings.s3_secret_key,
        config=config,
    )
    rest, prefix, seconds = _Rest(), settings.s3_prefix, settings.s3_timeout_seconds
    private = S3Shelf(
        client, settings.s3_bucket, f"{prefix}uploads/", is_private=True, rest=rest, seconds=seconds
    )
    public = S3Shelf(
        client, settings.s3_bucket, f"{prefix}media/", is_private=False, rest=rest, seconds=seconds
    )
    return private, public
