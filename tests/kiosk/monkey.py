"""A monkey at the kiosk: touches, swipes, shows, pulls plugs and kills the agent, for as long as it is told.

    python -m tests.kiosk.monkey --minutes 10 --seed 7

After every step the kiosk must live, have logged no error, be of use or go back to its start by itself, hold no more
memory than it may, and show nothing of an earlier customer. Ends with status 1 and a picture at the first fault.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import deque
from pathlib import Path
from random import Random
from typing import Any

from demo.people import IDENTITY, SWIPED, TAPPED
from kiosk.look.finger import HOLD_S
from tests.kiosk.monkey_branch import MACHINES, MonkeyBranch
from tests.kiosk.monkey_eyes import Eyes, wrong_lines

SILENCE_S = 4 + 2 + 20 + 6  # the longest patience of TIMES, and some for a busy machine
MOST_MB = 450.0  # 180 at the start; Kivy keeps 64 letter sizes open, 2.7 MB each; pictures of texts
MEMORY_EVERY_S = 30.0
PAD = ("Down", "Up", "Right", "Left", "Return", "space", "Home", "F1", "Page_Up", "Page_Down", "5", "A", "BackSpace",
       "KP_Add", "KP_Multiply", "Escape", "Tab", "F11")  # fmt: skip
GARBAGE = ("lobby:appointment?service=nothing&at=never", "http://x/t/short", "6901234567892", "   ", "%00%ff",
           "lobby:appointment?service=wealth&at=2020-01-01T00:00Z", "https://example.org/t/AAAAAAAAAAAAAAAAAAAAAA")  # fmt: skip
BAR = ("language-", "access", "help", "key-")
HEADER = (0.5, 0.015)
ACTIONS = {
    "touch": 40, "anywhere": 8, "hold": 3, "drag": 5, "twice": 6, "write": 2, "type": 5, "swipe": 3, "tap": 3,
    "id_card": 2, "scan": 4, "pad": 10, "serve": 4, "person": 2, "unplug": 2, "paper": 1, "agent": 1, "silence": 1, "maintain": 2,
}  # fmt: skip


class Monkey:
    def __init__(self, branch: MonkeyBranch, random: Random) -> None:
        self.branch, self.random = branch, random
        self.eyes = Eyes("zh-Hans", SILENCE_S)
        self.did: deque[str] = deque(maxlen=40)
        self.steps = 0
        self.again: dict[str, float] = {}  # what comes back, and when
        self.restarts = 0
        self.memory_mb: list[int] = []  # twice a minute

    def run(self, seconds: float) -> list[str]:
        """Until the time is up or something is wrong; what is wrong."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            left = seconds - (time.monotonic() - start)
            self._step(left)
            if time.monotonic() - start > MEMORY_EVERY_S * len(self.memory_mb):
                self.memory_mb.append(round(self.branch.memory_mb()))
            wrong = self._look()
            if wrong:
                return wrong
        return []

    def _step(self, left_s: float) -> None:
        self._bring_back(time.monotonic())
        names = list(ACTIONS)
        action = self.random.choices(names, weights=list(ACTIONS.values()))[0]
        if action == "silence" and left_s < SILENCE_S:
            action = "touch"
        self.did.append(action)
        getattr(self, f"_{action}")()
        self.steps += 1
        time.sleep(self.random.choice((0.05, 0.2, 0.5, 0.9)))

    def _look(self) -> list[str]:
        wrong = wrong_lines(self.branch.new_log())
        if self.branch.kiosk.process.poll() is not None:
            if self.eyes.screen != "staff" or self.branch.kiosk.process.returncode != 0:
                return [*wrong, f"the kiosk has ended with {self.branch.kiosk.process.returncode}"]
            self.did.append("the kiosk was restarted by its maintenance")
            self.restarts += 1
            self.branch.start_kiosk()
        wrong += self.eyes.see(self.branch.outline.look(), time.monotonic())
        now_mb = self.branch.memory_mb()
        if now_mb > MOST_MB:
            wrong.append(f"it holds {now_mb:.0f} MB")
        return wrong

    def _bring_back(self, now: float) -> None:
        for name in [one for one, at in self.again.items() if at < now]:
            del self.again[name]
            if name == "agent":
                self.branch.start_agent()
            elif name == "paper":
                self.branch.say("ticket_printer", "clear paper_out")
            else:
                self.branch.say(name, "replug")
            self.did.append(f"{name} is back")

    # --- the finger ------------------------------------------------------------------------

    def _somewhere(self) -> tuple[float, float]:
        """Mostly what can be touched, and mostly what leads on."""
        can = self.branch.outline.can()
        onward = [key for key in can if not key.startswith(BAR)]
        keys = onward if onward and self.random.random() < 0.8 else can
        place = self.branch.outline.place(self.random.choice(keys)) if keys else None
        if place is None or self.random.random() < 0.1:
            return self.random.random(), self.random.random()
        return place

    def _touch(self) -> None:
        self.branch.finger.touch(*self._somewhere())

    def _anywhere(self) -> None:
        self.branch.finger.touch(self.random.random(), self.random.random())

    def _hold(self) -> None:
        """Also the header."""
        place = self.random.choice((HEADER, self._somewhere()))
        self.branch.finger.press(*place)
        time.sleep(self.random.uniform(0.5, 3.5))
        self.branch.finger.release()

    def _maintain(self) -> None:
        """The header opens the maintenance, from the start only; the PIN is right more often than not."""
        if self.branch.outline.screen == "welcome":
            self.branch.finger.press(*HEADER)
            time.sleep(HOLD_S + 0.2)
            self.branch.finger.release()
            time.sleep(1)
            self._keys(self.random.choice(("2468", "2468", "2648")))

    def _drag(self) -> None:
        self.branch.finger.press(*self._somewhere())
        for _ in range(self.random.randint(1, 6)):
            self.branch.finger.move(*self._somewhere())
            time.sleep(0.02)
        self.branch.finger.release()

    def _twice(self) -> None:
        place = self._somewhere()
        for _ in range(2):
            self.branch.finger.press(*place)
            self.branch.finger.release()

    def _write(self) -> None:
        """A scribble in the middle."""
        x, y = 0.5, self.random.uniform(0.3, 0.7)
        self.branch.finger.press(x, y)
        for _ in range(30):
            x, y = x + self.random.uniform(-0.02, 0.02), y + self.random.uniform(-0.01, 0.01)
            self.branch.finger.move(x, y)
        self.branch.finger.release()

    def _type(self) -> None:
        """An appointment's or ticket's number, where there are keys."""
        texts = ("2001", "2002", "A001", "B002", "C003", "999999999999999")
        self._keys(self.random.choice(texts))

    def _keys(self, text: str) -> None:
        for one in (*(f"key-{letter}" for letter in text), "enter"):
            place = self.branch.outline.place(one)
            if place is not None:
                self.branch.finger.touch(*place)
                time.sleep(0.05)

    # --- cards, codes, keys ----------------------------------------------------------------

    def _swipe(self) -> None:
        card = self.random.choice((*SWIPED, ";garbage?", "%B?;?"))
        self.branch.say("magnetic_stripe", f"present {card}")

    def _tap(self) -> None:
        self.branch.say("contactless", f"present {self.random.choice(TAPPED)}")
        time.sleep(0.6)
        self.branch.say("contactless", "remove")

    def _id_card(self) -> None:
        self.branch.say("id_card", f"present {self.random.choice(IDENTITY)}")
        time.sleep(self.random.choice((0.3, 2.0)))
        self.branch.say("id_card", "remove")

    def _scan(self) -> None:
        texts = [*GARBAGE, "2003", "lobby:appointment?service=cash&at=2003"]
        events = self.branch.ask("GET", "/journal?limit=1000")
        for event in (events or {"events": []})["events"]:
            if event["type"] == "TicketIssued":
                texts += [self.branch.page + event["ticket"]] * 2
        self.branch.say("scanner", f"present {self.random.choice(texts)}")

    def _pad(self) -> None:
        for _ in range(self.random.randint(1, 5)):
            self.branch.press_key(self.random.choice(PAD))
            time.sleep(0.03)

    # --- the branch ------------------------------------------------------------------------

    def _serve(self) -> None:
        counter = self.random.choice(("1", "2"))
        if self.random.random() < 0.5:
            self.branch.ask("POST", f"/counters/{counter}/no-show")
        for press in ("call-next", "start", "finish"):
            self.branch.ask("POST", f"/counters/{counter}/{press}")

    def _person(self) -> None:
        press = self.random.choice(("coming", "done"))
        self.branch.ask("POST", f"/kiosks/kiosk-1/help/{press}", {"counter": "1"})

    def _unplug(self) -> None:
        machine = self.random.choice(MACHINES)
        if machine not in self.again:
            self.branch.say(machine, "unplug")
            self.again[machine] = time.monotonic() + self.random.uniform(0.5, 15)

    def _paper(self) -> None:
        self.branch.say("ticket_printer", "fault paper_out")
        self.again["paper"] = time.monotonic() + self.random.uniform(2, 20)

    def _agent(self) -> None:
        if "agent" not in self.again:
            self.branch.kill_agent()
            self.again["agent"] = time.monotonic() + self.random.uniform(0.1, 15)

    def _silence(self) -> None:
        """Nobody does anything. The screen goes back to its start by itself, and is of use."""
        deadline = time.monotonic() + SILENCE_S
        wrong = ["never looked"]
        while wrong and time.monotonic() < deadline:
            time.sleep(0.5)
            self._bring_back(time.monotonic())
            wrong = self.eyes.after_silence(self.branch.outline.look())
        if wrong:
            raise Stuck(wrong)

    def summary(self) -> dict[str, Any]:
        events = self.branch.ask("GET", "/journal?limit=1000") or {"events": []}
        kinds = [event["type"] for event in events["events"]]
        return {
            "steps": self.steps,
            "restarts": self.restarts,
            "screens": dict(sorted(self.eyes.seen.items())),
            "journal": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
            "memory_mb": self.memory_mb,
        }


class Stuck(Exception):
    """After a silence."""


def play(folder: Path, seconds: float, seed: int) -> tuple[list[str], Monkey]:
    """What was wrong, in a branch of its own."""
    branch = MonkeyBranch(folder)
    monkey = Monkey(branch, Random(seed))
    try:
        wrong = monkey.run(seconds)
    except Stuck as stuck:
        wrong = list(stuck.args[0])
    if wrong:
        (folder / "screen.png").write_bytes(branch.picture())
    sys.stdout.write(json.dumps({"seed": seed, "wrong": wrong, **monkey.summary()}) + "\n")
    branch.end()
    return wrong, monkey


def main() -> int:
    parser = argparse.ArgumentParser("tests.kiosk.monkey", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lobby-monkey-"))
    wrong, monkey = play(folder, given.minutes * 60, given.seed)
    if wrong:
        sys.stdout.write(f"{folder}: {', '.join(wrong)}\nbefore: {', '.join(monkey.did)}\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
