"""What the programs of makers of readers make of an ID card's chip: a picture of its photo, a template of its fingerprints.

In memory only, from standard input to standard output; loads no OpenCV.
"""

import subprocess
from collections.abc import Sequence

WITHIN_S = 4.0
TEMPLATE_BYTES = 512  # of an R30x module's character file


class NoReference(Exception):
    """There is nothing to compare with; `reason` is for the journal, the text for staff."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def made(program: Sequence[str], coded: bytes, largest: int) -> bytes:
    """`timeout` ends it with all it has begun, also where nobody waits for it any more. Raises NoReference."""
    words = ("timeout", "--signal=KILL", str(WITHIN_S), *program)
    content, pipe = b"", subprocess.PIPE
    try:
        with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as running:
            if running.stdin is not None and running.stdout is not None:
                running.stdin.write(coded)
                running.stdin.close()
                content = running.stdout.read(largest + 1)
    except OSError as error:
        raise NoReference("chip_unusable", f"{program[0]}: {type(error).__name__}") from error
    if running.returncode or len(content) > largest:
        raise NoReference("chip_unusable", f"{program[0]}: status {running.returncode}")
    return content


def template(program: Sequence[str], prints: bytes) -> bytes:
    """Of a fingerprint module. Raises NoReference; also for a content that is no template, as far as that can be seen."""
    content = made(program, prints, TEMPLATE_BYTES)
    if len(content) != TEMPLATE_BYTES:
        text = f"{program[0]} gave {len(content)} bytes; a template has {TEMPLATE_BYTES}"
        raise NoReference("template_unusable", text)
    if len(set(content)) == 1:
        raise NoReference("template_unusable", f"{program[0]} gave an empty template")
    return content
