# `make demo` and `make test` do all their set-up by themselves; see README.md.
PORT ?= 8000
export PORT
PYTHON = .venv/bin/python

.PHONY: demo test check fix bench

demo:
	@bin/setup demo
	@exec $(PYTHON) -m participons.supervisor --demo

test:
	@bin/setup test
	$(PYTHON) -m pytest -n auto --dist worksteal $(ARGS)

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
