"""The MQTT topics as an AsyncAPI 3 document. `python -m edge_agent.asyncapi` prints it; the copy for
readers is edge_agent/asyncapi.json, which a test holds to this.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from edge_agent import VERSION, messages, topics

FILE = Path(__file__).with_name("asyncapi.json")
REFS = "#/components/schemas/{name}"
# leaf -> (shape, retained, what it is for)
LEAVES: dict[str, tuple[type[msgspec.Struct], bool, str]] = {
    "birth": (messages.Birth, True, "Who the branch is. The last will is the same with offline."),
    "queues": (messages.Queues, True, "The branch as it stands; at most one a second."),
    "health": (messages.Health, True, "Every machine of the branch, on a change."),
    "events": (messages.Batch, False, "Journal entries as they happen."),
    "history": (messages.Batch, False, "Journal entries that an outage has held back."),
    "ack": (messages.Ack, True, "From head office: everything up to here is committed."),
    "command": (messages.Command, False, "From head office: rebirth, resend, config, message."),
}


def document() -> dict[str, Any]:
    """AsyncAPI 3.0."""
    signed = (messages.ConfigDocument, messages.NoticeDocument, messages.WithdrawalDocument)
    shapes = [*{shape for shape, _, _ in LEAVES.values()}, messages.Event, *signed]
    _, schemas = msgspec.json.schema_components(
        sorted(shapes, key=lambda s: s.__name__), ref_template=REFS
    )
    schemas["Batch"]["properties"]["events"]["items"] = {"$ref": REFS.format(name="Event")}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Lobby: a branch over MQTT", "version": VERSION},
        "channels": {leaf: _channel(leaf) for leaf in LEAVES},
        "operations": {leaf: _operation(leaf) for leaf in LEAVES},
        "components": {"messages": {leaf: _message(leaf) for leaf in LEAVES}, "schemas": schemas},
    }


def _channel(leaf: str) -> dict[str, Any]:
    return {
        "address": f"{topics.ROOT}/{{shard}}/{{branch}}/{leaf}",
        "parameters": {
            "shard": {"description": f"two digits: CRC-32 of the branch id modulo {topics.SHARDS}"},
            "branch": {"description": f"the branch id, {topics.BRANCH_ID}"},
        },
        "messages": {leaf: {"$ref": f"#/components/messages/{leaf}"}},
    }


def _operation(leaf: str) -> dict[str, Any]:
    """As the branch does it."""
    return {
        "action": "send" if leaf in topics.FROM_BRANCH else "receive",
        "channel": {"$ref": f"#/channels/{leaf}"},
        "bindings": {"mqtt": {"qos": 1, "retain": LEAVES[leaf][1], "bindingVersion": "0.2.0"}},
    }


def _message(leaf: str) -> dict[str, Any]:
    shape, _, about = LEAVES[leaf]
    return {
        "contentType": "application/json",
        "summary": about,
        "payload": {"$ref": REFS.format(name=shape.__name__)},
    }


def text() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
