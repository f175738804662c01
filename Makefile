# Everything here works with git, make, Node (>= 20.19) and npm alone, as root and as an ordinary user.
# Arguments for a target: make logs args="-f"
.DEFAULT_GOAL := help
SHELL := /bin/sh
args ?=
RIG := node bin/rig.js
SOURCES := $(shell find src commands bench -name node_modules -prune -o -name '*.ts*' -print) config.sample.ts tsconfig.json tsconfig.build.json bin/prepare.js

.PHONY: help up down status dev build pack logs yarn test test-unit test-real test-long lint bench clean

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Install scripts are never needed: every binary that rig uses ships inside its package.
node_modules/.installed: package-lock.json
	npm ci --include=dev --ignore-scripts --no-audit --no-fund
	@touch $@

dist/.built: node_modules/.installed $(SOURCES)
	node bin/prepare.js
	@touch $@

build: dist/.built ## compile to dist/ where a source is newer

up: build ## install what is missing, build, start the whole platform, detached
	@.ci/install up
	@$(RIG) up --detach $(args)

down: build ## stop the platform
	@$(RIG) down $(args)

status: build ## where everything is
	@$(RIG) status $(args)

dev: build ## run in the foreground, again after each change of a source
	@node_modules/.bin/tsc -p tsconfig.build.json --outDir dist --watch --preserveWatchOutput & compiler=$$!; \
	trap 'kill $$compiler 2>/dev/null || true' EXIT; node --watch --watch-preserve-output bin/rig.js up $(args)

logs: build ## the platform's log; args="-f" follows it
	@$(RIG) logs $(args)

pack: build ## an installable rig-*.tgz, its dependencies pinned by a shrinkwrap
	@cp package-lock.json npm-shrinkwrap.json; npm pack --ignore-scripts $(args); status=$$?; rm -f npm-shrinkwrap.json; exit $$status

yarn: ## run the package manager: make yarn args="outdated"
	@npm $(args)

test: build ## install what the tests need and run them all
	@.ci/install test
	@node_modules/.bin/vitest run $(args)

test-unit: build ## the tests that need no server
	@node_modules/.bin/vitest run --project unit $(args)

test-real: build ## the tests against real servers and processes
	@.ci/install test
	@node_modules/.bin/vitest run --project real $(args)

test-long: build ## all tests, the long ones (fuzzing, soak) at full length
	@.ci/install test
	@RIG_TEST_LONG=1 node_modules/.bin/vitest run $(args)

lint: build ## format, types, unused code, the package's shape
	@npm run --silent lint

bench: build ## all benchmarks, or one: make bench args="NAME --json"
	@.ci/install test
	@node dist/bench/main.js $(args)

clean: ## remove what was built and installed here (never .rig, the data)
	rm -rf dist dist.* node_modules bench/node_modules .tools coverage
