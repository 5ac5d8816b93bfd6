"""The steering side of faulty_disk.c: compiles it, and changes the shared page while the agent runs."""

import ctypes
import mmap
import os
import subprocess
from enum import IntEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("faulty_disk.c")
SECTOR = 512  # bytes; what a disk writes whole or not at all


class NoCompiler(Exception):
    """The shim cannot be compiled here."""


class Mode(IntEnum):
    """What the disk does; the numbers stand in faulty_disk.c."""

    HEALTHY = 0
    FULL = 1
    IO_ERROR = 2
    READ_ONLY = 3
    SLOW_SYNC = 4
    SYNC_ERROR = 5
    TORN_WRITE = 6
    CRASH_BEFORE_SYNC = 7
    CRASH_AFTER_SYNC = 8
    UNEVEN_SYNC = 9


REFUSING = (Mode.FULL, Mode.IO_ERROR, Mode.READ_ONLY, Mode.SYNC_ERROR)
CRASHING = (Mode.TORN_WRITE, Mode.CRASH_BEFORE_SYNC, Mode.CRASH_AFTER_SYNC)


class Page(ctypes.Structure):
    """`struct faults` of faulty_disk.c."""

    mode: int
    slow_ms: int
    passes: int
    torn_at: int
    clock_s: int
    writes: int
    syncs: int
    hits: int
    crashes: int
    _fields_ = [
        ("mode", ctypes.c_int32),
        ("slow_ms", ctypes.c_int32),
        ("passes", ctypes.c_int32),
        ("torn_at", ctypes.c_int32),
        ("clock_s", ctypes.c_int64),
        ("writes", ctypes.c_uint64),
        ("syncs", ctypes.c_uint64),
        ("hits", ctypes.c_uint64),
        ("crashes", ctypes.c_uint64),
    ]


def compile_shim(folder: Path) -> Path:
    """The shim as a shared library in this folder. Raises NoCompiler."""
    shim = folder / "faulty_disk.so"
    words = ["cc", "-shared", "-fPIC", "-O2", "-o", str(shim), str(SOURCE), "-lm"]
    try:
        subprocess.run(words, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise NoCompiler("no C compiler; apt-get install gcc libc6-dev") from error
    except subprocess.CalledProcessError as error:
        raise NoCompiler(f"{SOURCE.name} does not compile: {error.stderr}") from error
    return shim


class Faults:
    """One disk and one clock, steered from here; `page` may be read and written at any time. The disk is that of the
    files with `name` in their path; `shim` may be shared."""

    def __init__(
        self, folder: Path, name: str = "journal.sqlite", shim: Path | None = None
    ) -> None:
        self.shim = shim or compile_shim(folder)
        self._name = name
        self.undo = folder / "undo"
        self.undo.mkdir()
        self._file = folder / "faults"
        self._file.write_bytes(bytes(mmap.PAGESIZE))
        with self._file.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.page = Page.from_buffer(self._map)

    def environment(self) -> dict[str, str]:
        """For the program that shall suffer."""
        return {
            **os.environ,
            "LD_PRELOAD": str(self.shim),
            "LOBBY_FAULTS": str(self._file),
            "LOBBY_UNDO": str(self.undo),
            "LOBBY_FILE": self._name,
            "LOBBY_PARENT": str(os.getpid()),
        }

    def begin(self, mode: Mode, *, passes: int = 0, slow_ms: int = 0, torn_at: int = 0) -> None:
        """From now on; the first `passes` operations which it would hit still go well."""
        self.page.passes = passes
        self.page.slow_ms = slow_ms
        self.page.torn_at = torn_at
        self.page.mode = mode

    def heal(self) -> None:
        self.page.mode = Mode.HEALTHY

    def set_clock(self, seconds: int) -> None:
        """How far the wall clock is ahead of the true one."""
        self.page.clock_s = seconds
