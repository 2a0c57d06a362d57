# make help lists the targets.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X reprise/internal/cli.release=$(VERSION)
PREFIX := /usr/local
SEED := 1
SECONDS := 3600
SHARE = $(DESTDIR)$(PREFIX)/share

.PHONY: help check tools guests tidy lint cross test torture bench fuzz demo man install dist picture

help:
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

check: tools guests tidy lint cross test ## what CI runs: installs and fetches what is missing, checks and tests everything

tools: ## install the Debian packages that the tests need
	scripts/tools

guests: ## fetch Debian's Linux for the tests
	scripts/guests

tidy: ## fail if go.mod is not what the source needs
	go mod tidy -diff

lint: ## format and linters (.golangci.yml)
	scripts/lint

cross: ## build for the systems that are not tested
	GOOS=darwin GOARCH=arm64 go build ./...
	GOOS=windows GOARCH=amd64 go build ./...

bench: ## speed beside qemu, as tables
	go run ./internal/testing/bench

test: ## all tests
	go test -timeout 20m ./...

torture: ## tests with a count, TIMES (1) the full one; random instructions against qemu, for SECONDS (3600) from SEED (1)
	REPRISE_TORTURE=$(or $(TIMES),1) go test -timeout 0 ./...
	go test ./vm/riscv -run 'TestDifferential$$' -v -timeout 0 -seed $(or $(SEED),1) -for $(or $(SECONDS),3600)s

fuzz: ## every fuzz target, a minute each (FUZZTIME=10s: another time)
	scripts/fuzz $(FUZZTIME)

demo: ## record the bundled recording anew
	scripts/demo

picture: ## make the README's picture of the interface anew
	scripts/picture

man: ## manual pages and shell completions, into build/share
	go run -ldflags '$(LDFLAGS)' . man build/share

install: man ## install with manual pages and completions (PREFIX, DESTDIR)
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o build/reprise .
	install -D build/reprise $(DESTDIR)$(PREFIX)/bin/reprise
	install -D -m 644 -t $(SHARE)/man/man1 build/share/man1/*
	install -D -m 644 build/share/completions/reprise.bash $(SHARE)/bash-completion/completions/reprise
	install -D -m 644 -t $(SHARE)/zsh/site-functions build/share/completions/_reprise
	install -D -m 644 -t $(SHARE)/fish/vendor_completions.d build/share/completions/reprise.fish

dist: ## release binaries with SHA256SUMS, into dist/
	scripts/dist $(VERSION)
