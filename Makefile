# SPDX-License-Identifier: LGPL-3.0-or-later
# make          builds everything into build/
# make run      boots the demonstration domain (see README.md)
# make test     unit tests on the host, then the end-to-end scenarios
# make install  DESTDIR= PREFIX=/usr
OUT    := build
PREFIX ?= /usr
OBJCOPY ?= objcopy
WERROR ?= -Werror
WARN   := -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
INC    := -Isrc -I. -Ihypervisor-patch/new/xen/include

all:

# --- the runtime: 32-bit, freestanding, linked at its place in the reserved window -------------------------
RT_CFLAGS := -std=gnu11 -m32 -march=i686 -Os -ffreestanding -fno-pic -fno-stack-protector -mgeneral-regs-only \
             -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections -fcf-protection=none \
             -Wframe-larger-than=768 $(WARN) $(INC)
RT_SRC := $(sort $(wildcard src/*.c src/*/*.c src/devices/*/*.c))
RT_OBJ := $(RT_SRC:src/%.c=$(OUT)/runtime/%.o) $(OUT)/runtime/reflect/entry.o

$(OUT)/runtime/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(RT_CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/runtime/%.o: src/%.asm
	@mkdir -p $(@D)
	nasm -f elf32 -MD $(@:.o=.d) -o $@ $<
$(OUT)/runtime.lds: ldscripts/runtime.lds.S ldscripts/memory_map.h
	$(CPP) -P -I. $< -o $@
$(OUT)/runtime.elf: $(RT_OBJ) $(OUT)/runtime.lds
	$(LD) -m elf_i386 --gc-sections -T $(OUT)/runtime.lds -Map=$(OUT)/runtime.map $(RT_OBJ) -o $@
$(OUT)/runtime.bin: $(OUT)/runtime.elf
	$(OBJCOPY) -O binary $< $@

# --- programs of dom0: static and small, for each domain has one of its own ----------------------------------
TOOL_CFLAGS := -std=gnu11 -Os -ffunction-sections -fdata-sections $(WARN) $(INC) -Itools/reflex-dm
XEN_LIBS := -lxenctrl -lxenstore -lxencall -lxenforeignmemory -lxendevicemodel -lxenevtchn -lxengnttab \
            -lxentoollog -lxentoolcore -ljansson -lpthread
DM_SRC := $(sort $(wildcard tools/reflex-dm/*.c))
DM_OBJ := $(DM_SRC:%.c=$(OUT)/dom0/%.o)

$(OUT)/dom0/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(TOOL_CFLAGS) -MMD -MP -c $< -o $@
$(OUT)/reflex-dm: $(DM_OBJ)
	$(CC) -static -Wl,--gc-sections -s $^ $(XEN_LIBS) -o $@

# --- unit tests: the same sources on the host, under sanitizers ---------------------------------------------
# Not position independent, so that an object's address fits the 32 bits that the firmware gives it.
HOST_CFLAGS := -std=gnu11 -O1 -g -fno-pie -fsanitize=address,undefined -fno-sanitize-recover=all $(WARN) $(INC) -Itests/unit
TARGET_ONLY := src/main.c src/reflect/exception.c src/lib/string.c src/xen/hypercall.c src/xen/debug_port.c
UNIT_SRC := $(filter-out $(TARGET_ONLY),$(RT_SRC)) $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
UNIT_OBJ := $(UNIT_SRC:%.c=$(OUT)/host/%.o)
UNIT_BIN := $(patsubst tests/unit/%.c,$(OUT)/host/%,$(wildcard tests/unit/test_*.c))

$(OUT)/host/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -MMD -MP -c $< -o $@
$(OUT)/host/libunit.a: $(UNIT_OBJ)
	rm -f $@ && $(AR) rcs $@ $^
$(OUT)/host/test_%: $(OUT)/host/tests/unit/test_%.o $(OUT)/host/libunit.a
	$(CC) -no-pie -Wl,-Ttext-segment=0x10000000 -fsanitize=address,undefined $< $(OUT)/host/libunit.a -lcmocka -o $@
.PRECIOUS: $(OUT)/host/tests/unit/%.o

unit: $(UNIT_BIN)
	@for t in $(sort $(UNIT_BIN)); do echo "== $$t"; $$t || exit 1; done

-include $(RT_OBJ:.o=.d) $(UNIT_OBJ:.o=.d) $(DM_OBJ:.o=.d) $(UNIT_BIN:$(OUT)/host/%=$(OUT)/host/tests/unit/%.d)
.PHONY: all unit
