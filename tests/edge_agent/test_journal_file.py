"""What becomes of the journal's file under the agent's feet."""

import shutil

import pytest

from program import settings_file
from tests.edge_agent.conftest import Agent


def test_tickets_are_refused_once_the_journals_folder_has_been_deleted(own_agent: Agent) -> None:
    own_agent.issue()
    shutil.rmtree(own_agent.data)
    answer = own_agent.http.post(
        "/api/v1/tickets",
        json={"service": "cash"},
        headers={"Authorization": "Bearer demo-kiosk"},
    )
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:lobby:problem:not-recorded")
    assert own_agent.http.get("/healthz").status_code == 503


class Lamp(settings_file.Section, frozen=True):
    watts: int


def test_a_settings_file_with_a_byte_order_mark_is_read(tmp_path) -> None:
    file = tmp_path / "lamp.toml"
    file.write_bytes(b"\xef\xbb\xbfwatts = 5\r\n")
    assert settings_file.load(file, Lamp).watts == 5


def test_a_settings_file_in_another_encoding_says_what_to_do(tmp_path) -> None:
    file = tmp_path / "lamp.toml"
    file.write_bytes("# 灯\nwatts = 5\n".encode("gb18030"))
    with pytest.raises(settings_file.SettingsError, match="save it as UTF-8"):
        settings_file.load(file, Lamp)
