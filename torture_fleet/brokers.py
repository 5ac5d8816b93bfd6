"""The brokers that are killed: a mosquitto, or three RabbitMQ that are one.

Neither keeps anything of ours on purpose: mosquitto has no persistence, and RabbitMQ's queues for MQTT sit on the
node where the client sits.
"""

import asyncio
import functools
import glob
import os
import random
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from torture_fleet.process import DidNotStart, Ports, Process, accepts

MOSQUITTO = "/usr/sbin/mosquitto"
NODES = 3
PATIENCE_S = 120.0  # for one node, on a busy machine
FORMATIONS = 4  # attempts to make a cluster from nothing


class NotInstalled(Exception):
    """A program that the torture needs is not here; the text says which package has it."""


@dataclass(frozen=True)
class Node:
    """One broker, and where it speaks MQTT."""

    process: Process
    port: int


class Brokers:
    """All nodes of one engine. `rebuilt`: how often it was made anew from nothing."""

    nodes: list[Node]
    rebuilt = 0

    async def start(self) -> None:
        """Raises DidNotStart."""
        await asyncio.gather(*(node.process.start() for node in self.nodes))

    async def bring_back(self, dead: list[Process]) -> None:
        """After a kill. Raises DidNotStart."""
        await asyncio.gather(*(process.start() for process in dead))

    def kill(self) -> None:
        for node in self.nodes:
            node.process.kill()


class Mosquitto(Brokers):
    def __init__(self, folder: Path, ports: Ports) -> None:
        if not Path(MOSQUITTO).exists():
            raise NotInstalled(f"no {MOSQUITTO}; apt-get install mosquitto")
        port = ports.next()
        file = folder / "mosquitto.conf"
        file.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n", encoding="utf-8")
        process = Process(
            "mosquitto",
            [MOSQUITTO, "-c", str(file)],
            folder / "mosquitto.log",
            functools.partial(accepts, port),
        )
        self.nodes = [Node(process, port)]


class RabbitMQ(Brokers):
    """Debian's package as it is, each node in a folder of its own, with a port mapper (epmd) and a cookie of ours.

    Its MQTT before 3.12 keeps the ids of clients by majority; once the majority was gone it may never start again
    with its old files (rabbitmq-server, issue 2665). Then, and when all nodes were killed, the cluster is made anew
    from nothing, as a bank's people would: what it held is lost, and nothing of ours may be.
    """

    def __init__(self, folder: Path, ports: Ports) -> None:
        self._folder = folder
        folder.mkdir()
        found = sorted(glob.glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server"))
        if not found:
            raise NotInstalled("no rabbitmq-server; apt-get install rabbitmq-server")
        self._program, self._mapper_port = found[-1], ports.next()
        cookie = folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16), encoding="ascii")
        cookie.chmod(0o400)
        (folder / "plugins").write_text("[rabbitmq_mqtt].\n", encoding="ascii")
        # names that no other run on this machine has
        self._names = [f"fleet{self._mapper_port}n{i + 1}@localhost" for i in range(NODES)]
        self._mapper = Process(
            "epmd",
            ["epmd", "-port", str(self._mapper_port), "-address", "127.0.0.1"],
            folder / "epmd.log",
            functools.partial(accepts, self._mapper_port),
        )
        self.nodes = [self._node(name, ports) for name in self._names]

    async def start(self) -> None:
        await self._mapper.start()
        await self._form()

    async def bring_back(self, dead: list[Process]) -> None:
        if len(dead) < len(self.nodes):
            try:
                await super().bring_back(dead)
                return
            except DidNotStart:
                pass
        self.rebuilt += 1
        await self._form()

    async def _form(self) -> None:
        """From nothing, one node after the other: three that begin at once may wait for each other for ever."""
        for attempt in range(FORMATIONS):
            super().kill()
            for name in self._names:
                shutil.rmtree(self._folder / name / "mnesia", ignore_errors=True)
            try:
                for node in self.nodes:
                    await node.process.start()
                return
            except DidNotStart:
                if attempt == FORMATIONS - 1:
                    raise

    def kill(self) -> None:
        super().kill()
        self._mapper.kill()

    def _node(self, name: str, ports: Ports) -> Node:
        folder, mqtt, erlang = self._folder / name, ports.next(), ports.next()
        folder.mkdir()
        file = folder / "rabbitmq.conf"
        lines = [
            f"listeners.tcp.1 = 127.0.0.1:{ports.next()}",
            f"mqtt.listeners.tcp.1 = 127.0.0.1:{mqtt}",
            "mqtt.allow_anonymous = true",
            "cluster_formation.peer_discovery_backend = classic_config",
            *(
                f"cluster_formation.classic_config.nodes.{i + 1} = {n}"
                for i, n in enumerate(self._names)
            ),
        ]
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")
        env = {
            **os.environ,
            "HOME": str(self._folder),
            "ERL_EPMD_PORT": str(self._mapper_port),
            "RABBITMQ_NODENAME": name,
            "RABBITMQ_DIST_PORT": str(erlang),
            "RABBITMQ_CONFIG_FILE": str(file),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none "
            "-kernel inet_dist_use_interface {127,0,0,1}",
        }
        process = Process(
            f"rabbitmq {name}",
            [self._program],
            folder / "out",
            functools.partial(accepts, mqtt),
            env=env,
            patience_s=PATIENCE_S,
        )
        return Node(process, mqtt)


def brokers(engine: str, folder: Path, ports: Ports) -> Brokers:
    """Raises NotInstalled."""
    if engine == "rabbitmq":
        return RabbitMQ(folder / "rabbitmq", ports)
    return Mosquitto(folder, ports)


def in_some_order(nodes: list[Node], chance: random.Random) -> list[Node]:
    """So that clients prefer different ones."""
    return chance.sample(nodes, len(nodes))
