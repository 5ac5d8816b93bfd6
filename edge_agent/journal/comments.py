"""What customers wrote to their ratings, in two notes each: the words under their ticket, and under the number of the
rating's entry whose they are. The second puts them in order: the newest are found without looking for the others.
"""

import sqlite3
from typing import NamedTuple

from edge_agent.journal.entries import Entry


class Comment(NamedTuple):
    """The words, and the entry of the rating they belong to."""

    rating: Entry
    words: str


def keep(writer: sqlite3.Connection, ticket: str, words: str, rating: int) -> None:
    """`rating`: the number of its entry."""
    notes = ((f"comment:{ticket}", words), (f"comment-at:{rating:019d}", ticket))
    writer.executemany("INSERT OR REPLACE INTO note VALUES (?, ?)", notes)


def newest(reader: sqlite3.Connection, before: int, limit: int) -> list[Comment]:
    """The newest first, of ratings before this number."""
    rows = reader.execute(
        "SELECT seq, type, body, words.value FROM note AS place "
        "CROSS JOIN event ON seq = CAST(substr(place.name, 12) AS INTEGER) "
        "CROSS JOIN note AS words ON words.name = 'comment:' || place.value "
        "WHERE place.name >= 'comment-at:' AND place.name < ? ORDER BY place.name DESC LIMIT ?",
        (f"comment-at:{before:019d}", limit),
    )
    return [Comment(Entry(*entry), words) for *entry, words in rows]


def put_in_order(writer: sqlite3.Connection) -> None:
    """An earlier version kept the words alone."""
    counts = "SELECT sum(name GLOB 'comment:*'), sum(name GLOB 'comment-at:*') FROM note "
    words, places = writer.execute(f"{counts} WHERE name GLOB 'comment*'").fetchone()
    if words != places:
        writer.execute(
            "INSERT OR IGNORE INTO note SELECT printf('comment-at:%019d', seq), ticket FROM note "
            "CROSS JOIN event ON ticket = substr(name, 9) AND type = 'TicketRated' "
            "WHERE name GLOB 'comment:*'"
        )


def forget_beside_tickets(writer: sqlite3.Connection) -> None:
    """What a customer wrote to a rating, and the reference of an appointment, leave with their ticket; so does what an
    earlier version left behind."""
    writer.execute(
        "DELETE FROM note WHERE (name GLOB 'comment:*' OR name GLOB 'appointment:*') AND NOT EXISTS "
        "(SELECT 1 FROM event WHERE ticket = substr(name, instr(name, ':') + 1))"
    )
    writer.execute(
        "DELETE FROM note WHERE name GLOB 'comment-at:*' AND NOT EXISTS "
        "(SELECT 1 FROM note AS words WHERE words.name = 'comment:' || note.value)"
    )
