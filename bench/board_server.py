"""Head office's web application over a picture that changes by itself, for the bench of the board.

python -m bench.board_server HOST:PORT FOLDER BRANCHES CHANGES_A_SECOND
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import uvloop

from bench.many_branches import Many, birth, health, queues
from head_office.__main__ import wired
from head_office.office import Office
from head_office.register import Register
from head_office.settings import Http, Settings, Store
from head_office.store import open_ledger
from head_office.web import application
from program import address
from program.broker import Broker
from program.server import run_beside

TICK_S = 0.05


def main() -> int:
    listen, folder, branches, rate = sys.argv[1:]
    return uvloop.run(serve(listen, Path(folder), int(branches), int(rate)))


async def serve(listen: str, folder: Path, branches: int, rate: int) -> int:
    settings = Settings(
        http=Http(listen=listen),
        store=Store(data=str(folder)),
        broker=Broker(url="mqtt://127.0.0.1:1"),
    )
    file = folder / "branches.csv"
    many = Many(branches)
    many.write_list(file)
    office = wired(settings, open_ledger(settings.store), Register(file))
    office.picture.place(datetime.now(UTC))
    beside = [office.steps.run(office.bell), live(office, many, rate)]
    return await run_beside(application(office), address.parse(listen), beside, [office.close])


async def live(office: Office, many: Many, rate: int) -> None:
    """Every branch once, then `rate` of them a second tell their queues anew."""
    random, places = Random(1), list(many.places())
    for place in places:
        at = datetime.now(UTC)
        office.picture.birth(birth(place, at), at)
        ill = random.random() < many.ill
        office.picture.health(place.branch, health(at, random, down=ill), at)
        office.picture.queues(place.branch, queues(place, at, random, slow=ill), at)
    said = [queues(place, datetime.now(UTC), random) for place in places]
    number, due = 0, asyncio.get_running_loop().time()
    while True:
        for _ in range(int(rate * TICK_S)):
            one = said[number % len(said)]
            office.picture.queues(one.branch, one, datetime.now(UTC))
            number += 1
        office.bell.ring()
        due += TICK_S
        await asyncio.sleep(due - asyncio.get_running_loop().time())


if __name__ == "__main__":
    sys.exit(main())
