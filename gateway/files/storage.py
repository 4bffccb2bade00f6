"""Where files lie: under a folder of this machine by default, in an S3-compatible store by setting.

`GONGZHI_FILES` is a folder or `s3://bucket/prefix`; then `GONGZHI_S3_ENDPOINT` says which store, and
the keys come as boto3 reads them (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_DEFAULT_REGION`).
"""

import os
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from services.chassis.config import Config, ConfigError
from services.contracts.base import NotFound, Unavailable


class FileMissing(NotFound): ...


class Files(Protocol):
    """Keys are made here and never typed: letters, digits, `-`, `.` and `/`."""

    def put(self, key: str, content: bytes) -> None:
        """Whole or not at all; the same key again replaces it."""

    def get(self, key: str) -> bytes:
        """Raises `FileMissing`; `Unavailable` when the store does not answer."""

    def delete(self, key: str) -> None:
        """Also when it is gone already."""


def files_of(config: Config) -> Files:
    """Raises `ConfigError`."""
    place = urlsplit(config.files)
    if place.scheme == "s3":
        if not place.netloc:
            raise ConfigError("GONGZHI_FILES 应为文件夹，或 s3://存储桶/前缀。")
        endpoint = config.variables.get("GONGZHI_S3_ENDPOINT")
        return Bucket(place.netloc, prefix=place.path.strip("/"), endpoint=endpoint)
    return Folder(Path(config.files))


class Folder:
    """One file each, in 256 folders so that none grows too full."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, content: bytes) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as half:
            try:
                half.write(content)
                half.flush()
                os.fsync(half.fileno())
                os.replace(half.name, path)
            except BaseException:
                Path(half.name).unlink(missing_ok=True)
                raise
        self._settle(path.parent)

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise FileMissing("文件已不在。") from None

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._root / key[-2:].lower() / key.replace("/", "_")

    @staticmethod
    def _settle(folder: Path) -> None:
        """The new name is on the disk, too, before anybody is told that the file is kept."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Bucket:
    """Objects of one bucket."""

    def __init__(self, bucket: str, *, prefix: str = "", endpoint: str | None = None) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._endpoint = endpoint

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config as ClientConfig

        bounds = ClientConfig(connect_timeout=3, read_timeout=10, retries={"max_attempts": 2})
        return boto3.client("s3", endpoint_url=self._endpoint, config=bounds)

    def put(self, key: str, content: bytes) -> None:
        self._ask("put_object", Key=self._prefix + key, Body=content)

    def get(self, key: str) -> bytes:
        found = self._ask("get_object", Key=self._prefix + key)
        content: bytes = found["Body"].read()
        return content

    def delete(self, key: str) -> None:
        self._ask("delete_object", Key=self._prefix + key)

    def _ask(self, what: str, **wanted: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, what)(Bucket=self._bucket, **wanted)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise FileMissing("文件已不在。") from None
            raise Unavailable("文件存储暂时不可用，请稍后再试。") from error
        except BotoCoreError as error:
            raise Unavailable("文件存储暂时不可用，请稍后再试。") from error
