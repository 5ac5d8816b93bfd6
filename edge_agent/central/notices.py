"""Messages from head office to the hall and the counters. What is known follows from what was said, in any order."""

from datetime import datetime

import msgspec

from edge_agent.messages import Notice, NoticeDocument, WithdrawalDocument

MOST = 20  # at once; more can be read by nobody


class Notices(msgspec.Struct, frozen=True):
    """By id. `withdrawn`: ids, and until when they must be remembered."""

    shown: dict[str, Notice] = {}
    withdrawn: dict[str, datetime] = {}

    def after(self, document: NoticeDocument | WithdrawalDocument, now: datetime) -> "Notices":
        """What is known then; the same object when it is no news, or there is no room."""
        if document.until <= now:
            return self
        if isinstance(document, WithdrawalDocument):
            return self if document.id in self.withdrawn else self._without(document)
        known = document.id in self.shown or document.id in self.withdrawn
        if known or len(self.shown) >= MOST:
            return self
        return Notices({**self.shown, document.id: _notice(document)}, self.withdrawn)

    def at(self, now: datetime) -> "Notices":
        """Without those that are over; the same object while there are none."""
        shown = {id_: one for id_, one in self.shown.items() if one.until > now}
        withdrawn = {id_: until for id_, until in self.withdrawn.items() if until > now}
        nothing = (len(shown), len(withdrawn)) == (len(self.shown), len(self.withdrawn))
        return self if nothing else Notices(shown, withdrawn)

    def pages(self, now: datetime) -> list[Notice]:
        """Those not over, the urgent first, then the latest; also those still to begin: pages know the time."""
        left = [one for one in self.shown.values() if one.until > now]
        return sorted(left, key=lambda one: (not one.urgent, -one.begins.timestamp(), one.id))

    def _without(self, document: WithdrawalDocument) -> "Notices":
        shown = {id_: one for id_, one in self.shown.items() if id_ != document.id}
        return Notices(shown, {**self.withdrawn, document.id: document.until})


def _notice(document: NoticeDocument) -> Notice:
    return Notice(
        id=document.id,
        begins=document.begins,
        until=document.until,
        words=document.words,
        where=list(document.where),
        urgent=document.urgent,
    )
