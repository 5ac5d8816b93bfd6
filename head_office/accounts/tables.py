"""The tables of accounts, in the ledger's database. Moments are seconds since 1970 in UTC."""

import sqlalchemy as sa

from head_office.accounts.settings import AUDIT_DAYS

tables = sa.MetaData()
account = sa.Table(
    "account",
    tables,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("key", sa.String(64), nullable=False, unique=True),  # the name as it is compared
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("regions", sa.Text),  # JSON; empty is all
    sa.Column("password", sa.Text),  # empty for who signs in elsewhere
    sa.Column("password_until", sa.Float),  # of a password that is good once, to set one's own
    sa.Column("factor", sa.LargeBinary),  # the second factor's secret, sealed
    sa.Column("new_factor", sa.LargeBinary),  # one that no code has confirmed yet
    sa.Column("subject", sa.Text, unique=True),  # who they are at the bank's provider
    sa.Column("made", sa.Float, nullable=False),
    sa.Column("signed_in", sa.Float),
)
session = sa.Table(
    "account_session",
    tables,
    sa.Column("id", sa.String(64), primary_key=True),  # the hash of the cookie
    sa.Column("account", sa.String(32), nullable=False, index=True),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("made", sa.Float, nullable=False),
    sa.Column("seen", sa.Float, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("agent", sa.String(256), nullable=False),
)
recovery_code = sa.Table(
    "account_recovery_code",
    tables,
    sa.Column("account", sa.String(32), primary_key=True),
    sa.Column("hash", sa.String(64), primary_key=True),
)
used_code = sa.Table(
    "account_used_code",  # the steps of time whose code has been used
    tables,
    sa.Column("account", sa.String(32), primary_key=True),
    sa.Column("step", sa.BigInteger, primary_key=True, autoincrement=False),
)
device = sa.Table(
    "account_device",  # the browsers in which somebody has signed in
    tables,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(32), primary_key=True),
    sa.Column("until", sa.Float, nullable=False),
)
pause = sa.Table(
    "account_pause",
    tables,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("wrong", sa.Integer, nullable=False),
    sa.Column("last", sa.Float, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)
started = sa.Table(
    "account_oidc_started",  # sign-ins that are at the bank's provider now
    tables,
    sa.Column("state", sa.String(64), primary_key=True),  # its hash
    sa.Column("browser", sa.String(64), nullable=False),  # the hash of its cookie
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("verifier", sa.String(128), nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)
audit = sa.Table(
    "audit",
    tables,
    sa.Column(
        "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True
    ),  # SQLite numbers an INTEGER only
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("person", sa.String(64), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("what", sa.String(64), nullable=False, index=True),
    sa.Column("of", sa.String(256), nullable=False),
    sa.Column("detail", sa.String(1024), nullable=False),
    sqlite_autoincrement=True,
)

# a line that is old enough may go (audit.forget): whatever somebody configures, not a younger one. Triggers of an
# earlier version let none go
STAYS = {
    "sqlite": [
        "CREATE TRIGGER IF NOT EXISTS audit_stays_as_it_is BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END",
        f"CREATE TRIGGER IF NOT EXISTS audit_stays_{AUDIT_DAYS}_days BEFORE DELETE ON audit "
        f"WHEN OLD.at > strftime('%Y-%m-%dT%H:%M:%S', 'now', '-{AUDIT_DAYS} days') "
        "BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END",
        "DROP TRIGGER IF EXISTS audit_stays",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit only grows'; END $$",
        "CREATE OR REPLACE FUNCTION audit_stays_for_long() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF OLD.at > to_char(now() AT TIME ZONE 'UTC' - interval "
        f"'{AUDIT_DAYS} days', 'YYYY-MM-DD\"T\"HH24\\:MI\\:SS') "
        "THEN RAISE EXCEPTION 'the audit only grows'; END IF; RETURN OLD; END $$",
        "CREATE OR REPLACE TRIGGER audit_stays_days BEFORE DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_stays_for_long()",
        "CREATE OR REPLACE TRIGGER audit_stays BEFORE UPDATE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
    ],
}


def create(engine: sa.Engine) -> None:
    """The tables, and what keeps the audit's rows as they are."""
    with engine.begin() as to:
        tables.create_all(to)
        for statement in STAYS[engine.dialect.name]:
            to.execute(sa.text(statement))
