# Gengfu: few verbs, each says what it does. Try `make help`.
GO        ?= go
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LINT      := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
TOOL      := $(GO) tool -modfile=tools.mod
# The race detector watches all but SQLite's own code, translated C with locks of its own: it took most of the time.
RACE      := -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false
GOFLAGS_BUILD := -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

.DEFAULT_GOAL := build
.PHONY: help build test short lint fmt demo bench golden oracle vuln deps

help: ## list the verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-7s %s\n", $$1, $$2}'

build: ## build the one static binary, ./gengfu
	@CGO_ENABLED=0 $(GO) build $(GOFLAGS_BUILD) -o gengfu ./cmd/gengfu

test: deps ## install what tests need and run them all, with the race detector
	@$(GO) build $(RACE) ./...
	@$(GO) test $(RACE) -shuffle=on -timeout 18m -p 1 ./... # one package at a time: browsers want the cores

short: deps ## the tests of everything but the browser and the drills
	@$(GO) test $$($(GO) list ./... | grep -v -e /cmd/gengfu -e /prober/chrome)

lint: ## linters, modernizers and dead code; silent when clean
	@$(LINT) run
	@$(GO) fix -diff ./...
	@out="$$($(TOOL) deadcode -test ./...)"; [ -z "$$out" ] || { echo "$$out"; echo "dead code: delete it"; exit 1; }

fmt: ## format the code
	@$(LINT) fmt

demo: deps build ## the platform, the prober and the receivers on this machine
	@./gengfu demo

bench: deps ## benchmarks, and the product against the floor; bench/run measures the peers too
	@$(GO) test -run '^$$' -bench . -benchmem ./...
	@cd bench && ./run

golden: ## write the golden files anew; review the diff as code
	@$(GO) test ./demo ./demo/sinks ./notify ./scenarios ./web -update

oracle: deps ## the interaction cases through Playwright: where it differs from us
	@cd bench && { [ -d node_modules/playwright-core ] || npm install --ignore-scripts --silent --no-progress >/dev/null; } && node oracle.mjs

vuln: ## known vulnerabilities (needs a network)
	@$(TOOL) govulncheck ./...

deps:
	@deploy/prepare.sh
