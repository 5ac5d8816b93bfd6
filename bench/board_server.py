"""Head office's web application over a picture that changes by itself, for the bench of the board.

python -m bench.board_server HOST:PORT FOLDER BRANCHES CHANGES_A_SECOND [SHARE_IN_TROUBLE]
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import uvloop
from msgspec import structs

from bench.many_branches import Many, ailment, birth, health, queues
from head_office.office import Office
from head_office.picture import Picture
from head_office.register import Place
from head_office.settings import Branches, Http, Settings, Store
from head_office.store import open_ledger
from head_office.web import application
from head_office.wiring import register_of, wired
from program import address
from program.broker import Broker
from program.server import run_beside

TICK_S = 0.05
NOW = timedelta(0)
GONE = ("silent", "offline", "never")


def main() -> int:
    listen, folder, branches, rate, *ill = sys.argv[1:]
    many = Many(int(branches), float(ill[0]) if ill else Many.ill)
    return uvloop.run(serve(listen, Path(folder), many, int(rate)))


async def serve(listen: str, folder: Path, many: Many, rate: int) -> int:
    file = folder / "branches.csv"
    many.write_list(file)
    settings = Settings(
        http=Http(listen=listen),
        store=Store(data=str(folder)),
        broker=Broker(url="mqtt://127.0.0.1:1"),
        branches=Branches(file=str(file)),
    )
    office = wired(settings, open_ledger(settings.store), register_of(settings))
    office.picture.place(datetime.now(UTC))
    beside = [office.steps.run(office.bell), live(office, many, rate)]
    return await run_beside(application(office), address.parse(listen), beside, [office.close])


async def live(office: Office, many: Many, rate: int) -> None:
    """Every branch once, then `rate` of them a second tell their queues anew; a few say nothing more."""
    random = Random(1)
    bank = [(place, ailment(random, many.ill)) for place in many.places()]
    for place, ails in bank:
        tell(office.picture, place, ails, random)
    said = [
        queues(place, datetime.now(UTC), random, ails) for place, ails in bank if ails not in GONE
    ]
    number, due = 0, asyncio.get_running_loop().time()
    while True:
        for _ in range(int(rate * TICK_S) if said else 0):
            one, at = said[number % len(said)], datetime.now(UTC)
            office.picture.queues(one.branch, structs.replace(one, at=at), at)
            number += 1
        office.picture.fall_silent(datetime.now(UTC))
        office.bell.ring()
        due += TICK_S
        await asyncio.sleep(due - asyncio.get_running_loop().time())


def tell(picture: Picture, place: Place, ails: str, random: Random) -> None:
    if ails == "never":
        return
    at = datetime.now(UTC) - (timedelta(minutes=random.randrange(1, 90)) if ails in GONE else NOW)
    picture.birth(birth(place, at, offline=ails == "offline"), at)
    picture.health(place.branch, health(at, random, ails), at)
    picture.queues(place.branch, queues(place, at, random, ails), at)


if __name__ == "__main__":
    sys.exit(main())
