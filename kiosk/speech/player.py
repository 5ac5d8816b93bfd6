"""Processes that make a voice and play it. Sound goes through memory only: what a customer hears is in no file."""

import os
import select
import signal
import subprocess
import sys
import wave
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ENGINE = "espeak-ng"
# the first that can really play; each is given the file's name
PLAYERS = (("aplay", "-q"), ("paplay",), ("pw-play",))
WORDS_A_MINUTE = 150  # a little slower than it is used to: 175
LONGEST_S = 60.0
RATE = 22050

Process = subprocess.Popen[bytes]


@contextmanager
def memory(data: bytes = b"") -> Iterator[int]:
    """A file that has no name."""
    number = os.memfd_create("speech")
    try:
        os.write(number, data)
        os.lseek(number, 0, os.SEEK_SET)
        yield number
    finally:
        os.close(number)


def path_of(number: int) -> str:
    return f"/dev/fd/{number}"


def start(command: tuple[str, ...], *, reads: int, handed: int) -> Process:
    """In a group of its own, so that all of it can be ended at once. Raises OSError."""
    return subprocess.Popen(
        command,
        stdin=reads,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(handed,),
        start_new_session=True,
    )


def end(process: Process) -> None:
    """At once, with all that it has started. It must not have been waited for."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait(process: Process, over: Callable[[], None], limit_s: float = LONGEST_S) -> bool:
    """Whether it ended well. `over` is called before its number is given back to the system, so that nobody ends
    another process by that number."""
    number = os.pidfd_open(process.pid)
    watch = select.poll()
    watch.register(number, select.POLLIN)
    try:
        if not watch.poll(limit_s * 1000):
            end(process)
            watch.poll()
    finally:
        os.close(number)
        over()
    return process.wait() == 0


def synthesis(voice: str, volume: int, into: int) -> tuple[str, ...]:
    """Says what stands on its standard input; `volume` in per cent."""
    return (
        ENGINE, "-v", voice, "-s", str(WORDS_A_MINUTE), "-a", str(volume), "--stdin", "-w", path_of(into),
    )  # fmt: skip


def silence(seconds: float, into: int) -> None:
    with open(path_of(into), "wb") as file, wave.open(file) as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(bytes(2 * round(RATE * seconds)))


def recording(path: Path, volume: int, into: int) -> None:
    """As loud as wanted. Raises OSError, wave.Error, EOFError or ValueError when it is no recording of 16 bits."""
    with wave.open(str(path), "rb") as file:
        settings, frames = file.getparams(), file.readframes(file.getnframes())
    if settings.sampwidth != 2:
        raise ValueError(f"{path.name} has {8 * settings.sampwidth} bits; expected 16")
    louder = _louder(frames, volume)
    with open(path_of(into), "wb") as file_, wave.open(file_) as sound:
        sound.setparams(settings)
        sound.writeframes(louder)


def _louder(frames: bytes, volume: int) -> bytes:
    """16 bits a sample, little end first, as WAV has them. Raises ValueError for half a sample."""
    samples = array("h", frames)
    if sys.byteorder == "big":
        samples.byteswap()
    samples = array("h", (sample * volume // 100 for sample in samples))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()
