# The short way to everything: each target installs what is missing, then calls CMake or a script.
# The long way is CMakePresets.json.
.PHONY: build demo test fuzz soak bench install schema format clean help

PREFIX ?= /usr/local
FUZZ_SECONDS ?= 600
SOAK_SECONDS ?= 600
BENCH_RECORDS ?= 240000
BENCH_MOST ?= 1000000

build: ## the library and the tool, optimised and without the sled crate: build/release/mia
	@tools/bootstrap.sh build
	@tools/build.sh release --target mia_tool mia_static mia_shared

demo: build ## move a sled database of 100,000 records to libmdbx, prove it, show it
	@tools/demo.sh build/release/mia

test: ## every test: optimised, under ASan + UBSan, under TSan; each fuzzer for 30 seconds
	@tools/bootstrap.sh test
	@tools/test.sh transition asan tsan
	@tools/fuzz.sh 30

fuzz: ## each fuzzer for FUZZ_SECONDS (600): fuzz/README.md
	@tools/bootstrap.sh test
	@tools/fuzz.sh $(FUZZ_SECONDS)

soak: ## stops of the machine and calls that fail, with fresh seeds, for SOAK_SECONDS (600)
	@tools/bootstrap.sh test
	@tools/build.sh transition -DMIA_TESTS=ON --target crash_states faults
	@tools/crash.sh $(SOAK_SECONDS)

bench: ## measure against the limits of this machine; report: docs/performance.md, build/performance.html
	@tools/bootstrap.sh bench
	@tools/build.sh transition --target mia_tool bench
	@REPORT=build MOST=$(BENCH_MOST) bench/run.sh build/transition $(BENCH_RECORDS) && cp build/performance.md docs/performance.md

install: build ## into PREFIX (/usr/local), below DESTDIR if that is set
	@cmake --install build/release --prefix "$(PREFIX)"

schema: ## print records.h, view.h and view_inline.h of include/mia/ anew from src/model/schema.def
	@tools/bootstrap.sh build
	@tools/build.sh release --target schema

format: ## clang-format over every C file
	@tools/bootstrap.sh format
	@find include src tests bench examples fuzz native -name '*.[ch]' -exec clang-format -i {} +

clean: ## remove what was built and what the demo made
	@rm -rf build demo

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 16
