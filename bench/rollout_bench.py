"""How long a branch is away while it starts anew with a configuration of head office's."""

import re
import time
from pathlib import Path

import httpx
import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bench.figures import tell_times
from bench.programs import DEMO, free_port, mosquitto, program, wait_until
from edge_agent import topics
from edge_agent.messages import ConfigDocument
from head_office.rollout.key import Key, make

TIMES = 5
BRANCH = "riverside"


def run(folder: Path) -> None:
    key, broker, port = make(folder / "office.pem"), free_port(), free_port()
    demo = (DEMO / "branch.toml").read_text(encoding="utf-8")
    text = re.sub(r"\[\[devices\]\]\n(.+\n)+", "", demo)
    file = folder / "branch.toml"
    file.write_text(f'{text}\n[central]\nkeys = ["{key.public}"]\n', encoding="utf-8")
    words = ("edge_agent", "--config", str(file), "--listen", f"127.0.0.1:{port}")
    more = ("--data", str(folder / "data"), "--broker", f"mqtt://127.0.0.1:{broker}")
    line = paho.Client(CallbackAPIVersion.VERSION2)
    with mosquitto(folder, broker), program(*words, *more):
        line.connect("127.0.0.1", broker)
        line.loop_start()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            wait_until(lambda: _running(http) is not None)
            away = [_away(http, line, key, version) for version in range(1, TIMES + 1)]
        line.loop_stop()
    tell_times("configuration_applied_branch_away", away)


def _away(http: httpx.Client, line: paho.Client, key: Key, version: int) -> float:
    """Seconds between the last answer of the old start and the first of the new one."""
    document = ConfigDocument(version=version, branch=BRANCH, contents="")
    said = msgspec.json.encode(key.command("config", document))
    last, longest, next_at = time.monotonic(), 0.0, 0.0
    while True:
        running, now = _running(http), time.monotonic()
        if running is not None:
            longest, last = max(longest, now - last), now
        if running == version:
            return longest
        if now >= next_at:
            line.publish(topics.topic(BRANCH, "command"), said, 1)
            next_at = now + 5


def _running(http: httpx.Client) -> int | None:
    """The version that the branch runs; None while it does not answer."""
    try:
        return int(http.get("/api/v1/queues").json()["config_version"])
    except httpx.TransportError:
        return None
