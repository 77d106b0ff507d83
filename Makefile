# Everything starts here: `make reproduce` and `make test` need only Python >= 3.11 and make.
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin

.PHONY: reproduce verify test test-slow lint lab bench r-reference clean

reproduce: .venv/.locked      ## build the data, run the notebooks, print the verdicts
	$(BIN)/lac reproduce

verify: .venv/.locked         ## everything again from raw data, compared with the committed reference
	$(BIN)/lac verify

test: .venv/.locked           ## the fast tests
	$(BIN)/python -m pytest -n auto --dist worksteal

test-slow: .venv/.locked      ## every test, simulations included
	$(BIN)/python -m pytest -n auto -m ""

lint: .venv/.locked
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lab: .venv/.locked            ## open the notebooks in JupyterLab
	$(BIN)/lac lab

bench: .venv/.locked          ## every benchmark beside what a user would use instead (an hour, and some need PyPI)
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

r-reference: .venv/.locked    ## recompute the R reference outputs (needs R with MASS, survival, boot, vegan)
	for file in tests/reference/*.R; do Rscript $$file || exit 1; done

# uv lives beside the environment, what you add to .venv stays (--inexact)
.uv/bin/uv:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet uv==$(UV_VERSION)

.venv/.locked: uv.lock pyproject.toml | .uv/bin/uv
	env -u UV_PROJECT_ENVIRONMENT .uv/bin/uv sync --quiet --frozen --inexact --python $(PYTHON)
	@touch $@

clean:                        ## remove what was set up; data/, runs/ and figures/ stay
	rm -rf .venv .uv
