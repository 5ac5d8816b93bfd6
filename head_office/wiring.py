"""The one place that wires head office's parts together."""

import asyncio
import time
from argparse import Namespace
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from head_office.accounts.opening import open_door
from head_office.alerts.book import AlertBook
from head_office.alerts.desk import AlertDesk
from head_office.board import outline
from head_office.board.steps import Steps
from head_office.history.opened import keep_beside, open_history
from head_office.intake.crew import Crew, words_for_one
from head_office.intake.leases import ANSWERS_S, Leases
from head_office.keeping import Forgetting
from head_office.ledger import Ledger
from head_office.listener import Listener
from head_office.office import Office
from head_office.picture import Picture
from head_office.register import Register, Unusable
from head_office.rollout.book import RolloutBook
from head_office.rollout.desk import RolloutDesk
from head_office.rollout.key import Key, KeyUnusable, read as read_key
from head_office.settings import Rollout, Settings
from head_office.store import engine_of
from program.bell import Bell
from program.settings_file import SettingsError

if TYPE_CHECKING:
    from head_office.alerts.webhook import Webhook

LIST_S = 5.0  # between two looks at the bank's list of branches
Task = Coroutine[Any, Any, None]


def wired(settings: Settings, ledger: Ledger, register: Register) -> Office:
    """Raises SettingsError for an outline that cannot be used."""
    bell = Bell()
    picture = Picture(time.time_ns() // 1_000_000, register)
    listener = Listener(
        ledger,
        picture,
        settings.broker,
        clock=now,
        random=Random(),
        on_change=bell.ring,
        elsewhere=None if settings.intake is None else leases_of(settings),
    )
    alerts = AlertDesk(
        AlertBook(ledger.engine, telling=settings.alerts.webhook is not None),
        picture,
        clock=now,
        hears=lambda: listener.listening and not listener.failing,
        on_change=bell.ring,
    )
    door = open_door(settings, ledger.engine, now)
    history = open_history(settings, ledger, register)
    rollout = rollout_of(settings, ledger, picture, listener)
    return Office(
        settings=settings,
        bell=bell,
        ledger=ledger,
        register=register,
        picture=picture,
        listener=listener,
        alerts=alerts,
        door=door,
        history=history,
        rollout=rollout,
        steps=Steps(picture, now),
        outline=outline_of(settings),
    )


def tasks(office: Office, given: Namespace) -> list[Task]:
    """What runs beside the pages until head office ends."""
    settings = office.settings
    running = [
        office.listener.run(),
        office.alerts.run(),
        office.steps.run(office.bell),
        follow_list(office),
        forgetting(office).run(),
    ]
    if settings.intake is not None and settings.intake.processes:
        running.append(Crew(words_for_one(given), settings.intake.processes).run())
    if office.history is not None:
        running.append(keep_beside(given.config, given.data, settings.history.starts_after_s))
    if office.rollout is not None:
        running.append(office.rollout.run())
    if settings.alerts.webhook is not None:
        running.append(webhook(settings.alerts.webhook, office).run())
    return running


def forgetting(office: Office) -> Forgetting:
    rollouts = office.rollout.book if office.rollout else None
    keeping, engine = office.settings.keeping, office.ledger.engine
    return Forgetting(keeping, office.alerts.book, rollouts, engine, now)


def rollout_of(
    settings: Settings, ledger: Ledger, picture: Picture, listener: Listener
) -> RolloutDesk | None:
    """None where head office has no key."""
    if settings.rollout is None:
        return None
    return RolloutDesk(
        RolloutBook(ledger.engine),
        picture,
        key_of(settings.rollout),
        publish=listener.say,
        clock=now,
        steady=time.monotonic,
    )


def key_of(rollout: Rollout) -> Key:
    """Raises SettingsError."""
    try:
        return read_key(Path(rollout.key))
    except KeyUnusable as error:
        raise SettingsError(f"section [rollout]: key 'key': {error}") from error


def webhook(url: str, office: Office) -> "Webhook":
    import httpx  # noqa: PLC0415  slow to load, and few have a webhook

    from head_office.alerts.webhook import Webhook  # noqa: PLC0415

    key = office.settings.alerts.webhook_key
    return Webhook(
        url, key, office.alerts.book, Random(), lambda: httpx.AsyncClient(trust_env=False)
    )


async def follow_list(office: Office) -> None:
    """The bank's list of branches, as it is now, and who has gone that it does not know; until cancelled."""
    while True:
        before = office.picture.version
        office.picture.place(now())
        if office.picture.version != before:
            office.bell.ring()
        await asyncio.sleep(LIST_S)
        await asyncio.to_thread(office.register.read_again)


def leases_of(settings: Settings) -> Leases:
    """Only to look at."""
    return Leases(engine_of(settings.store, answers_s=ANSWERS_S), "the board", time.monotonic)


def register_of(settings: Settings) -> Register:
    """Raises SettingsError for a list that cannot be used."""
    file = settings.branches.file
    try:
        return Register(None if file is None else Path(file))
    except Unusable as error:
        raise SettingsError(f"section [branches]: key 'file': {error}") from error


def outline_of(settings: Settings) -> bytes:
    """Raises SettingsError for a file that cannot be used."""
    try:
        return outline.load(settings.map.outline)
    except outline.Unusable as error:
        raise SettingsError(f"section [map]: key 'outline': {error}") from error


def now() -> datetime:
    return datetime.now(UTC)
