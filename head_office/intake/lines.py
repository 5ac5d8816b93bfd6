"""A connection for news and one for the backlog: a broker sends in order, and old news shall never delay new."""

from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random

from program.broker import Broker
from program.in_flight import Message
from program.lean_connection import LeanConnection
from program.line_state import LineState, Trouble
from program.mqtt_link import MqttLink

Topics = Sequence[Sequence[str]]


class Lines:
    """A connection for each of `topics`: those of news, and of the backlog. What is said goes by the first."""

    def __init__(
        self,
        broker: Broker,
        name: str,
        *,
        topics: Topics,
        on_connected: Callable[[], None],
        on_message: Callable[[Message], None],
        clock: Callable[[], datetime],
        random: Random,
    ) -> None:
        client_id = f"{name}-{random.getrandbits(32):08x}"
        self._states = [LineState(quiet=number > 0) for number in range(len(topics))]
        self.all = [
            MqttLink(
                broker,
                client_id=f"{client_id}-backlog" if number else client_id,
                subscriptions=topics[number],
                on_connected=(lambda: None) if number else on_connected,
                on_message=on_message,
                will=None,
                state=state,
                one_reader=False,
                clock=clock,
                random=random,
                connection=LeanConnection,
            )
            for number, state in enumerate(self._states)
        ]

    @property
    def connected(self) -> bool:
        return all(link.connected for link in self.all)

    @property
    def listening(self) -> bool:
        return all(link.listening for link in self.all)

    @property
    def troubles(self) -> dict[Trouble, str]:
        """In words."""
        return {name: state.sentence(name) for state in self._states for name in state.names}

    def say(self, message: Message) -> bool:
        """False when there is no connection: it is gone."""
        return self.all[0].publish(message)

    def listen_to(self, topics: Topics) -> None:
        for link, subscriptions in zip(self.all, topics, strict=True):
            link.listen_to(subscriptions)

    def leave(self) -> None:
        for link in self.all:
            link.leave()
