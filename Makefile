# make help shows the targets.

.PHONY: help check tools guests format vet test bench

help:
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

check: tools guests format vet test ## what CI runs: installs and fetches what is missing, checks and tests everything

tools: ## install the Debian packages that the tests need
	scripts/tools

guests: ## fetch Debian's Linux for the tests
	scripts/guests

format: ## fail if a file is not gofmt-ed
	@files=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$files" || { echo "not formatted: $$files"; exit 1; }

vet:
	go vet ./...

bench: ## speed beside qemu, as tables
	go run ./internal/testing/bench

test: ## all tests
	go test -timeout 20m ./...

torture: ## tests with a count, TIMES (1) the full one; random instructions against qemu, for SECONDS (3600) from SEED (1)
	REPRISE_TORTURE=$(or $(TIMES),1) go test -timeout 0 ./...
	go test ./vm/riscv -run 'TestDifferential$$' -v -timeout 0 -seed $(or $(SEED),1) -for $(or $(SECONDS),3600)s
