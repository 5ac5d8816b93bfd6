"""What can be wrong with a simulated receipt printer, and what happens by itself in mid ticket."""

from collections.abc import Mapping

FAULTS: Mapping[str, str] = {
    "paper_near_end": "the near-end sensor sees a thin roll; printing goes on",
    "paper_out": "no paper: stops where it is; clear = new roll, the old piece is torn off",
    "paper_out_in_job": "the paper ends in the middle of the next ticket, once; clear = new roll",
    "cover_open": "cover open: stops; goes on by itself when closed",
    "cover_opened_in_job": "the cover opens in the middle of the next ticket, once, for 2 s",
    "feed_button": "FEED held down: offline, blank paper comes out until it is cleared",
    "cutter_jam": "blade stuck now; after clear it still needs DLE ENQ 1 or 2",
    "cutter_jam_at_cut": "blade gets stuck at the next cut; then as cutter_jam",
    "head_hot": "print head too hot: stops; goes on by itself when cleared",
    "unrecoverable": "error that only a power cycle ends; clear = repaired and switched on",
    "power_off": "no power: silent, buffer lost; clear = switched on",
    "power_lost_in_job": "no power for 2 s in the middle of the next ticket, once; buffer lost",
    "boot_noise": "a power cycle now, and garbage before the XON of this and every later one",
    "no_process_id": "a clone that skips GS ( H silently",
    "no_clear": "a clone that ignores DLE DC4 fn 8",
    "no_identity": "a clone that answers no GS I",
    "no_identity_text": "a clone that answers GS I 1 to 3 only",
    "no_qr": "a clone that does not know GS ( k and prints it as text",
    "no_queued_status": "a clone that does not answer GS r",
    "no_status": "a weak clone that does not answer DLE EOT 2 and 3",
    "prints_garbage_on_gs_paren": "a weak clone that prints all GS ( commands as text",
    "presenter": "a kiosk printer: tickets stand in a mouth; answers DLE EOT 11h and 14h",
    "not_taken": "nobody takes or tears off any paper: remove does nothing",
    "mouth_sensor": "the sensor of the presenter's mouth always sees a ticket",
    "stuck_xoff": "sends XOFF and takes nothing more from its buffer; DLE EOT still answers",
    "overrun": "XON and XOFF do not reach the host; what does not fit in the buffer is lost",
    "silent": "hung: hears, does and answers nothing; clear = goes on, what was said is lost",
    "slow": "every answer comes 0.4 s late",
    "byte_by_byte": "20 ms before each byte of an answer or status",
    "noise": "four random bytes, all 80h or more, before and after each answer",
    "stale": "the answer before is sent again before each answer",
    "duplicate_replies": "each answer is sent twice",
    "late_process_id": "a process id comes 3 s late; other answers overtake it",
    "asb_in_between": "four ASB bytes right before and right after each answer, asked for or not",
    "asb_in_block": "four ASB bytes in the middle of each answer of several bytes",
    "xoff_in_reply": "XOFF in the middle of each answer or ASB, XON after it",
    "spurious_status": "a DLE EOT 1 reply nobody asked for after each image or QR code",
}

# What happens in the middle of a ticket: the fault it sets, and seconds until that ends by itself.
_IN_JOB: Mapping[str, tuple[str, float | None]] = {
    "cover_opened_in_job": ("cover_open", 2.0),
    "paper_out_in_job": ("paper_out", None),
    "power_lost_in_job": ("power_off", 2.0),
}


def consequence(name: str) -> str | None:
    """The fault that `name` sets in the middle of a ticket, if it is of that kind."""
    return _IN_JOB[name][0] if name in _IN_JOB else None


class Mishaps:
    """The faults that wait for the middle of a ticket, and those that end by themselves."""

    def __init__(self) -> None:
        self._armed: set[str] = set()
        self._due: list[tuple[float, str, bool]] = []

    def arm(self, name: str, on: bool) -> None:
        """Wait for the next ticket, or no longer; then what had begun does not end by itself."""
        if on:
            self._armed.add(name)
        else:
            self._armed.discard(name)
            self._due = [one for one in self._due if one[1] != consequence(name)]

    def strike(self, at: float) -> None:
        """The middle of a ticket is at this time: each armed one happens then, once."""
        for name in sorted(self._armed):
            fault, seconds = _IN_JOB[name]
            self._due.append((at, fault, True))
            if seconds is not None:
                self._due.append((at + seconds, fault, False))
        self._armed.clear()
        self._due.sort(key=lambda one: one[0])

    def next_due(self) -> float | None:
        return self._due[0][0] if self._due else None

    def take(self) -> tuple[str, bool]:
        """The next fault and whether it begins."""
        _, name, on = self._due.pop(0)
        return name, on
