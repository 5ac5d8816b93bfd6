"""Alerts in the ledger's database: each once from its beginning to its end, what people did, and what is to be told on."""

import sqlalchemy as sa

tables = sa.MetaData()
alert = sa.Table(
    "alert",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("branch", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),  # where the branch is; was when it ended
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),  # JSON
    sa.Column("began", sa.Text, nullable=False),
    sa.Column("ended", sa.Text),
    sa.Column("acknowledged", sa.Text),
    sa.Column("acknowledged_by", sa.Text),
    sa.Column("assigned_to", sa.Text),
)
sa.Index(
    "alert_open",
    alert.c.branch,
    sqlite_where=alert.c.ended.is_(None),
    postgresql_where=alert.c.ended.is_(None),
)
step = sa.Table(
    "alert_step",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("alert", sa.Integer, sa.ForeignKey(alert.c.id), nullable=False, index=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)
call = sa.Table(
    "alert_call",  # what the bank's own system has not been told yet
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)


def create(engine: sa.Engine) -> None:
    tables.create_all(engine)
