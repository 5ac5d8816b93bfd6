"""What is written down of an identity check, and that it reaches the branch, if late."""

from typing import Any, get_args

import msgspec
import pytest

from edge_agent.messages import IdentityCheck, TicketRequest
from kiosk.identity.audit import DECISIONS, Decision, engine_words, entry, to_teller
from tests.kiosk.fake_branch import FakeBranch
from tests.kiosk.test_branch_client import Kiosk, branch, run  # noqa: F401  a fixture

ENGINE = engine_words("opencv", ("SFace 2021dec",), 0.44)


@pytest.mark.parametrize("outcome", DECISIONS)
def test_every_outcome_is_a_shape_that_the_branch_takes(outcome: str) -> None:
    written = msgspec.json.encode(entry("face", outcome, ("live_too_dark", "more"), ENGINE, "1"))
    assert msgspec.json.decode(written, type=IdentityCheck).reason == "live_too_dark"


def test_a_likeness_has_no_place_in_it() -> None:
    fields = set(msgspec.json.decode(msgspec.json.encode(entry("face", "same", (), ENGINE, "1"))))
    assert fields == {"method", "decision", "engine", "consent", "reason"}


def test_the_engine_says_model_and_limit() -> None:
    assert ENGINE == "opencv: SFace 2021dec t=0.44"


@pytest.mark.parametrize("decision", get_args(Decision))
@pytest.mark.parametrize("method", ["face", "fingerprint"])
def test_what_the_teller_is_told_is_a_word_of_the_ticket(method: Any, decision: Any) -> None:
    told = to_teller(method, decision)
    asked = msgspec.json.encode(TicketRequest(service="cash", identity=told))
    assert msgspec.json.decode(asked, type=TicketRequest).identity == told
    assert (told == method) == (decision == "passed")


def test_a_check_reaches_the_branch_when_it_is_back(branch: FakeBranch) -> None:  # noqa: F811
    path = "/kiosk-1/identity-checks"

    async def story(kiosk: Kiosk) -> None:
        branch.faults["identity-checks"] = ["drop"]
        await kiosk.client.identity_checked(entry("face", "same", (), ENGINE, "1"))
        await kiosk.client.look()

    run(branch, story)
    seen = branch.seen(path)
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert seen[0][1] is not None  # under one key, so that it is one check
