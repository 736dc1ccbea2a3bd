# The portable core: shared object, sanitizers, ARM, fuzzer, cost. Included by the Makefile at the top; what each
# target is for stands in docs/agent-core.md.
.PHONY: core core-asan core-arm fuzz-core core-cost core-drivers need-arm need-clang need-qemu

CXX ?= g++
CORE_SOURCES := $(wildcard device_agent/core/*.cpp)
CORE_HEADERS := $(wildcard device_agent/core/*.h)
CORE_LANGUAGE := -std=c++98 -pedantic -Wall -Wextra -Werror -fno-exceptions -fno-rtti
CORE_FLAGS := $(CORE_LANGUAGE) -ffreestanding -nostdlib -fno-threadsafe-statics -fno-stack-protector \
              -fvisibility=hidden -O2
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g

# What the emulated handset loads. The report fails when the core needs more than it may.
core: build/core/libagc.so
	python3 device_agent/core/report.py build/core/libagc.so

build/core/libagc.so: $(CORE_SOURCES) $(CORE_HEADERS)
	mkdir -p build/core
	$(CXX) $(CORE_FLAGS) -fPIC -shared -o $@ $(CORE_SOURCES)

# The same sources, checked while they run: the lab suite, the agent's tests, the link faults, the differential
# test. Python takes its memory from malloc, so that a byte too far in any buffer it gives to the core is seen.
# Leaks are not looked for: the core allocates nothing, and the interpreter keeps much until it ends.
UNDER_ASAN = SYMHIL_CORE_LIBRARY=$(CURDIR)/build/core/libagc-asan.so PYTHONMALLOC=malloc \
             ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
             LD_PRELOAD=$$($(CXX) -print-file-name=libasan.so) $(PYTHON) -m pytest --quiet --timeout 600
core-asan: build/core/libagc-asan.so core $(STAMP)
	$(UNDER_ASAN) tests/lab --hil-backend emulator --hil-agent core
	$(UNDER_ASAN) tests/agent/test_sanitized.py tests/agent/test_differential.py tests/agent/test_line_faults.py \
	  tests/agent/test_rules.py tests/agent/test_contract.py tests/agent/test_core_handset.py -k "not lab_suite"

build/core/libagc-asan.so: $(CORE_SOURCES) $(CORE_HEADERS)
	mkdir -p build/core
	$(CXX) $(CORE_LANGUAGE) $(SANITIZE) -fvisibility=hidden -O1 -fPIC -shared -o $@ $(CORE_SOURCES)

# For ARM, with what the compiler of the Symbian build does by default and others do not; linked into one object,
# so that the report sees what is drawn in.
ARM := arm-none-eabi-
ARM_FLAGS := $(CORE_FLAGS) -march=armv5t -marm -mfloat-abi=soft -fno-short-enums -fshort-wchar
need-arm:
	@command -v $(ARM)g++ >/dev/null || \
	  { echo "core-arm: there is no $(ARM)g++ here: apt-get install gcc-arm-none-eabi" >&2; exit 1; }
core-arm: need-arm
	mkdir -p build/core/arm
	$(MAKE) --no-print-directory $(CORE_SOURCES:device_agent/core/%.cpp=build/core/arm/%.o)
	$(ARM)ld -r -o build/core/agc-arm.o $(CORE_SOURCES:device_agent/core/%.cpp=build/core/arm/%.o)
	NM=$(ARM)nm SIZE=$(ARM)size python3 device_agent/core/report.py build/core/agc-arm.o

build/core/arm/%.o: device_agent/core/%.cpp $(CORE_HEADERS)
	$(ARM)g++ $(ARM_FLAGS) -c -o $@ $<

# Programs of the tests, with the sanitizers: the fuzzer's inputs played again, and the core's parts one by one.
CHECKED := build/core/checked
CHECKED_OBJECTS := $(CORE_SOURCES:device_agent/core/%.cpp=$(CHECKED)/%.o)
DRIVERS := tests/agent/cpp
core-drivers: $(CHECKED)/replay $(CHECKED)/pieces

$(CHECKED)/%.o: device_agent/core/%.cpp $(CORE_HEADERS)
	mkdir -p $(CHECKED)
	$(CXX) $(CORE_LANGUAGE) $(SANITIZE) -O1 -c -o $@ $<

$(CHECKED)/replay: $(DRIVERS)/replay.cpp $(DRIVERS)/fuzz_core.cpp $(CHECKED_OBJECTS)
$(CHECKED)/pieces: $(DRIVERS)/pieces.cpp $(CHECKED_OBJECTS)
$(CHECKED)/replay $(CHECKED)/pieces:
	$(CXX) -std=c++11 -Wall -Wextra -Werror $(SANITIZE) -Idevice_agent/core -o $@ $^

# A fuzzer over everything that comes to the core, for FUZZ_S seconds. What it finds is a file crash-... in
# build/core/fuzz, which belongs, with a name that says what was wrong, to tests/agent/fuzz/findings.
FUZZ_S ?= 300
CLANG ?= $(shell for name in clang++ clang++-19 clang++-16 clang++-15 clang++-14; do command -v $$name && break; done)
need-clang:
	@test -n "$(CLANG)" || { echo "fuzz-core: there is no clang++ here: apt-get install clang" >&2; exit 1; }
fuzz-core: need-clang $(STAMP)
	mkdir -p build/core/fuzz/corpus
	$(PYTHON) -m tests.agent.fuzz.steps build/core/fuzz/seeds
	$(CLANG) -std=c++11 -fsanitize=fuzzer $(SANITIZE) -O1 -Idevice_agent/core -o build/core/fuzz/fuzz_core \
	  $(DRIVERS)/fuzz_core.cpp $(CORE_SOURCES)
	build/core/fuzz/fuzz_core -max_total_time=$(FUZZ_S) -timeout=5 -max_len=20000 -print_final_stats=1 \
	  -artifact_prefix=build/core/fuzz/ build/core/fuzz/corpus build/core/fuzz/seeds tests/agent/fuzz/findings

# Instructions for each byte of payload on the phone's processor, counted under qemu, into docs/performance.md.
need-qemu:
	@for program in arm-linux-gnueabi-g++ qemu-arm; do command -v $$program >/dev/null || \
	  { echo "core-cost: there is no $$program here: apt-get install g++-arm-linux-gnueabi qemu-user" >&2; exit 1; }; done
core-cost: need-qemu core $(STAMP)
	$(PYTHON) -m tests.agent.cost docs/performance.md
