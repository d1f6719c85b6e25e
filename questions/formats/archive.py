"""A zip that somebody sent, opened with suspicion: nothing is unpacked to a name of its own choosing."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from questions.errors import BadFile, Problem
from questions.formats.incoming import LARGEST, LARGEST_INSIDE

_ENTRIES = 50_000
_DIRECTORY = 8 * 1024 * 1024  # bytes of the list of entries, looked at before it is read
_RATIO = 250  # a larger entry that unpacks to more times its size is a bomb
_SMALL = 8 * 1024 * 1024
_CHUNK = 256 * 1024
_CLIMBS = re.compile(r"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:|\x00")
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    struct.error,
    ValueError,
)


class Archive:
    """The entries of a zip by name, each read in pieces and only as far as it said it would go."""

    def __init__(self, data: bytes, name: str) -> None:
        """Raises BadFile for what is no zip, is damaged, climbs out of its folder, or unpacks to too much."""
        self.name = name
        if len(data) > LARGEST:
            raise self.bad(f"is larger than {LARGEST // 2**20} MiB")
        if _directory_size(data) > _DIRECTORY:
            raise self.bad("holds too many entries")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except BROKEN as error:
            raise self.bad(f"is not a whole zip archive: {error}") from None
        infos = self._zip.infolist()
        if len(infos) > _ENTRIES:
            raise self.bad(f"holds more than {_ENTRIES} entries")
        if sum(info.file_size for info in infos) > LARGEST_INSIDE:
            raise self.bad(f"unpacks to more than {LARGEST_INSIDE // 2**20} MiB")
        for info in infos:
            if _CLIMBS.search(info.filename):
                raise self.bad(f"entry {info.filename[:60]!r} points outside the archive")
            if info.file_size > _SMALL and info.file_size > _RATIO * max(info.compress_size, 1):
                raise self.bad(f"entry {info.filename[:60]!r} unpacks to more than {_RATIO} times its size")
            if info.flag_bits & 1:
                raise self.bad("is locked with a password")
        self._entries = {info.filename.replace("\\", "/"): info for info in infos}

    def __contains__(self, entry: str) -> bool:
        return entry in self._entries

    @property
    def entries(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def size(self, entry: str) -> int:
        return self._entries[entry].file_size

    @contextmanager
    def stream(self, entry: str) -> Iterator[IO[bytes]]:
        """The entry as a file to read from. Raises BadFile when it is damaged."""
        try:
            with self._zip.open(self._entries[entry]) as stream:
                yield stream
        except BROKEN as error:
            raise self.bad(f"entry {entry[:60]!r} is damaged: {error}") from None

    def pieces(self, entry: str) -> Iterator[bytes]:
        """The entry, unpacked piece by piece. Raises BadFile when it is damaged."""
        with self.stream(entry) as stream:
            while piece := stream.read(_CHUNK):
                yield piece

    def read(self, entry: str) -> bytes:
        return b"".join(self.pieces(entry))

    def bad(self, what: str) -> BadFile:
        return BadFile([Problem(self.name, "", what)])


def _directory_size(data: bytes) -> int:
    """How long the archive says its list of entries is; Python reads all of it before one can count."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or len(data) - end < 22:
        return 0
    size = int(struct.unpack_from("<I", data, end + 12)[0])
    if end >= 76 and data[end - 20 : end - 16] == b"PK\x06\x07" and data[end - 76 : end - 72] == b"PK\x06\x06":
        return int(struct.unpack_from("<Q", data, end - 76 + 40)[0])
    return size
