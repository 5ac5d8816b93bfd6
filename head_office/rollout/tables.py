"""Versions, plans, what each branch shall run and says it runs, messages, and who did what, in the ledger's database."""

import sqlalchemy as sa

tables = sa.MetaData()
version = sa.Table(
    "rollout_version",
    tables,
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("contents", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", sa.Text, nullable=False),
)
plan = sa.Table(
    "rollout_plan",
    tables,
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # JSON
)
branch = sa.Table(
    "rollout_branch",
    tables,
    sa.Column("branch", sa.Text, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),  # JSON: what is wanted, what it says
)
notice = sa.Table(
    "rollout_notice",
    tables,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("until", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # JSON
)
deed = sa.Table(
    "rollout_deed",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),  # empty for what the program did by itself
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)


def create(engine: sa.Engine) -> None:
    tables.create_all(engine)
