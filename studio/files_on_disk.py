"""The files of an open document, and whether somebody else has written them meanwhile."""

from __future__ import annotations

from pathlib import Path


class FilesOnDisk:
    """The files as they are when this is made; one that is None or missing has nothing in it."""

    def __init__(self, *paths: Path | None) -> None:
        self._paths = paths
        self._contents = self._read()
        self._stamps = self._look()

    def changed(self) -> bool:
        """Whether they hold something else now."""
        return self._read() != self._contents

    def touched(self) -> bool:
        """Whether their times or sizes are others than at the last look, which costs less than reading them."""
        before, self._stamps = self._stamps, self._look()
        return before != self._stamps

    def text(self) -> str:
        """What they hold now, one behind the other."""
        return "\n".join((content or b"").decode("utf-8", "replace") for content in self._read())

    def _read(self) -> tuple[bytes | None, ...]:
        return tuple(_content(path) for path in self._paths)

    def _look(self) -> tuple[tuple[int, int] | None, ...]:
        return tuple(_stamp(path) for path in self._paths)


def _content(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path else None
    except OSError:
        return None


def _stamp(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size) if found else None
