"""The owner's picture: a bank's server that answers well, badly, too slowly, too much; programs of makers of readers that fail."""

import contextlib
import gzip
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest

from kiosk.identity import reference
from kiosk.identity.reference import WITHIN_S, NoReference
from tests.kiosk.identity.portraits import collins

ANNE = "f00d" * 16
TOKEN = "a-token-of-the-bank-s"
ENOUGH_S = WITHIN_S + 3  # what may be lost on a busy machine
Answer = Callable[["Bank"], None]


class Bank(BaseHTTPRequestHandler):
    """Answers as the test says; what was asked is in `asked`."""

    answer: ClassVar[Answer]
    asked: ClassVar[list[tuple[str, str | None]]]
    over: ClassVar[threading.Event]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization")))
        try:
            type(self).answer(self)
        except OSError:
            self.close_connection = True  # the kiosk has had enough

    def gives(self, content: bytes, **headers: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Records:
    def __init__(self) -> None:
        self.bank: type[Bank] = type("One", (Bank,), {"asked": [], "over": threading.Event()})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.bank)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/pictures"

    def answers(self, answer: Answer) -> None:
        self.bank.answer = answer

    def picture(self) -> reference.Image:
        return reference.of_record(self.url, TOKEN, ANNE)

    def refusal(self) -> str:
        """Its reason; no more than the promised time is waited for it, and nothing of the customer is in its text."""
        start = time.monotonic()
        with pytest.raises(NoReference) as refused:
            self.picture()
        assert time.monotonic() - start < ENOUGH_S
        assert ANNE not in str(refused.value)
        assert TOKEN not in str(refused.value)
        return refused.value.reason

    def close(self) -> None:
        self.bank.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def records() -> Iterator[Records]:
    bank = Records()
    yield bank
    bank.close()


def encoded(kind: str, image: np.ndarray) -> bytes:
    _, content = cv2.imencode(kind, image)
    return content.tobytes()


# --- as it should be ------------------------------------------------------------------------------


def test_the_one_customer_s_picture_is_asked_for_with_the_token(records: Records) -> None:
    content = encoded(".png", collins())
    records.answers(lambda bank: bank.gives(content))
    assert np.array_equal(records.picture(), collins())
    assert records.bank.asked == [(f"/pictures/{ANNE}", f"Bearer {TOKEN}")]


def test_without_a_token_none_is_sent(records: Records) -> None:
    content = encoded(".jpg", collins())
    records.answers(lambda bank: bank.gives(content))
    reference.of_record(records.url, "", ANNE)
    assert records.bank.asked == [(f"/pictures/{ANNE}", None)]


GREY = collins()[:, :, 1]
PICTURES = {
    "of 16 bits": encoded(".png", collins().astype(np.uint16) * 257),
    "grey": encoded(".jpg", GREY),
    "with a see-through ground": encoded(".png", cv2.cvtColor(collins(), cv2.COLOR_BGR2BGRA)),
    "of 20 megapixels": encoded(".jpg", cv2.resize(collins(), (4500, 4500))),
    "of one pixel": encoded(".png", collins()[:1, :1]),
}


@pytest.mark.parametrize("what", PICTURES)
def test_any_usual_picture_becomes_three_colours_of_8_bits(what: str, records: Records) -> None:
    records.answers(lambda bank: bank.gives(PICTURES[what]))
    image = records.picture()
    assert (image.ndim, image.shape[2], image.dtype) == (3, 3, np.uint8)


def test_one_of_16_bits_is_as_bright_as_it_was(records: Records) -> None:
    records.answers(lambda bank: bank.gives(PICTURES["of 16 bits"]))
    assert np.array_equal(records.picture(), collins())


def test_inks_become_light(records: Records, tmp_path: Path) -> None:
    """A JPEG for printing: cyan, magenta, yellow, black."""
    image = pytest.importorskip("PIL.Image")
    image.fromarray(collins()[:, :, ::-1]).convert("CMYK").save(tmp_path / "inks.jpg", quality=95)
    content = (tmp_path / "inks.jpg").read_bytes()
    records.answers(lambda bank: bank.gives(content))
    assert np.abs(records.picture().astype(int) - collins()).mean() < 30


# --- refusals -------------------------------------------------------------------------------------


def says(status: int) -> Answer:
    return lambda bank: bank.send_error(status)


def elsewhere(bank: Bank) -> None:
    bank.send_response(302)
    bank.send_header("Location", "/anybody.jpg")
    bank.end_headers()


def never(bank: Bank) -> None:
    bank.over.wait(60)


def drips(bank: Bank) -> None:
    """Always soon another byte."""
    bank.send_response(200)
    bank.end_headers()
    while not bank.over.wait(0.5):
        bank.wfile.write(b"\xff")
        bank.wfile.flush()


def drips_headers(bank: Bank) -> None:
    bank.wfile.write(b"HTTP/1.0 200 OK\r\n")
    for number in range(120):
        if bank.over.wait(0.5):
            return
        bank.wfile.write(f"X-{number}: 1\r\n".encode())
        bank.wfile.flush()


def endless(bank: Bank) -> None:
    bank.send_response(200)
    bank.end_headers()
    while True:
        bank.wfile.write(bytes(1 << 16))


