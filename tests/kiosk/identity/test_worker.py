"""The worker with a stand-in for the engine, then a whole check with the real one."""

import gc
import queue
import threading
import time
import weakref
from random import Random

import numpy as np
import pytest

from kiosk.identity.check import Check
from kiosk.identity.engine import Engine, Face, Template
from kiosk.identity.evaluate_liveness import held
from kiosk.identity.liveness import Judgement
from kiosk.identity.models import SFACE, ModelMissing
from kiosk.identity.opencv_engine import OpencvEngine
from kiosk.identity.reference import NoReference
from kiosk.identity.session import Phase
from kiosk.identity.session_events import (
    Agreed,
    CameraTrouble,
    EyeOpened,
    Matched,
    Seen,
    Tick,
    TriedAgain,
    Unusable,
    WentAnotherWay,
)
from kiosk.identity.staged import Held, head
from kiosk.identity.worker import WAITING, Eyes, Worker
from tests.kiosk.identity.portraits import at_kiosk, collins, hopper
from tests.kiosk.identity.test_liveness import photos, turning

LONG_S = 30.0
POINTS = np.float32([[270, 200], [330, 200], [300, 235], [278, 270], [322, 270]])
FACE = Face(250, 150, 100, 140, POINTS, confidence=0.9)


class SlowEngine:
    """Finds one face in everything, when it is let."""

    name = "opencv"
    models = (SFACE,)
    calibration = OpencvEngine.calibration

    def __init__(self) -> None:
        self.looked: list[int] = []
        self.may_look = threading.Event()
        self.may_look.set()

    def find(self, image):
        self.may_look.wait(LONG_S)
        self.looked.append(int(image[0, 0, 0]))
        return [FACE]

    def template(self, _image, _face) -> Template:
        return Template(SFACE, np.ones(4, np.float32))

    def likeness(self, _a, _b) -> float:
        return 1.0


def frame(number: int):
    image = np.random.default_rng(number).integers(60, 200, (480, 640, 3), np.uint8)
    image[0, 0] = number
    return image


def until(true, what: str) -> None:
    deadline = time.monotonic() + LONG_S
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.002)


@pytest.fixture
def inbox():
    return queue.Queue()


def test_only_the_newest_frames_are_looked_at_in_order_and_nobody_waits(inbox) -> None:
    engine = SlowEngine()
    worker = Worker(lambda: engine, lambda: frame(0), inbox.put, Random(1))
    worker.look(frame(1), 0.0)
    inbox.get(timeout=LONG_S)
    engine.may_look.clear()
    start = time.process_time()
    for number in range(2, 40):
        worker.look(frame(number), number / 10)
    worker.ask(99.0)
    worker.match()
    assert time.process_time() - start < 1
    engine.may_look.set()
    assert isinstance(inbox.get(timeout=LONG_S), Seen | Matched)
    until(lambda: 39 in engine.looked, "the newest frame")
    frames = [one for one in engine.looked if one < 40]  # not those that were turned over
    assert frames == sorted(frames)
    assert len(frames) <= 3 + WAITING  # the reference, the first, the one that was looked at
    worker.end()


def test_who_is_asked_twice_keeps_what_was_seen_of_them() -> None:
    """Nothing in this picture moves."""
    engine = SlowEngine()
    eyes = Eyes(engine, engine.template(None, None), Random(1))
    for n in range(8):
        eyes.see(frame(n), n / 10)
    eyes.ask(99.0)
    for n in range(8, 20):
        told = eyes.see(frame(n), n / 10)
    assert told.judgement == Judgement("attack", ("still",))
    eyes.ask(99.0)
    again = eyes.see(frame(20), 2.0)
    assert (again.judgement, again.wanted) == (told.judgement, told.wanted)


