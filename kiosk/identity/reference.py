"""The picture of the owner who is claimed: from the chip of the ID card, or from the bank's record. For this visit only."""

import subprocess
from collections.abc import Sequence
from http import HTTPStatus

import httpx
import numpy as np

from kiosk.identity.engine import Image
from kiosk.identity.pictures import NoPicture, decoded

WITHIN_S = 4.0
LARGEST = 25 * 1024 * 1024  # bytes of a picture


class NoReference(Exception):
    """There is nothing to compare with; `reason` is for the journal, the text for staff."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def of_record(records: str, token: str, customer: str) -> Image:
    """`GET RECORDS/CUSTOMER` of the bank. Raises NoReference."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = bytearray()
    try:
        with httpx.stream(
            "GET", f"{records}/{customer}", headers=headers, timeout=WITHIN_S, trust_env=False
        ) as answer:
            if answer.status_code == HTTPStatus.NOT_FOUND:
                raise NoReference("no_record", "the bank has no picture of this card's owner")
            answer.raise_for_status()
            for part in answer.iter_bytes():
                content += part
                if len(content) > LARGEST:
                    raise NoReference("record_unusable", f"a picture of over {LARGEST} bytes")
    except httpx.HTTPError as error:
        raise NoReference("record_unreachable", f"{type(error).__name__} at {records}") from error
    return _image(bytes(content), "record_unusable")


def of_chip(program: Sequence[str], photo: bytes) -> Image:
    """What the maker's own program makes of it. Raises NoReference."""
    try:
        done = subprocess.run(
            program, input=photo, capture_output=True, timeout=WITHIN_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoReference("chip_unusable", f"{program[0]}: {type(error).__name__}") from error
    return _image(done.stdout, "chip_unusable")


def _image(content: bytes, reason: str) -> Image:
    try:
        return decoded(np.frombuffer(content, np.uint8))
    except NoPicture as error:
        raise NoReference(reason, str(error)) from error
