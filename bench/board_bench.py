"""The board of 5,000 branches of which 500 change every second: what its first page weighs, when it is shown, and what
300 browsers cost head office, beside the bare cost of writing the same bytes to as many.
"""

import asyncio
import re
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import sync_playwright

from bench.figures import tell, tell_times
from bench.programs import cpu_seconds, free_port, program, wait_until

BRANCHES, RATE, BROWSERS = 5000, 500, 300
FOR_S = 20.0
PAGES = 5
CHROMIUM = ("--no-sandbox", "--disable-gpu")


def run(folder: Path) -> None:
    """All figures of the board."""
    listen = f"127.0.0.1:{free_port()}"
    words = ("bench.board_server", listen, str(folder), str(BRANCHES), str(RATE))
    with program(*words) as server:
        wait_until(lambda: shows(listen))
        process = psutil.Process(server.pid)
        first_page(f"http://{listen}/")
        alone, _, _ = asyncio.run(read_by(listen, 0, process))
        crowd, seen, late = asyncio.run(read_by(listen, BROWSERS, process))
        tell("board_300_browsers_cpu", (crowd - alone) / FOR_S * 100, "% of a core", BROWSERS)
        tell("board_without_browsers_cpu", alone / FOR_S * 100, "% of a core", RATE)
        tell("board_stream_per_browser", seen / BROWSERS / FOR_S, "B/s", BROWSERS)
        tell_times("board_change_to_browser", late)
    bare = asyncio.run(written_bare(int(seen / BROWSERS / FOR_S)))
    tell("board_bare_writes_cpu", bare / FOR_S * 100, "% of a core", BROWSERS)


def first_page(url: str) -> None:
    """Bytes over the wire, and the time to the first row, in a real browser with nothing kept."""
    weights, times = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(CHROMIUM)
        )
        for _ in range(PAGES):
            context = browser.new_context(viewport={"width": 1366, "height": 768})
            page = context.new_page()
            start = time.perf_counter()
            page.goto(url, wait_until="commit")
            page.wait_for_selector("[data-branch]")
            times.append(time.perf_counter() - start)
            weights.append(
                page.evaluate(
                    "performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))"
                    ".reduce((sum, one) => sum + one.transferSize, 0)"
                )
            )
            context.close()
        browser.close()
    tell("board_first_page", max(weights) / 1000, "kB", PAGES)
    tell_times("board_first_page_shown", times)


async def read_by(
    listen: str, browsers: int, process: psutil.Process
) -> tuple[float, int, list[float]]:
    """CPU seconds of the server, bytes read, and how old each change was when it came, in s."""
    read: list[int] = []
    late: list[float] = []
    readers = [
        asyncio.create_task(reader(listen, read, late if number == 0 else None))
        for number in range(browsers)
    ]
    await asyncio.sleep(3)  # until all are there
    read.clear()
    late.clear()
    before = cpu_seconds(process)
    await asyncio.sleep(FOR_S)
    spent = cpu_seconds(process) - before
    for one in readers:
        one.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    return spent, sum(read), list(late)


async def reader(listen: str, read: list[int], late: list[float] | None) -> None:
    host, port = listen.split(":")
    from_there, to = await asyncio.open_connection(host, int(port), limit=4_000_000)
    to.write(b"GET /api/v1/board/stream?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try:
        while some := await from_there.read(256_000):
            read.append(len(some))
            if late is not None:
                ages(some, late)
    finally:
        to.close()


def ages(frame: bytes, late: list[float]) -> None:
    """Of the rows in it: a row's `seen` is cut to a whole second, so half a second is taken off."""
    now = time.time()
    for seen in re.findall(rb'"online",\d+,(\d+),', frame):
        late.append(max(0.0, now - int(seen) - 0.5))


async def written_bare(size: int) -> float:
    """CPU seconds to write so many bytes once a second to as many browsers, and nothing else."""
    port, body = free_port(), bytes(size)
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _r, to: writers.append(to), "127.0.0.1", port)
    with program("bench.board_bench", str(port), str(BROWSERS)):
        while len(writers) < BROWSERS:
            await asyncio.sleep(0.02)
        mine = psutil.Process()
        before = cpu_seconds(mine)
        for _ in range(int(FOR_S)):
            for to in writers:
                to.write(body)
            await asyncio.sleep(1)
        spent = cpu_seconds(mine) - before
    server.close()
    return spent


async def read_all(port: int, browsers: int) -> None:
    async def one() -> None:
        from_there, _ = await asyncio.open_connection("127.0.0.1", port)
        while await from_there.read(256_000):
            pass

    await asyncio.gather(*(one() for _ in range(browsers)))


def shows(listen: str) -> bool:
    """Whether the branches have told how they are."""
    with suppress(httpx.HTTPError):
        found = httpx.get(f"http://{listen}/api/v1/board", trust_env=False).json()
        return found["branches"] == BRANCHES and any(
            row[1] == "online" for row in found["standing"]
        )
    return False


if __name__ == "__main__":
    import sys

    asyncio.run(read_all(int(sys.argv[1]), int(sys.argv[2])))