def test_after_the_end_nothing_is_told_and_nothing_is_left(inbox) -> None:
    engine = SlowEngine()
    reference = frame(0)
    worker = Worker(lambda: engine, [reference].pop, inbox.put, Random(1))
    seen = [frame(number) for number in range(1, 6)]
    left = [weakref.ref(one) for one in (reference, *seen)]
    for number, one in enumerate(seen[:4]):
        worker.look(one, number / 10)
        inbox.get(timeout=LONG_S)
    engine.may_look.clear()
    worker.look(seen[4], 0.5)
    worker.end()
    engine.may_look.set()
    until(lambda: not worker.alive, "the end of the thread")
    assert inbox.empty()
    del reference, seen, one
    gc.collect()
    assert [ref() for ref in left] == [None] * 6


def test_an_engine_that_cannot_be_opened_is_told_and_staff_read_why(inbox, caplog) -> None:
    def missing():
        raise ModelMissing("the model SFace cannot be read: run make setup")

    worker = Worker(missing, lambda: frame(0), inbox.put, Random(1))
    told = inbox.get(timeout=LONG_S)
    assert told == Unusable("unavailable", ("model_unusable",))
    assert "run make setup" in caplog.text
    until(lambda: not worker.alive, "the end of the thread")


def test_an_engine_that_breaks_is_told_by_its_kind_alone(inbox, caplog) -> None:
    class Broken(SlowEngine):
        def find(self, image):
            raise ValueError(f"something about {image}")

    Worker(Broken, lambda: frame(0), inbox.put, Random(1))
    assert inbox.get(timeout=LONG_S) == Unusable("unavailable", ("engine_failed",))
    assert "something about" not in caplog.text


def test_a_reference_that_cannot_be_had_is_told(inbox) -> None:
    def none():
        raise NoReference("no_record", "the bank has no picture of this card's owner")

    Worker(SlowEngine, none, inbox.put, Random(1))
    assert inbox.get(timeout=LONG_S) == Unusable("unavailable", ("no_record",))


def test_a_reference_without_a_face_is_told(inbox, opencv: Engine) -> None:
    nobody = np.full((126, 102, 3), 90, np.uint8)
    Worker(lambda: opencv, lambda: nobody, inbox.put, Random(1))
    assert inbox.get(timeout=LONG_S) == Unusable("no_face", ("reference_no_face",))


@pytest.mark.parametrize(
    ("place", "advice"),
    [(Held(), ""), (Held(x=4.0), "move_to_middle"), (Held(distance=3.9), "step_back")],
)
def test_the_customer_is_asked_to_where_something_is_seen_beside_them(
    inbox, opencv: Engine, place, advice
) -> None:
    (_, image), *_ = held(photos(opencv)[1], [place], Random(1))
    worker = Worker(lambda: opencv, hopper, inbox.put, Random(1))
    worker.look(image, 0.0)
    assert inbox.get(timeout=LONG_S).advice == advice
    worker.end()
    until(lambda: not worker.alive, "the end of the thread")


@pytest.mark.parametrize("portrait", [hopper, collins])
def test_a_camera_that_hangs_upside_down_is_noticed_and_one_that_does_not_is_not(
    inbox, opencv: Engine, portrait
) -> None:
    upright = at_kiosk(portrait())
    for image, expected in (
        (upright, Seen),
        (np.ascontiguousarray(upright[::-1, ::-1]), Unusable),
    ):
        worker = Worker(lambda: opencv, hopper, inbox.put, Random(1))
        for n in range(3):
            worker.look(image, n / 10)
            told = inbox.get(timeout=LONG_S)
        assert isinstance(told, expected)
        worker.end()
        until(lambda worker=worker: not worker.alive, "the end of the thread")


# --- a whole check ------------------------------------------------------------------------------


class Kiosk:
    """What is around a check: a camera that is a list of frames, limits that are a count."""

    def __init__(self, engine, reference, tries: int = 3) -> None:
        self.inbox: queue.Queue = queue.Queue()
        self.engine, self.reference = engine, reference
        self.tries = tries
        self.workers: list[Worker] = []
        self.eye = 0
        self.head = 0.0
        self.ended: list[str] = []

    def open_eye(self) -> None:
        self.eye += 1

    def close_eye(self) -> None:
        self.eye -= 1

    def worker(self) -> Worker:
        made = Worker(lambda: self.engine, lambda: self.reference, self.inbox.put, Random(2))
        self.workers.append(made)
        return made

    def begin_try(self) -> str:
        self.tries -= 1
        return "" if self.tries >= 0 else "session"

    def end_try(self, outcome) -> str:
        self.ended.append(outcome)
        return "" if self.tries else "session"


