"""From which likeness on two faces count as one person, and how often that is wrong.

An average of several frames is more alike to everybody than one picture is: at a threshold that one picture reaches wrongly once in
10,000 times, an average of three does so twice or three times. So thresholds are set on averages, and are stricter with one picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.identity.models import RESNET, SFACE, Model

SHIPPED_RATE = 1e-4  # false accepts: what NIST SP 800-63-4 asks for at most


@dataclass(frozen=True)
class Calibration:
    """`thresholds`: false-accept rate -> likeness, for an average of two or three frames. `model` is the very file it was done with."""

    model: Model
    thresholds: Mapping[float, float]
    done_on: str

    @property
    def threshold(self) -> float:
        return self.thresholds[SHIPPED_RATE]


DONE_ON = (
    "averages of 2 and 3 pictures of LFW fold 10 (433,000 pairs of different people), rounded up until "
    "no group of one sex and ethnicity of the London set is accepted wrongly in more than 3 of 100 pairs"
)
SFACE_CALIBRATION = Calibration(SFACE, {1e-2: 0.32, 1e-3: 0.39, 1e-4: 0.44}, DONE_ON)
RESNET_CALIBRATION = Calibration(RESNET, {1e-2: 0.42, 1e-3: 0.48, 1e-4: 0.55}, DONE_ON)
