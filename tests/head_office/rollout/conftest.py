"""A head office with a key, and branches that heed it."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import demo_config, wait_for
from tests.edge_agent.central.conftest import BRANCH, Branch, central_config
from tests.head_office.conftest import House, Office
from tests.head_office.rollout.pem import OfficeKey

ADMIN = {"Authorization": "Bearer demo-admin"}
API = "/api/v1/rollout"
LIST = "branch,region\nbund,East/Shanghai\nharbour,East/Ningbo\ngobi,West\n"


class Bank:
    """One broker, one head office that signs, one branch that believes it."""

    def __init__(self, house: House, trial_min: float = 0.05) -> None:
        self.house = house
        self.broker = house.broker()
        self.line = house.line(self.broker, "bank/#")
        self.key = OfficeKey(house.folder / "office.pem")
        self.office = house.office(self.broker.url, start=False)
        self._tell_office(self.key.file)
        config = central_config(self.key, trial_min)
        self.branch = Branch(house, self.broker.url, config, self.line)
        house._served(self.branch, True)
        self.office.start()
        self.office.http.headers.update(ADMIN)
        wait_for(lambda: self.office.status(BRANCH) == "online", "the branch on the board")

    def _tell_office(self, key: Path) -> None:
        specimen = self.house.folder / "specimen.toml"
        specimen.write_text(demo_config("branch.toml"), encoding="utf-8")
        file = Path(self.office.words[self.office.words.index("--config") + 1])
        section = f'\n[rollout]\nkey = "{key}"\nspecimen = "{specimen}"\n'
        file.write_text(file.read_text(encoding="utf-8") + section, encoding="utf-8")

    def ask(self, path: str, body: Any = None) -> Any:
        answer = self.office.http.post(f"{API}/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def now(self) -> Any:
        return self.office.http.get(API).raise_for_status().json()

    def says(self) -> Any:
        return next(one for one in self.now()["branches"] if one["branch"] == BRANCH)

    def make(self, contents: str, note: str = "") -> int:
        return int(self.ask("versions", {"contents": contents, "note": note})["version"])

    def begin(self, version: int, *stages: dict[str, Any], **more: Any) -> Any:
        return self.ask(f"versions/{version}/plan", {"stages": list(stages), **more})

    def wait_state(self, state: str, timeout_s: float = 30) -> Any:
        wait_for(lambda: self.now()["plan"]["state"] == state, f"the rollout {state}", timeout_s)
        return self.now()["plan"]


@pytest.fixture(scope="module")
def bank(module_house: House) -> Bank:
    return Bank(module_house)


@pytest.fixture(scope="module")
def office(module_house: House) -> Office:
    """With a key and a list of three branches, none of which ever reports."""
    made = module_house.office(f"mqtt://127.0.0.1:{9}", start=False)
    key = OfficeKey(module_house.folder / "office.pem")
    for name, text in (("list.csv", LIST), ("specimen.toml", demo_config("branch.toml"))):
        (module_house.folder / name).write_text(text, encoding="utf-8")
    file = Path(made.words[made.words.index("--config") + 1])
    more = (
        f'\n[branches]\nfile = "{module_house.folder / "list.csv"}"\n\n'
        f'[rollout]\nkey = "{key.file}"\nspecimen = "{module_house.folder / "specimen.toml"}"\n'
    )
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    made.start()
    return made
