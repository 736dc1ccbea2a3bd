# The portable core: shared object, sanitizers, fuzzer, ARM. Included by the Makefile at the top.
.PHONY: core core-asan core-arm fuzz-core core-cost

CXX ?= g++
CORE_SOURCES := $(wildcard device_agent/core/*.cpp)
CORE_HEADERS := $(wildcard device_agent/core/*.h)
CORE_FLAGS := -std=c++98 -pedantic -Wall -Wextra -Werror -fno-exceptions -fno-rtti -ffreestanding -nostdlib \
              -fno-threadsafe-statics -fno-stack-protector -fvisibility=hidden -O2
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g

# What the emulated handset loads. The report fails when the core needs more than it may.
core: build/core/libagc.so
	python3 device_agent/core/report.py build/core/libagc.so

build/core/libagc.so: $(CORE_SOURCES) $(CORE_HEADERS)
	mkdir -p build/core
	$(CXX) $(CORE_FLAGS) -fPIC -shared -o $@ $(CORE_SOURCES)
