"""The ledger in PostgreSQL: the whole way from a real branch, whatever is killed; and what only it refuses."""

import json
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from head_office.entries import Row
from head_office.ledger import Ledger
from head_office.settings import Store
from head_office.store import NoLedger, engine_of, open_ledger
from tests.conftest import ROOT, wait_for
from tests.head_office.conftest import House, base
from tests.head_office.postgres import Postgres

pytestmark = pytest.mark.postgresql
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def asked(store: Store, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(store.url or "") as to:
        return to.execute(question.encode()).fetchall()


def test_server_and_head_office_may_die_and_nothing_is_lost_or_doubled(
    house: House, postgres: Postgres
) -> None:
    broker, store = house.broker(), postgres.store()
    agent, office = house.agent(broker.url), house.office(broker.url, store=store)
    agent.issue(10)
    office.wait_equal(agent)
    postgres.crash()
    agent.issue(10)
    wait_for(lambda: office.http.get("/healthz").status_code == 503, "a word of it")
    assert agent.acked < agent.health()["journal_seq"]
    postgres.start()
    office.wait_equal(agent)
    office.kill()
    agent.issue(10)
    office.start()
    office.wait_equal(agent)
    numbers = asked(store, "SELECT seq FROM event ORDER BY seq")
    assert numbers == [(entry["seq"],) for entry in agent.journal()]
    config = office.words[office.words.index("--config") + 1]
    wait_for(lambda: proved(config, agent.branch) == (0, "complete"), "the proof")


def proved(config: str, branch: str) -> tuple[int, str]:
    line = [sys.executable, "-m", "head_office.proof", "--config", config, branch]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, json.loads(done.stdout)["verdict"]


def test_what_a_text_column_cannot_hold_stops_nothing(house: House, postgres: Postgres) -> None:
    broker = house.broker()
    line = house.line(broker)
    office = house.office(broker.url, store=postgres.store())
    wait_for(lambda: office.http.get("/healthz").status_code == 200, "the broker")
    entry = {"seq": 1, "at": "2026-11-23T10:00:00Z", "type": "X", "business_day": "2026-11-23"}
    strange = [
        {"epoch": "a\0b", "first_seq": 1, "events": [entry]},
        {"epoch": "e" * 65, "first_seq": 1, "events": [entry]},
        {
            "epoch": "kind",
            "first_seq": 1,
            "events": [entry | {"type": "Robot\0Danced" + "!" * 500}],
        },
        {"epoch": "day", "first_seq": 1, "events": [entry | {"business_day": "9999-12-31"}]},
        {
            "epoch": "day",
            "first_seq": 2,
            "events": [entry | {"seq": 2, "business_day": "0001-01-01"}],
        },
    ]
    first = {"epoch": "e", "first_seq": 1, "events": [entry]}

    def heard() -> bool:
        line.say(f"{base('early')}/events", first)
        return bool(office.events("early", "e"))

    wait_for(heard, "head office to listen")
    for one in strange:
        line.say(f"{base('b')}/events", one)
    line.say(f"{base('b')}/birth", {"branch": "x\0y"})
    line.say(f"{base('good')}/events", {"epoch": "e", "first_seq": 1, "events": [entry]})
    wait_for(lambda: office.events("good", "e") == [entry], "the branch that did nothing wrong")
    assert office.events("b", "kind") == strange[2]["events"]
    wait_for(lambda: office.metric("head_office_messages_set_aside") >= 3, "what is set aside")


def test_each_business_day_has_a_part_of_its_own(postgres: Postgres) -> None:
    store = postgres.store()
    ledger = open_ledger(store)
    rows = [Row("b", "e", n, "X", b"{}", MONDAY if n < 3 else TUESDAY) for n in range(1, 6)]
    ledger.write(rows, [], [])
    ledger.close()
    found = asked(
        store, "SELECT tableoid::regclass::text, count(*) FROM event GROUP BY 1 ORDER BY 1"
    )
    assert found == [("event_2026_11_23", 2), ("event_2026_11_24", 3)]


def test_a_number_that_comes_again_under_another_day_is_not_kept_twice(
    ledger: Ledger,
) -> None:
    ledger.write([Row("b", "e", 1, "X", b"{}", MONDAY)], [], [])
    again = ledger.write([Row("b", "e", 1, "X", b"{ }", TUESDAY)], [], [])
    assert again.rewritten == {("b", "e")}
    assert ledger.events("b", "e", 0, 10) == [b"{}"]


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("", "expected one of"),
        ('data = "x"\nurl = "postgresql://x/y"', "expected one of"),
        ('url = "mysql://x/y"', "postgresql://"),
    ],
)
def test_a_store_that_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, store: str, said: str
) -> None:
    done = started(tmp_path, store, "--check")
    assert (done.returncode, said in done.stderr) == (2, True)


def test_a_folder_beside_a_server_is_refused(tmp_path: Path) -> None:
    done = started(tmp_path, 'url = "postgresql://x/y"', "--data", str(tmp_path), "--check")
    assert (done.returncode, "--data" in done.stderr) == (2, True)


def test_a_server_that_is_not_there_is_said_without_the_password(tmp_path: Path) -> None:
    done = started(tmp_path, 'url = "postgresql://lobby:secret7@/x?host=/nowhere"')
    assert done.returncode == 1  # systemd tries again; 2 would be the end
    assert "cannot be opened" in done.stderr
    assert "secret7" not in done.stderr
    assert "Traceback" not in done.stderr


def started(folder: Path, store: str, *words: str) -> "subprocess.CompletedProcess[str]":
    text = (ROOT / "config/demo/head_office.toml").read_text(encoding="utf-8")
    config = folder / "head_office.toml"
    config.write_text(text.replace('data = "run/head_office"', store), encoding="utf-8")
    line = [sys.executable, "-m", "head_office", "--config", str(config), *words]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)


def test_a_server_that_takes_a_connection_and_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(NoLedger):
            open_ledger(Store(url=f"postgresql://lobby@127.0.0.1:{port}/ledger"))


def test_a_way_that_is_half_open_is_given_up_and_the_url_has_the_last_word(
    postgres: Postgres,
) -> None:
    url = str(postgres.store().url)
    for given, expected in (("", "20000"), ("&tcp_user_timeout=7000", "7000")):
        engine = engine_of(Store(url=url + given))
        with engine.connect() as to:
            raw: Any = to.connection.driver_connection
            assert raw.info.get_parameters()["tcp_user_timeout"] == expected
        engine.dispose()
