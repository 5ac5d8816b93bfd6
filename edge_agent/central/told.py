"""What pages and head office are told of configuration and messages; kept up by central.py."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import structs

from edge_agent.central.kept import Kept
from edge_agent.central.notices import Notices
from edge_agent.messages import Notice, OfConfig


@dataclass(slots=True)
class FromOffice:
    """`why_wait` of the configuration that waits; `doubt`: why the last one was not believed."""

    kept: Kept = field(default_factory=Kept)
    why_wait: str = ""
    doubt: OfConfig | None = None
    notices: Notices = field(default_factory=Notices)

    def shown(self, now: datetime) -> list[Notice]:
        return self.notices.pages(now)

    @property
    def config_keys(self) -> dict[str, Any]:
        """As a birth and the queues say it."""
        return structs.asdict(self.config)

    @property
    def config(self) -> OfConfig:
        """The version that really runs, and what became of the one that was heard of last."""
        kept, verdict = self.kept, self.kept.verdict
        version = kept.version
        if kept.waiting is not None:
            return OfConfig(
                config_version=version,
                config_about=kept.waiting.version,
                config_state="waiting",
                config_reason=self.why_wait,
            )
        if kept.trying is not None:
            return OfConfig(config_version=version, config_about=version, config_state="trying")
        if self.doubt is not None:
            return self.doubt
        if verdict is not None and verdict.version > (kept.running.version if kept.running else 0):
            return OfConfig(
                config_version=version,
                config_about=verdict.version,
                config_state=verdict.state,
                config_reason=verdict.reason,
            )
        return OfConfig(
            config_version=version,
            config_about=version,
            config_state="running" if version else "",
        )
