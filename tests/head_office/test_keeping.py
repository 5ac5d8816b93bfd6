"""What has been kept for long enough goes, and nothing else: in SQLite and PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from edge_agent.messages import NoticeDocument
from head_office import settings as office_settings
from head_office.access import Person, Role
from head_office.accounts import audit, tables as account_tables
from head_office.alerts.book import AlertBook
from head_office.alerts.rules import Trouble
from head_office.alerts.tables import alert, step
from head_office.alerts.watch import Begun, Changes
from head_office.keeping import Forgetting
from head_office.ledger import Ledger
from head_office.rollout.book import Deed, OfficeNotice, RolloutBook
from head_office.rollout.plan import Plan, Stage
from head_office.settings import Keeping, Store
from head_office.store import open_ledger
from program.settings_file import SettingsError
from tests.conftest import demo_config, wait_for
from tests.head_office.conftest import House
from tests.head_office.rollout.pem import OfficeKey

ALL = Person("all", Role.MANAGER)
NOW = datetime.now(UTC)  # the database's own clock guards the audit
DAYS = Keeping(alerts_days=100, audit_days=1000)


EARLIER = {
    "sqlite": [
        "CREATE TRIGGER audit_stays BEFORE DELETE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit only grows'; END $$",
        "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
    ],
}


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def ended(book: AlertBook, branch: str, days: float) -> None:
    """An alert that ended so many days ago."""
    key = (branch, "silent", "")
    book.keep(Changes(begun={key: Begun("East", Trouble("silent"), ago(days + 1))}), ago(days + 1))
    book.keep(Changes(ended={key: ago(days)}), ago(days))  # type: ignore[dict-item]


def count(ledger: Ledger, table: sa.Table) -> int:
    with ledger.engine.connect() as to:
        return int(to.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def look(ledger: Ledger, book: AlertBook, rollouts: RolloutBook | None = None) -> None:
    asyncio.run(Forgetting(DAYS, book, rollouts, ledger.engine, lambda: NOW).look())


def rolled_out(book: RolloutBook, days: float) -> int:
    """A version made so many days ago, its rollout done, and a message that was over then."""
    done = partial(Deed, at=ago(days), who="lin")
    number = book.make("", "", done(what="version made"), 0)
    plan = Plan(
        version=number, stages=[Stage(everywhere=True)], healthy_h=None, when="now", not_before=None,
        state="done", at=0, since=ago(days), before=number - 1,
    )  # fmt: skip
    book.keep_plan(plan, done(what="done", version=number))
    document = NoticeDocument(
        id=f"n{number}", branch="", begins=ago(days + 1), until=ago(days), words={"en": "Hello"}, where=["hall"],
    )  # fmt: skip
    notice = OfficeNotice(document=document, to=Stage(everywhere=True), made_by="lin", made_at=ago(days + 1))  # fmt: skip
    book.keep_notice(notice, done(what="message", detail="Hello"))
    return number


def test_alerts_go_by_their_end(ledger: Ledger) -> None:
    account_tables.create(ledger.engine)
    book = AlertBook(ledger.engine, telling=True)
    ended(book, "old", 101)
    ended(book, "young", 99)
    for_ever = {("open", "silent", ""): Begun("East", Trouble("silent"), ago(5000))}
    book.keep(Changes(begun=for_ever), ago(5000))  # type: ignore[arg-type]
    look(ledger, book)
    assert [one.branch for one in book.find(ALL, open_only=False)] == ["open", "young"]
    assert (count(ledger, alert), count(ledger, step)) == (2, 3)


def test_who_did_what_in_rollouts_goes_and_what_branches_run_stays(ledger: Ledger) -> None:
    """A branch may still run the oldest version, and going back ends at one that was done."""
    account_tables.create(ledger.engine)
    alerts, book = AlertBook(ledger.engine, telling=False), RolloutBook(ledger.engine)
    for days in (1001, 999):
        rolled_out(book, days)
    look(ledger, alerts, book)
    assert [(one.what, one.at) for one in book.deeds()] == [
        (what, ago(999)) for what in ("message", "done", "version made")
    ]
    assert [one.document.id for one in book.notices(ago(2000))] == ["n2"]
    assert [one.version for one in book.versions()] == [2, 1]
    assert book.last_done(2) == 1


def test_head_office_does_it_by_itself(house: House) -> None:
    (house.folder / "specimen.toml").write_text(demo_config("branch.toml"), encoding="utf-8")
    key = OfficeKey(house.folder / "office.pem")
    more = (
        "\n[keeping]\nalerts_days = 100\naudit_days = 1000\n"
        f'[rollout]\nkey = "{key.file}"\nspecimen = "{house.folder / "specimen.toml"}"\n'
    )
    office = house.office("mqtt://127.0.0.1:9", start=False, more=more)
    ledger = open_ledger(Store(data=str(office.data)))
    book = AlertBook(ledger.engine, telling=False)
    ended(book, "old", 101)
    ended(book, "young", 99)
    rollouts = RolloutBook(ledger.engine)
    rolled_out(rollouts, 1001)
    office.start()
    wait_for(lambda: count(ledger, alert) == 1, "the old one to go")
    wait_for(lambda: not rollouts.deeds(), "what was done to go")
    assert [one.branch for one in book.find(ALL, open_only=False)] == ["young"]
    ledger.close()


def test_more_than_go_at_once_go_all_the_same(ledger: Ledger) -> None:
    account_tables.create(ledger.engine)
    book = AlertBook(ledger.engine, telling=False)
    ended(book, "first", 101)
    with ledger.engine.begin() as to:
        (first,) = to.execute(sa.select(alert)).mappings()
        rows = [{**first, "id": number, "branch": f"b{number}"} for number in range(10, 2510)]
        to.execute(alert.insert(), rows)
    for days in (1001, 999):
        for _ in range(1100):
            audit.record(ledger.engine, "lin", "signed-in", at=ago(days))
    look(ledger, book)
    assert count(ledger, alert) == 0
    left = audit.read(ledger.engine, None, 3)
    assert [(one.what, one.detail[:9]) for one in left] == [
        ("audit-forgotten", "100 lines"),
        ("audit-forgotten", "1000 line"),
        ("signed-in", ""),
    ]
    assert count(ledger, account_tables.audit) == 1100 + 2


def test_the_database_lets_nothing_of_the_last_year_go(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever asks: also not with an hour of head office's clock that is years ahead."""
    account_tables.create(ledger.engine)
    audit.record(ledger.engine, "lin", "signed-in", at=ago(300))
    with pytest.raises(sa.exc.SQLAlchemyError):
        audit.forget(ledger.engine, NOW, NOW)
    rollouts = RolloutBook(ledger.engine)
    rolled_out(rollouts, 300)
    desk = Forgetting(
        DAYS,
        AlertBook(ledger.engine, telling=False),
        rollouts,
        ledger.engine,
        lambda: NOW + timedelta(days=4000),
    )
    asyncio.run(desk.look())
    asyncio.run(desk.look())
    assert [one.what for one in audit.read(ledger.engine, None, 10)] == ["signed-in"]
    assert len(rollouts.deeds()) == 3
    assert caplog.text.count("What is older than [keeping] says stays for now") == 1