def shows(check: Check, kiosk: Kiosk, frames) -> None:
    """Each frame is looked at before the next one comes; time passes as the frames say."""
    for at, image in frames:
        check.happen(Tick(at))
        if check.session.phase not in (Phase.LOOKING, Phase.TURNING):
            break
        check.look(image, at)
        check.happen(kiosk.inbox.get(timeout=LONG_S))
    while check.session.phase is Phase.MATCHING:
        check.happen(kiosk.inbox.get(timeout=LONG_S))


def begun(kiosk: Kiosk) -> Check:
    check = Check(kiosk, 0.0)
    assert kiosk.eye == 0
    check.happen(Agreed())
    assert kiosk.eye == 1
    check.happen(EyeOpened())
    return check


def does_as_asked(check: Check, kiosk: Kiosk, of) -> None:
    """Straight, then whatever the kiosk says."""
    shows(check, kiosk, turning(of, 0, steps=4))
    while check.session.phase is Phase.TURNING:
        start = check.session.at + 0.1
        wanted = check.session.says.removeprefix("face.turn_")
        degrees = {"left": 38, "right": -38}.get(wanted, 0)
        shows(check, kiosk, heads_way(of, kiosk, degrees, start))


def heads_way(of, kiosk: Kiosk, degrees: float, start: float):
    """From where the head is to where it shall be."""
    before, kiosk.head = Held(yaw=kiosk.head), degrees
    shares = [n / 10 for n in range(11)] + [1.0] * 4
    way = [before.toward(Held(yaw=degrees), share) for share in shares]
    return ((start + at, image) for at, image in held(of, way, Random(1), head))


def test_the_owner_who_turns_as_asked_is_let_through_and_nothing_is_left(opencv: Engine) -> None:
    kiosk = Kiosk(opencv, hopper())
    of = photos(opencv)[1]  # the engine is the worker's from here on
    check = begun(kiosk)
    does_as_asked(check, kiosk, of)
    assert (check.session.phase, check.session.outcome) == (Phase.ENDED, "same")
    assert (kiosk.eye, kiosk.ended) == (0, ["same"])
    until(lambda: not kiosk.workers[0].alive, "the end of the worker")


def test_somebody_else_who_turns_as_asked_is_not(opencv: Engine) -> None:
    kiosk = Kiosk(opencv, collins(), tries=1)
    of = photos(opencv)[1]  # the engine is the worker's from here on
    check = begun(kiosk)
    does_as_asked(check, kiosk, of)
    assert (check.session.phase, check.session.outcome) == (Phase.ENDED, "different")
    check.happen(TriedAgain())
    assert kiosk.eye == 0


def test_a_picture_of_the_owner_is_not(opencv: Engine) -> None:
    kiosk = Kiosk(opencv, hopper())
    check = begun(kiosk)
    noise = np.random.default_rng(4)
    still = at_kiosk(hopper()).astype(int)
    frames = [
        (n / 3, np.clip(still + noise.normal(0, 3, still.shape), 0, 255).astype(np.uint8))
        for n in range(50)
    ]
    shows(check, kiosk, frames)
    assert (check.session.phase, check.session.outcome) == (Phase.AGAIN, "timeout")
    assert (kiosk.eye, kiosk.ended) == (0, ["timeout"])


@pytest.mark.parametrize("event", [WentAnotherWay(), CameraTrouble("frozen")])
def test_whoever_ends_it_the_eye_closes_and_the_worker_ends(event) -> None:
    kiosk = Kiosk(SlowEngine(), frame(0))
    check = begun(kiosk)
    check.happen(event)
    assert (check.session.phase, kiosk.eye) == (Phase.ENDED, 0)
    until(lambda: not kiosk.workers[0].alive, "the end of the worker")
