"""A head office of many branches, told by a real broker; a browser; and what a page must be like at any width."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import Browser, Page

from bench.many_branches import Many, ailment, birth, health, queues
from edge_agent import topics
from edge_agent.messages import Birth, Health, Queues
from head_office.register import Place
from tests.conftest import wait_for
from tests.head_office.conftest import House, Office

WIDTHS = ((320, 640), (390, 844), (1366, 768), (1920, 1080), (3840, 2160))
AGAIN_S = 20  # branches say their queues so often; after 30 s they would be silent
GONE = ("silent", "offline", "never")
LONG_AGO = timedelta(hours=2)
OUTLINE = {"type": "Polygon", "coordinates": [[[73, 18], [135, 18], [135, 54], [73, 54], [73, 18]]]}
SIZES = """() => {
  const seen = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const cut = [...document.querySelectorAll("body *")].filter((one) => {
    const style = getComputedStyle(one);
    if (!seen(one) || one.closest("svg") || one.classList.contains("only-read-aloud")) return false;
    const hides = (way) => ["hidden", "clip"].includes(way);
    return one.childElementCount === 0 && one.textContent.trim() &&
      ((hides(style.overflowX) && one.scrollWidth > one.clientWidth + 1) ||
       (hides(style.overflowY) && one.scrollHeight > one.clientHeight + parseFloat(style.fontSize) / 2));
  });
  const beyond = [...document.querySelectorAll("body *")].filter((one) => {
    const place = one.getBoundingClientRect();
    return seen(one) && !one.closest("svg") && place.width > 0 && place.right > innerWidth + 1;
  });
  const said = (one) => `${one.tagName}#${one.id}.${one.className}: ${one.textContent.slice(0, 40)}`;
  return { sideways: document.documentElement.scrollWidth - innerWidth, cut: cut.map(said), beyond: beyond.map(said) };
}"""
CONTRAST = """() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const linear = (n) => (n /= 255) <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const [r, g, b, a = 1] = numbers(getComputedStyle(at).backgroundColor);
      if (a > 0.99) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll("body *")].filter((one) =>
    one.checkVisibility() && !one.closest("svg") && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return texts.map((one) => {
    const style = getComputedStyle(one);
    const [a, b] = [light(numbers(style.color)), light(ground(one))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    return { ratio: (a + 0.05) / (b + 0.05), needed: large ? 3 : 4.5, text: one.textContent.slice(0, 30) };
  }).filter((one) => one.ratio < one.needed);
}"""


@dataclass
class Bank:
    """Every branch says what it has; who is `silent`, `offline` or `never` is not heard again."""

    office: Office
    client: paho.Client
    told: dict[str, Queues] = field(default_factory=dict)
    births: dict[str, Birth] = field(default_factory=dict)
    healths: dict[str, Health] = field(default_factory=dict)
    ails: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def think(self, many: Many, random: Random) -> None:
        """What each of them will say."""
        for place in many.places():
            ails = ailment(random, many.ill)
            at = datetime.now(UTC) - (LONG_AGO if ails in GONE else timedelta(0))
            self.places[place.branch], self.ails[place.branch] = place, ails
            self.births[place.branch] = birth(place, at, offline=ails == "offline")
            self.healths[place.branch] = health(at, random, ails)
            if ails != "never":
                self.told[place.branch] = queues(place, at, random, ails)

    def tell(self, branches: Iterable[str], *, old: bool = False) -> None:
        """Queues; machines where one is not well; who they are only of some: it is in the bank's list too."""
        for number, branch in enumerate(branches):
            if self.ails[branch] == "offline" or number % 50 == 0:
                self.say(branch, "birth", self.births[branch], old=old)
            if self.ails[branch] in ("down", "low") or number % 50 == 0:
                self.say(branch, "health", self.healths[branch], old=old)
            self.say(branch, "queues", self.told[branch], old=old)

    def say(self, branch: str, leaf: str, what: Any, *, old: bool = False) -> None:
        """An `old` word is retained: head office does not take it for a sign of life."""
        payload = msgspec.json.encode(what)
        self.client.publish(topics.topic(branch, leaf), payload, 0, retain=old)

    def again(self) -> None:
        for branch in self.online:
            self.say(branch, "queues", self.told[branch])

    def heard_online(self) -> float:
        """How many are online to head office."""
        lines = self.office.http.get("/metrics").text.splitlines()
        named = [line for line in lines if line.startswith("lobby_head_office_branches{")]
        return sum(float(line.split()[-1]) for line in named if 'status="online"' in line)

    @property
    def online(self) -> list[str]:
        return [one for one, ails in self.ails.items() if ails not in GONE]

    @property
    def waiting(self) -> int:
        """People who wait at the branches that are online."""
        return sum(line.waiting for branch in self.online for line in self.told[branch].queues)


@contextmanager
def bank(folder: Path, many: Many, more: str = "") -> Iterator[Bank]:
    house = House(folder)
    broker = house.broker(start=False)
    broker.more = "max_queued_messages 0\n"
    broker.start()
    many.write_list(folder / "branches.csv")
    (folder / "outline.json").write_bytes(msgspec.json.encode(OUTLINE))
    parts = (
        f'\n[branches]\nfile = "{folder}/branches.csv"\n[map]\noutline = "{folder}/outline.json"\n'
    )
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.max_queued_messages_set(0)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    ended, made = (
        threading.Event(),
        Bank(house.office(broker.url, start=False, more=parts + more), client),
    )
    made.think(many, Random(7))
    gone = [one for one, ails in made.ails.items() if ails in ("silent", "offline")]
    made.tell(gone, old=True)  # before head office listens, or it would be news
    made.office.start()
    keeper = threading.Thread(target=keep_alive, args=(made, ended), daemon=True)
    try:
        wait_for(lambda: made.office.metric("head_office_branches") >= many.count, "the list")
        made.tell(made.online)
        wait_for(
            lambda: made.heard_online() == len(made.online),
            f"{len(made.online)} branches online", 60,
        )  # fmt: skip
        keeper.start()
        yield made
    finally:
        ended.set()
        client.loop_stop()
        house.end()


def keep_alive(bank: Bank, ended: threading.Event) -> None:
    while not ended.wait(AGAIN_S):
        bank.again()


@contextmanager
def watched(browser: Browser) -> Iterator[Page]:
    """What the page itself finds wrong fails the test."""
    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 768}
    )
    made = context.new_page()
    made.set_default_timeout(15_000)
    wrong: list[str] = []
    made.on("pageerror", lambda error: wrong.append(str(error)))
    yield made
    context.close()
    assert not wrong


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with watched(browser) as made:
        yield made


def fits(page: Page) -> None:
    """Nothing is cut, and nothing scrolls sideways."""
    found = page.evaluate(SIZES)
    assert found["sideways"] <= 0, found
    assert not found["cut"], found["cut"]
    assert not found["beyond"], found["beyond"]


def legible(page: Page) -> None:
    """4.5:1, for large letters 3:1 (WCAG 2.2, 1.4.3)."""
    assert not (found := page.evaluate(CONTRAST)), found
