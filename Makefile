# Lobby. `make` alone prints the words.

PY := .venv/bin/python
SECONDS ?=

.PHONY: words setup demo test check bench torture torture-fleet gallery lock
words:
	@echo "make demo            one whole branch on this machine, alive; SECONDS=60 ends by itself"
	@echo "make test            every test"
	@echo "make check           format, lint, types, import law"
	@echo "make bench           measures, as JSON lines"
	@echo "make torture         kills, power cuts, full disks and wrong clocks; ARGS=\"--kills 1000\""
	@echo "make torture-fleet   the same with brokers, head office and databases; ARGS=\"--kills 1000 --seed 1\""
	@echo "make gallery         the pictures of the README, taken anew"
	@echo "make setup           only install what is missing"
	@echo "make lock            renew requirements.lock from pyproject.toml"

setup:
	@scripts/setup.sh

demo: setup
	@exec $(PY) -m demo $(if $(SECONDS),--seconds $(SECONDS))

test:
	@scripts/setup.sh test
	$(PY) -m pytest -n logical --dist loadfile --no-loadscope-reorder

check:
	@scripts/setup.sh
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pytest -q tests/test_import_law.py

bench:
	@scripts/setup.sh test
	@$(PY) -m bench

torture:
	@scripts/setup.sh test
	@$(PY) -m torture $(ARGS)

torture-fleet:
	@scripts/setup.sh test
	@$(PY) -m torture_fleet $(ARGS)

gallery:
	@scripts/setup.sh test
	$(PY) -m tests.kiosk.gallery docs/gallery --readme
	$(PY) -m tests.whole_branch.picture docs/branch.png

lock:
	@scripts/setup.sh
	$$(command -v uv || echo .uv/bin/uv) pip compile --quiet --universal --generate-hashes --no-header \
		pyproject.toml --extra dev --override overrides.txt -o requirements.lock
