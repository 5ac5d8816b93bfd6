"""Which printer a random day has, how it is driven, and what carries the bytes."""

from dataclasses import dataclass, field
from random import Random

from devices.ticket_printer.profiles import PROFILES, SMALL_BUFFER

PAIRS = (("epson", "epson"), ("clone", "clone"), ("clone58", "clone58"), ("vkp80", "vkp80"))
TRAITS = (  # what a model is, and does not become
    "presenter", "no_process_id", "no_clear", "no_identity", "no_identity_text", "no_qr",
    "no_queued_status", "no_status", "prints_garbage_on_gs_paren",
)  # fmt: skip


@dataclass
class Setting:
    """The printer, how it is driven, and what carries the bytes."""

    model: str
    profile: str
    baud: int
    obeys_xoff: bool
    piece: int
    traits: list[str] = field(default_factory=list)

    @classmethod
    def drawn(cls, random: Random) -> "Setting":
        model, profile = random.choice(PAIRS)
        if random.random() < 0.25:
            profile = random.choice(("epson", "clone", "clone58", "vkp80", "silent"))
        obeys = random.random() < 0.85
        made = cls(
            model,
            profile,
            random.choice((9600, 38400, 115200)),
            obeys,
            random.choice((1, 8, 16, 16, 16, 16)),
        )
        if random.random() < 0.1:
            made.traits = ["boot_noise"]
        elif random.random() < 0.2:
            made.traits = random.sample(TRAITS[1:], random.randint(1, 2))
        return made

    @property
    def loses(self) -> bool:
        """Nobody can know what was lost: nothing is asked, or the printer holds less than its profile says."""
        less = self.model == "clone" and PROFILES[self.profile].buffer_bytes > SMALL_BUFFER
        return less or self.profile == "silent" or (self.mute and not self.obeys_xoff)

    @property
    def mute(self) -> bool:
        """It never says how far it has got: bytes sent to a full buffer are lost and nobody knows."""
        return self.model == "clone58" or "no_queued_status" in self.traits

    @property
    def fits(self) -> bool:
        """The profile says nothing that the printer is not."""
        return self.model == self.profile and self.traits in ([], ["boot_noise"])
