# `make demo` and `make test` do all their set-up by themselves; see README.md.
PORT ?= 8000
export PORT
PYTHON = .venv/bin/python
# One more than the cores: many tests wait for a browser or for the portal's own processes.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: demo test check fix bench

demo:
	@bin/setup demo
	@exec $(PYTHON) -m participons.supervisor --demo

test:
	@bin/setup test
	$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check:
	@bin/setup test
	bin/check

fix:
	@bin/setup test
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format
	$(PYTHON) -m djlint templates --reformat --quiet

bench:
	@bin/setup test
	$(PYTHON) -m bench $(ARGS)
