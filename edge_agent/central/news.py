"""What became of configurations, for the journal."""

from datetime import datetime

from edge_agent.branch_queue.facts import (
    ConfigurationApplied,
    ConfigurationRefused,
    ConfigurationRolledBack,
)
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.central.kept import Kept, Verdict
from edge_agent.journal import Journal

APPLIED, VERDICT = "central-applied", "central-verdict"  # notes


def news(journal: Journal, kept: Kept, queue: BranchQueue, now: datetime) -> Facts:
    """One entry for each version applied, refused, rolled back, however often the program starts. Within a transaction:
    the notes say what the entries say already."""
    facts: list[ConfigurationApplied | ConfigurationRefused | ConfigurationRolledBack] = []
    noted = applied = journal.note(APPLIED) or "0"
    if (verdict := kept.verdict) is not None:
        said = f"{verdict.version} {verdict.state}"
        if journal.note(VERDICT) != said:
            journal.keep_note(VERDICT, said)
            if verdict.state == "refused":
                facts.append(refused(queue, now, verdict.version, verdict.reason))
            else:
                applied = str(verdict.to)
                facts.append(_rolled_back(queue, now, verdict))
    if kept.version and applied != str(kept.version):
        applied = str(kept.version)
        day = queue.business_day
        facts.append(ConfigurationApplied(at=now, business_day=day, version=kept.version))
    if applied != noted:
        journal.keep_note(APPLIED, applied)
    return tuple(facts)


def refused(queue: BranchQueue, now: datetime, version: int, why: str) -> ConfigurationRefused:
    return ConfigurationRefused(
        at=now, business_day=queue.business_day, version=version, reason=why
    )


def _rolled_back(queue: BranchQueue, now: datetime, verdict: Verdict) -> ConfigurationRolledBack:
    return ConfigurationRolledBack(
        at=now,
        business_day=queue.business_day,
        version=verdict.version,
        to=verdict.to,
        reason=verdict.reason,
    )
