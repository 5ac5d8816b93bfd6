"""A simulated camera: 30 pictures a second as JPEG, with the noise of a sensor.

Made up here, as there is no device of Video4Linux to be made without the kernel: the host opens a local socket and
says `identity`, or `stream WIDTH HEIGHT`. The camera says one line of JSON (bus, name, usb, serial), then, for a
stream, pictures: the length in four bytes, most significant first, and a JPEG. Hanging up closes the eye.
"""

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

import cv2
import numpy

from devices.camera.simulated_scene import Pixels, Seen, hall, held_before, open_seen
from devices.camera.simulated_socket import HUNG_UP

RATE, SLOW_RATE = 30.0, 4.0
QUALITY = 85  # of JPEG, per cent
NOISES = 3  # patterns of sensor noise, one after the other
NOISE_SIGMA = 2.0
SMALLEST, LARGEST = 64, 4096  # pixels a side
USUAL = {"bus": "simulated", "name": "Hall camera", "usb": "1d6b:0102", "serial": "SIM0001"}


class Simulator:
    """Bytes in, pictures out."""

    FAULTS: ClassVar[Mapping[str, str]] = {
        "black": "something covers the lens",
        "dark": "the light in the hall is out",
        "bright": "the sun shines into the lens",
        "freeze": "the same picture again and again, to the last bit",
        "upside_down": "it has been built in the wrong way round",
        "slow": "four pictures a second",
        "stall": "no pictures any more; the cable is in",
        "silent": "hears the host and says nothing at all",
        "wrong_device": "another camera of the same make has been plugged in",
        "virtual": "a program says that it is a camera",
    }

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        *,
        seed: int = 30,
    ) -> None:
        self._truth = truth
        self._chance = random.Random(seed)
        self._faults: set[str] = set()
        self._heard = b""
        self._hall: Pixels | None = None  # while the eye is open
        self._due = 0.0
        self._seen: Seen | None = None
        self._seen_since = 0.0
        self._shown = 0
        self._noises: list[numpy.typing.NDArray[numpy.int16]] = []
        self._frozen = b""

    def power_on(self, now: float) -> bytes:
        self._close()
        return b""

    def receive(self, data: bytes, now: float) -> bytes:
        *lines, self._heard = (self._heard + data).split(b"\n")
        self._heard = self._heard[-100:]
        return b"".join(self._obey(line, now) for line in lines)

    def pass_time(self, now: float) -> bytes:
        if self._hall is None or now < self._due or self._faults & {"stall", "silent"}:
            return b""
        every = 1 / (SLOW_RATE if "slow" in self._faults else RATE)
        late = now - self._due >= every  # what was missed is not made up for
        self._due = (now if late else self._due) + every
        jpeg = self._jpeg(self._hall, now)
        return len(jpeg).to_bytes(4) + jpeg

    def next_deadline(self) -> float | None:
        return None if self._hall is None or "stall" in self._faults else self._due

    def fault(self, name: str, on: bool, now: float) -> bytes:
        if name not in self.FAULTS:
            raise ValueError(f"unknown fault {name!r}; allowed: {', '.join(self.FAULTS)}")
        if on != (name in self._faults):
            self._faults ^= {name}
            self._frozen = b""
            self._truth({"event": "fault", "name": name, "on": on})
        return b""

    def present(self, value: str, now: float) -> bytes:
        """Hold a picture, a video, a folder of pictures or a list of them before the lens."""
        self._seen, self._seen_since = open_seen(Path(value)), now
        self._shown += 1
        self._truth({"event": "held_before", "number": self._shown, "kind": self._seen.kind})
        return b""

    def remove(self, now: float) -> bytes:
        if self._seen is not None:
            self._truth({"event": "taken_away", "number": self._shown})
        self._seen = None
        return b""

    def _obey(self, line: bytes, now: float) -> bytes:
        if line + b"\n" == HUNG_UP:
            self._close()
            return b""
        if "silent" in self._faults:
            return b""
        word, *numbers = line.split()[:3] or [b""]
        if word == b"stream" and len(numbers) == 2 and all(one.isdigit() for one in numbers):
            self._open((int(numbers[0]), int(numbers[1])), now)
        return json.dumps(self._identity()).encode() + b"\n"

    def _identity(self) -> Mapping[str, str]:
        if "virtual" in self._faults:
            return {"bus": "virtual", "name": "OBS Virtual Camera"}
        return USUAL | ({"serial": "SIM0002"} if "wrong_device" in self._faults else {})

    def _open(self, size: tuple[int, int], now: float) -> None:
        width, height = (min(max(side, SMALLEST), LARGEST) for side in size)
        self._hall = hall(width, height)
        self._due, self._frozen = now, b""
        chance = numpy.random.default_rng(self._chance.getrandbits(32))
        self._noises = [
            numpy.rint(
                chance.standard_normal(self._hall.shape, numpy.float32) * NOISE_SIGMA
            ).astype(numpy.int16)
            for _ in range(NOISES)
        ]
        self._truth({"event": "light", "on": True})

    def _close(self) -> None:
        if self._hall is not None:
            self._truth({"event": "light", "on": False})
        self._hall, self._heard = None, b""

    def _jpeg(self, empty: Pixels, now: float) -> bytes:
        if "freeze" in self._faults and self._frozen:
            return self._frozen
        scene = self._scene(empty, now)
        noise = self._noises[0]
        self._noises.append(self._noises.pop(0))
        pixels = numpy.clip(scene.astype(numpy.int16) + noise, 0, 255).astype(numpy.uint8)
        if "upside_down" in self._faults:
            pixels = numpy.ascontiguousarray(pixels[::-1, ::-1])
        _, coded = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
        self._frozen = coded.tobytes()
        return self._frozen

    def _scene(self, empty: Pixels, now: float) -> Pixels:
        if "black" in self._faults:
            return numpy.full_like(empty, 6)
        scene = empty
        if self._seen is not None:
            scene = held_before(empty, self._seen.at(now - self._seen_since))
        if "dark" in self._faults:
            return (scene * 0.2).astype(numpy.uint8)
        if "bright" in self._faults:
            return numpy.clip(scene.astype(numpy.int16) + 160, 0, 255).astype(numpy.uint8)
        return scene
