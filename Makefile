# oshirase: `make` says what there is.
SHELL := /bin/bash
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
DEMO ?= demo
FUZZTIME ?= 30s
FAULT_KILLS ?= 500
FAULT_MAILS ?= 8000
FAULT_LETTERS ?= 2000
FAULT_SHARED ?= 10000
FAULT_PG_KILLS ?= 200
FAULT_PG_MAILS ?= 3000
FAULT_RESTARTS ?= 20
FAULT_SHARED_LETTERS ?= 2000
FAULT_SHARED_KILLS ?= 200
FAULT_SFTP_LETTERS ?= 1000
FAULT_SFTP_KILLS ?= 200
CONTRACTS ?= 44855

.PHONY: help build demo test test-long load audit-load sweep fault screens bench bench-letters mails month fuzz fmt lint clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## the program, as bin/oshirase
	@mkdir -p bin
	go build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/oshirase ./cmd/oshirase

demo: build ## a whole made-up month in ./demo; nothing leaves the machine
	@if [ -e $(DEMO) ] && [ ! -e $(DEMO)/demo ]; then echo "$(DEMO) was not made by the demo; move it away" >&2; exit 1; fi
	@rm -rf ./$(DEMO)
	./bin/oshirase demo --home $(DEMO)

test: ## every test, with all set-up (a throw-away PostgreSQL too)
	@bash .ci/setup.sh
	bash .ci/postgres.sh go test -count=1 ./cmd/oshirase ./batch/fault ./... # those that take longest go first

test-long: ## the long sweeps as well: every glyph, every postal code, the big lists
	@bash .ci/setup.sh
	OSHIRASE_LONG=1 bash .ci/postgres.sh go test -count=1 -tags long -timeout 60m ./...

sweep: ## every glyph, 3,000 hard names as raster, 1,000 letters read back, 200 as SVG, 100,000 barcodes against zint
	@bash .ci/setup.sh
	go test -count=1 -tags long -timeout 60m -v -run 'TestEveryGlyph|TestEveryCharacter|TestHardNames|TestPlantedBox|TestZint|TestAThousand|TestTwoHundred' ./fonts ./letters/pdf ./letters/postal

screens: ## pictures of every page of the desk, in ./screens
	@bash .ci/setup.sh
	@mkdir -p screens
	go test ./cmd/oshirase -run 'Browser|Journey' -artifacts -outputdir screens

fault: ## kills, restarts and lost power at full size (FAULT_SEED replays; FAULT_KILLS, FAULT_MAILS, FAULT_LETTERS … set the size)
	@OSHIRASE_POSTFIX=1 bash .ci/setup.sh
	FAULT_FROZEN=30 FAULT_FSYNCS=3 FAULT_CLOCKED=200 FAULT_TORN=5 FAULT_KILLS=$(FAULT_KILLS) FAULT_MAILS=$(FAULT_MAILS) FAULT_LETTERS=$(FAULT_LETTERS) FAULT_SHARED=$(FAULT_SHARED) FAULT_PG_KILLS=$(FAULT_PG_KILLS) FAULT_PG_MAILS=$(FAULT_PG_MAILS) \
	  FAULT_SHARED_LETTERS=$(FAULT_SHARED_LETTERS) FAULT_SHARED_KILLS=$(FAULT_SHARED_KILLS) FAULT_PRINT_CRASHES=$(FAULT_RESTARTS) \
	  FAULT_SFTP_WORKERS=4 FAULT_SFTP_LETTERS=$(FAULT_SFTP_LETTERS) FAULT_SFTP_KILLS=$(FAULT_SFTP_KILLS) FAULT_SFTP_CRASHES=$(FAULT_RESTARTS) FAULT_RESTARTS=$(FAULT_RESTARTS) nice go test -count=1 -tags long,postfix -timeout 300m -parallel 4 -v ./batch/fault

bench-letters: ## letters as released against stock gofpdf and Typst, in turn on one core (OSHIRASE_ROUNDS=5)
	OSHIRASE_TYPST=$$(bash .ci/typst.sh) GOMAXPROCS=1 go test -count=1 -run '^$$' -bench '^BenchmarkReleased$$' -benchtime 1x -timeout 30m ./letters/pdf

mails: ## a month of 44,855 mails through the commands to a sink: accepted, twice, lost, mails/s (OSHIRASE_MAILS=N)
	@bash .ci/setup.sh
	go test -count=1 -tags long -run 'TestMails$$' -timeout 90m -v ./cmd/oshirase

bench: bench-letters ## how fast, and with how much memory
	@bash .ci/setup.sh
	bash .ci/postgres.sh go test -run '^$$' -bench . -skip '^BenchmarkReleased$$' -benchmem ./...

month: build ## a whole month as large as the real one, with time and memory of each step (CONTRACTS=44855, some 6 GB of disk)
	python3 .ci/month.py --contracts $(CONTRACTS) bin/oshirase

load: ## fifty agents at the desk for a minute, on PostgreSQL with a million letters and fsync on
	@bash .ci/setup.sh
	PG_DURABLE=on bash .ci/postgres.sh go test -tags load -run TestLookUpsUnderLoad -v -count=1 -timeout 60m ./cmd/oshirase

audit-load: ## the pages and commands of 監査 over a chain of a million records, on both storages, with peak memory (OSHIRASE_AUDIT_RECORDS=N)
	@bash .ci/setup.sh
	PG_DURABLE=on bash .ci/postgres.sh go test -tags load -run 'TestAuditOfAMillion|TestAuditAppends' -v -count=1 -timeout 60m ./cmd/oshirase

fuzz: ## each fuzz target for FUZZTIME (30s)
	@set -e; grep -rlE '^func Fuzz' --include='*_test.go' . | sort | while read -r f; do \
	  grep -oE '^func Fuzz[A-Za-z0-9]+' "$$f" | cut -d' ' -f2 | while read -r name; do \
	    echo "$$(dirname $$f) $$name"; go test "$$(dirname $$f)" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME); done; done

fmt: ## gofmt everything
	gofmt -w .

lint: ## gofmt and vet, changing nothing
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...

clean: ## removes bin and the demo, and no home of yours
	rm -rf bin
	@if [ -e $(DEMO)/demo ]; then rm -rf ./$(DEMO); fi
