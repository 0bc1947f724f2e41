# A thin front: meson and ninja do the work.  For GNU make and BSD make.
BUILD = build
PREFIX = /usr/local
SECONDS = 600

all: deps-build
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) --prefix=$(PREFIX)
	@ninja -C $(BUILD)
	@chmod 0511 $(BUILD)/gaol-init

demo: all
	@scripts/deps demo
	@scripts/demo $(BUILD)

check:
	@scripts/deps check
	@tests/run

check-long:
	@scripts/deps check
	@GAOL_CHECK_LONG=1 tests/run

check-freebsd:
	@tests/check-freebsd

bench: all
	@scripts/deps bench
	@scripts/bench $(BUILD)

fuzz:
	@scripts/deps fuzz
	@tests/fuzz/run $(SECONDS)

install: all
	@meson configure $(BUILD) --prefix=$(PREFIX)
	@DESTDIR="$(DESTDIR)" meson install -C $(BUILD)

clean:
	rm -rf $(BUILD) build-check build-clang build-fuzz

deps-build:
	@scripts/deps build

.PHONY: all demo check check-long check-freebsd bench fuzz install clean deps-build
