"""What history has been made of, kept in the ledger's database."""

import sqlalchemy as sa

tables = sa.MetaData()
part = sa.Table(
    "history_part",  # the files that hold a part of a day now: those of this generation
    tables,
    sa.Column("business_day", sa.Date, primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("generation", sa.Integer, nullable=False),
)
branch_day = sa.Table(
    "history_branch_day",  # the days of branches that are in those files
    tables,
    sa.Column("business_day", sa.Date, primary_key=True),
    sa.Column("branch", sa.String(64), primary_key=True),
    sa.Column("made_of", sa.Text, nullable=False),  # the spans of entries it was made of, as JSON
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("missing", sa.BigInteger, nullable=False),  # entries
    sa.Column("visits", sa.Integer, nullable=False),
    sa.Column("late", sa.Integer, nullable=False),  # tickets of an earlier day handed in on this
    sa.Column("made_at", sa.String(40), nullable=False),
)


def create(engine: sa.Engine) -> None:
    tables.create_all(engine)
