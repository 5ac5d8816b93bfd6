"""Who takes in what: the processes and their shards of the topic tree."""

import sqlalchemy as sa

from head_office.journals import writing
from head_office.tables import add_columns

tables = sa.MetaData()
process = sa.Table(
    "intake_process",
    tables,
    sa.Column("name", sa.String(96), primary_key=True),
    sa.Column("beat", sa.BigInteger, nullable=False),  # grows while it lives
    sa.Column("waiting", sa.BigInteger),  # messages
)
counted = sa.Table(
    "intake_counted",  # one row: what all of them have done, also those that are no more
    tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("body", sa.Text, nullable=False),  # JSON
)
lease = sa.Table(
    "intake_lease",
    tables,
    sa.Column("shard", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("owner", sa.String(96), nullable=False),
)
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('head office: intake'))"


def create(engine: sa.Engine) -> None:
    with writing(engine) as to:
        if engine.dialect.name == "postgresql":
            to.exec_driver_sql(ONE_AT_A_TIME)
        tables.create_all(to)
        add_columns(to, tables)
