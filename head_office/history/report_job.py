"""A monthly report, asked for. Loads nothing of what draws it."""

import asyncio
import sys
from datetime import date

import msgspec

from head_office.history.report_words import ReportLanguage
from head_office.settings import Settings

LONGEST_S = 900.0  # of a fleet, on a busy machine


class Job(msgspec.Struct, frozen=True):
    """`regions`: what who asks may see; None is all."""

    settings: Settings
    month: date
    language: ReportLanguage
    region: str = ""
    regions: tuple[str, ...] | None = None


class ReportFailed(Exception):
    """The text says why."""


async def pdf_beside(job: Job) -> bytes:
    """In a process of its own. Raises ReportFailed."""
    pipe = asyncio.subprocess.PIPE
    words = (sys.executable, "-m", "head_office.history.report")
    maker = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(LONGEST_S):
            made, said = await maker.communicate(msgspec.json.encode(job))
    except TimeoutError as error:
        raise ReportFailed(f"it took more than {LONGEST_S:.0f} s") from error
    finally:
        if maker.returncode is None:
            maker.kill()
    if maker.returncode != 0:
        lines = said.decode(errors="replace").strip().splitlines()
        raise ReportFailed(lines[-1] if lines else "its process ended")
    return made