def breaks_off(bank: Bank) -> None:
    bank.send_response(200)
    bank.send_header("Content-Length", "100000")
    bank.end_headers()
    bank.wfile.write(encoded(".png", collins())[:50_000])
    bank.close_connection = True


def blown_up(bank: Bank) -> None:
    """Small on the wire, 1 GB when it is unpacked."""
    bank.gives(gzip.compress(bytes(1 << 20), 9) * 1024, Content_Encoding="gzip")


REFUSED = {
    "404": (says(404), "no_record"),
    "401": (says(401), "record_unreachable"),
    "500": (says(500), "record_unreachable"),
    "sent elsewhere": (elsewhere, "record_unreachable"),
    "silence": (never, "record_unreachable"),
    "a byte now and then": (drips, "record_unreachable"),
    "a header now and then": (drips_headers, "record_unreachable"),
    "without end": (endless, "record_unusable"),
    "30 MB": (lambda bank: bank.gives(bytes(30 << 20)), "record_unusable"),
    "1 GB in 1 MB": (blown_up, "record_unusable"),
    "half of it": (breaks_off, "record_unreachable"),
    "nothing": (lambda bank: bank.gives(b""), "record_unusable"),
    "a page": (lambda bank: bank.gives(b"<html><h1>Welcome</h1></html>"), "record_unusable"),
    "the head of a JPEG": (
        lambda bank: bank.gives(encoded(".jpg", collins())[:100]),
        "record_unusable",
    ),
    "half a PNG": (
        lambda bank: bank.gives(encoded(".png", collins())[:20]),
        "record_unusable",
    ),
    "no HTTP": (lambda bank: bank.wfile.write(b"SSH-2.0-OpenSSH\r\n"), "record_unreachable"),
}


@pytest.mark.parametrize("how", REFUSED)
def test_there_is_nothing_to_compare_with(how: str, records: Records) -> None:
    answer, reason = REFUSED[how]
    records.answers(answer)
    assert records.refusal() == reason


def test_sent_elsewhere_nobody_goes_there(records: Records) -> None:
    records.answers(elsewhere)
    records.refusal()
    assert len(records.bank.asked) == 1


def test_nobody_answers_there(records: Records) -> None:
    records.close()
    assert records.refusal() == "record_unreachable"


@pytest.mark.parametrize("address", ["http://[", "http://", "", "http://bank.example:99999/x"])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(NoReference) as refused:
        reference.of_record(address, TOKEN, ANNE)
    assert refused.value.reason == "record_unreachable"


def test_a_picture_cut_off_is_not_taken_for_a_face_or_is_refused(records: Records) -> None:
    """A JPEG that lacks its lower half: what is there may be looked at; it never raises anything else."""
    content = encoded(".jpg", collins())
    records.answers(lambda bank: bank.gives(content[: len(content) // 2]))
    with contextlib.suppress(NoReference):
        assert records.picture().shape == collins().shape


def test_nothing_of_the_customer_is_in_a_log(
    records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kiosk")  # as the program's own log: httpx would say the address
    records.answers(says(500))
    records.refusal()
    assert ANNE not in caplog.text


# --- the chip -------------------------------------------------------------------------------------


def of_chip(story: str, photo: bytes = b"coded") -> reference.Image:
    return reference.of_chip([sys.executable, "-c", f"import os, sys, time\n{story}"], photo)


CHIPS = {
    "fails": "sys.exit(3)",
    "fails after a picture": "sys.stdout.buffer.write(sys.stdin.buffer.read()); sys.stdout.flush(); sys.exit(1)",
    "killed": "os.kill(os.getpid(), 9)",
    "hangs": "time.sleep(60)",
    "hangs with a child": "import subprocess; subprocess.run(['sleep', '60'])",
    "hears nothing": "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
    "prints nothing": "pass",
    "prints garbage": "print('no picture')",
    "without end": "while True: sys.stdout.buffer.write(bytes(1 << 16))",
    "complains without end": "while True: sys.stderr.buffer.write(bytes(1 << 16))",
}


@pytest.mark.parametrize("how", CHIPS)
def test_a_maker_s_program_that_gives_no_picture(how: str) -> None:
    start = time.monotonic()
    with pytest.raises(NoReference) as refused:
        of_chip(CHIPS[how], encoded(".png", collins()) if "after" in how else b"coded")
    assert refused.value.reason == "chip_unusable"
    assert time.monotonic() - start < ENOUGH_S


@pytest.mark.parametrize("program", [["/nowhere/photo-to-png"], ["/etc/passwd"], ["/"]])
def test_a_maker_s_program_that_is_none(program: list[str]) -> None:
    with pytest.raises(NoReference, match=program[0]) as refused:
        reference.of_chip(program, b"coded")
    assert refused.value.reason == "chip_unusable"


def test_it_gets_the_photo_and_gives_the_picture() -> None:
    coded = encoded(".png", collins())
    copies = "sys.stdout.buffer.write(sys.stdin.buffer.read())"
    assert np.array_equal(of_chip(copies, coded), collins())


def test_it_need_not_read_all_of_the_photo() -> None:
    with pytest.raises(NoReference) as refused:
        of_chip("sys.exit(0)", bytes(4 << 20))
    assert refused.value.reason == "chip_unusable"