def test_an_audit_of_an_earlier_version_ages_too(ledger: Ledger) -> None:
    """There the triggers let nothing go."""
    account_tables.tables.create_all(ledger.engine)
    with ledger.engine.begin() as to:
        for statement in EARLIER[ledger.engine.dialect.name]:
            to.execute(sa.text(statement))
    account_tables.create(ledger.engine)
    audit.record(ledger.engine, "lin", "signed-in", at=ago(2000))
    assert audit.forget(ledger.engine, ago(1000), NOW) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("alerts_days = 0", "key 'alerts_days': expected `int` >= 30"),
        ("alerts_days = -5", "key 'alerts_days': expected `int` >= 30"),
        ("audit_days = 30", "key 'audit_days': expected `int` >= 366"),
        ("audit_days = 1000000", "key 'audit_days': expected `int` <= 36500"),
        ('audit_days = "for ever"', "key 'audit_days': expected `int`, got `str`"),
        ("days = 30", "key 'days': nobody knows it; known are alerts_days, audit_days"),
    ],
)
def test_nonsense_is_said(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "head_office.toml"
    file.write_text(demo_config("head_office.toml") + f"\n[keeping]\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as wrong:
        office_settings.load(file, listen=None, data=None, broker=None)
    assert f"section [keeping]: {said}" in str(wrong.value)
