# SPDX-License-Identifier: LGPL-3.0-or-later
# make          builds everything into build/ (the hypervisor, hvmloader with the firmware inside, programs for dom0)
# make run      boots the demonstration domain; see README.md
# make bench    measures the stock device model, Reflex and PV drivers; BENCH=quick takes minutes
# make test     tests on the host, fuzz targets, then the end-to-end scenarios
# make soak     long forms of fuzz targets and of some scenarios
# make fuzz     every fuzz target for FUZZ_TIME seconds
# make install  DESTDIR= PREFIX=/usr   (and uninstall)
OUT     := build
PREFIX  ?= /usr
WERROR  ?= -Werror
OBJCOPY ?= objcopy
WARN    := -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
INC     := -Isrc -I. -Ihypervisor-patch/new/xen/include

all: $(OUT)/xen-reflex.gz $(OUT)/hvmloader $(OUT)/reflex-dm $(OUT)/reflex-vnc $(OUT)/reflex-qemu $(OUT)/reflexctl

# --- the runtime: 32-bit, freestanding, linked at its place in the reserved window -------------------------------
RT_CFLAGS := -std=gnu11 -m32 -march=i686 -Os -ffreestanding -fno-pic -fno-stack-protector -mgeneral-regs-only \
             -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections -fcf-protection=none \
             -Wframe-larger-than=768 $(WARN) $(INC)
RT_SRC := $(sort $(wildcard src/*.c src/*/*.c src/devices/*/*.c))
RT_OBJ := $(RT_SRC:src/%.c=$(OUT)/runtime/%.o) $(OUT)/runtime/reflect/entry.o

$(OUT)/runtime/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(RT_CFLAGS) -MMD -MP -c $< -o $@
$(OUT)/runtime/%.o: src/%.asm
	@mkdir -p $(@D)
	@echo "  NASM    $<"
	@nasm -f elf32 -MD $(@:.o=.d) -o $@ $<
$(OUT)/runtime.lds: ldscripts/runtime.lds.S ldscripts/memory_map.h
	@mkdir -p $(@D)
	@$(CPP) -P -I. $< -o $@
$(OUT)/runtime.elf: $(RT_OBJ) $(OUT)/runtime.lds
	scripts/check-arrows
	@echo "  LD      $@"
	@$(LD) -m elf_i386 --gc-sections -T $(OUT)/runtime.lds -Map=$(OUT)/runtime.map $(RT_OBJ) -o $@
$(OUT)/runtime.bin: $(OUT)/runtime.elf
	@$(OBJCOPY) -O binary $< $@

# --- what is built from Debian's sources; the scripts are incremental, a stamp in `touch` ends their part ----------
$(OUT)/sources: scripts/fetch-sources scripts/sources.sha256 scripts/common.sh
	@mkdir -p $(@D)
	scripts/fetch-sources
	@touch $@
$(OUT)/bios.bin $(OUT)/vgabios.bin &: $(OUT)/sources scripts/build-seabios scripts/overlay $(shell find src/boot -type f)
	scripts/build-seabios
	@touch $(OUT)/bios.bin $(OUT)/vgabios.bin
# Expansion ROMs: PCI images, each found by the IDs in it. The network cards' are iPXE's, from Debian's package; the
# display adapter's is SeaBIOS's.
IPXE   ?= /usr/lib/ipxe/qemu
$(OUT)/roms.bin: $(IPXE)/pxe-e1000.rom $(IPXE)/pxe-rtl8139.rom $(OUT)/vgabios.bin
	@mkdir -p $(@D)
	@cat $^ >$@
$(OUT)/hvmloader: $(OUT)/sources $(OUT)/runtime.bin $(OUT)/bios.bin $(OUT)/roms.bin scripts/build-hvmloader scripts/overlay \
                  $(shell find hvmloader-patch hypervisor-patch/new/xen/include -type f)
	scripts/build-hvmloader
	@touch $@
$(OUT)/xen-reflex.gz $(OUT)/xen-reflex &: $(OUT)/sources scripts/build-xen scripts/overlay \
                  $(shell find hypervisor-patch -type f)
	scripts/build-xen
	@touch $(OUT)/xen-reflex.gz $(OUT)/xen-reflex
# with assertions, for tests
$(OUT)/xen-debug-reflex: $(OUT)/sources scripts/build-xen scripts/overlay $(shell find hypervisor-patch -type f)
	XEN_DEBUG=y scripts/build-xen
	@touch $@

# --- programs of dom0: static and small, for each domain has a reflex-dm of its own --------------------------------
TOOL_CFLAGS := -std=gnu11 -Os -ffunction-sections -fdata-sections $(WARN) $(INC)
XEN_LIBS := -lxenctrl -lxenstore -lxencall -lxenforeignmemory -lxendevicemodel -lxenevtchn -lxengnttab \
            -lxentoollog -lxentoolcore -ljansson -lpthread
COMMON_SRC := $(sort $(wildcard tools/common/*.c))
DM_SRC := $(sort $(wildcard tools/reflex-dm/*.c)) $(COMMON_SRC) src/lib/parse.c
DM_OBJ := $(DM_SRC:%.c=$(OUT)/dom0/%.o)
CTL_SRC := $(sort $(wildcard tools/reflexctl/*.c)) $(COMMON_SRC)
REAL_XEN := %/xen.c %/host.c            # for which tests have a simulated one
CTL_OBJ := $(CTL_SRC:%.c=$(OUT)/dom0/%.o)
# reflex-qemu shares what is neither QMP nor main; the QEMU that it runs unless it is told another.
QEMU   ?= /usr/libexec/xen-qemu-system-i386
RQ_SRC := $(sort $(wildcard tools/reflex-qemu/*.c)) src/device_set.c \
          $(filter-out %/main.c %/qmp.c %/commands.c,$(DM_SRC))
RQ_OBJ := $(RQ_SRC:%.c=$(OUT)/dom0/%.o)
$(OUT)/dom0/tools/reflex-qemu/main.o: TOOL_CFLAGS += -DREFLEX_QEMU='"$(QEMU)"'

# reflex-vnc shares the watches and the messages; libvncserver is a library of Debian's that is not there as a static one.
VNC_SRC := $(sort $(wildcard tools/reflex-vnc/*.c)) tools/reflex-dm/watches.c tools/common/message.c
VNC_OBJ := $(VNC_SRC:%.c=$(OUT)/dom0/%.o)

$(OUT)/dom0/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(TOOL_CFLAGS) -MMD -MP -c $< -o $@
$(OUT)/reflex-dm: $(DM_OBJ)
$(OUT)/reflex-qemu: $(RQ_OBJ)
$(OUT)/reflexctl: $(CTL_OBJ)
$(OUT)/refusals: $(OUT)/dom0/tests/dom0/refusals.o
$(OUT)/reflex-dm $(OUT)/reflex-qemu $(OUT)/reflexctl $(OUT)/refusals:
	@echo "  LD      $@"
	@$(CC) -static -Wl,--gc-sections -s $^ $(XEN_LIBS) -o $@

$(OUT)/reflex-vnc: $(VNC_OBJ)
	@echo "  LD      $@"
	@$(CC) -Wl,--gc-sections -s $^ -lvncserver -lxenctrl -lxenstore -lxenforeignmemory -lxenevtchn -o $@

# --- unit tests: the same sources on the host, under sanitizers ----------------------------------------------------
# Not position independent, so that an object's address fits the 32 bits that the firmware gives it, and above all
# addresses that the tests use as the guest's.
HOST_CFLAGS := -std=gnu11 -O1 -g -fno-pie -fsanitize=address,undefined -fno-sanitize-recover=all $(WARN) $(INC) \
               -Itests/unit -Itools/reflex-dm
HOST_LINK := $(CC) -no-pie -Wl,-Ttext-segment=0x10000000 -fsanitize=address,undefined
TARGET_ONLY := src/main.c src/reflect/exception.c src/lib/string.c src/xen/hypercall.c src/xen/debug_port.c
UNIT_SRC := $(filter-out $(TARGET_ONLY),$(RT_SRC)) $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
UNIT_OBJ := $(UNIT_SRC:%.c=$(OUT)/host/%.o)
UNIT_BIN := $(patsubst tests/unit/%.c,$(OUT)/host/%,$(sort $(wildcard tests/unit/test_*.c)))
CTL_SIM_OBJ := $(patsubst %.c,$(OUT)/host/%.o,$(filter-out $(REAL_XEN),$(CTL_SRC)) tests/tools/simulated_dom0.c)
IMAGE_OBJ := $(OUT)/host/tests/tools/stats_image.o
SIM_OBJ  := $(patsubst %.c,$(OUT)/host/%.o,$(filter-out $(REAL_XEN),$(DM_SRC)) tests/tools/simulated_xen.c)
$(OUT)/host/tools/reflex-qemu/main.o: HOST_CFLAGS += -DREFLEX_QEMU='"$(QEMU)"'
SIM_RQ_OBJ := $(patsubst %.c,$(OUT)/host/%.o,$(filter-out $(REAL_XEN),$(RQ_SRC)) tests/tools/simulated_xen.c)

SIM_VNC_OBJ := $(patsubst %.c,$(OUT)/host/%.o,$(filter tools/common/message.c,$(VNC_SRC)) \
                 $(filter-out %/xen.c %/watches.c %/message.c,$(VNC_SRC)) tests/tools/simulated_screen.c)

$(OUT)/host/%.o: %.c
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	@$(CC) $(HOST_CFLAGS) -MMD -MP -c $< -o $@
$(OUT)/host/libunit.a: $(UNIT_OBJ)
	@rm -f $@ && $(AR) rcs $@ $^
$(OUT)/host/test_%: $(OUT)/host/tests/unit/test_%.o $(OUT)/host/libunit.a
	@echo "  HOSTLD  $@"
	@$(HOST_LINK) $^ -lcmocka $(TEST_LIBS) -o $@
$(OUT)/host/test_vga_pictures: TEST_LIBS := -lpng
$(OUT)/host/reflex-dm: $(SIM_OBJ)
	@echo "  HOSTLD  $@"
	@$(HOST_LINK) $^ -ljansson -o $@
$(OUT)/host/reflexctl: $(CTL_SIM_OBJ)
	@echo "  HOSTLD  $@"
	@$(HOST_LINK) $^ -ljansson -o $@
$(OUT)/host/stats_image: $(IMAGE_OBJ) $(OUT)/host/libunit.a
	@echo "  HOSTLD  $@"
	@$(HOST_LINK) $^ -lcmocka -o $@
$(OUT)/host/test_decode: $(filter %/text.o,$(CTL_SIM_OBJ)) $(filter %/decode.o,$(CTL_SIM_OBJ)) \
                         $(filter $(OUT)/host/tools/reflexctl/decode_%,$(CTL_SIM_OBJ))
$(OUT)/host/test_watches: $(OUT)/host/tools/reflex-dm/watches.o
$(OUT)/host/test_drive: $(OUT)/host/tools/reflex-dm/drive.o $(OUT)/host/tools/common/message.o
$(OUT)/host/reflex-qemu: $(SIM_RQ_OBJ)
	@echo "  HOSTLD  $@"
	@$(HOST_LINK) $^ -o $@
$(OUT)/host/reflex-vnc: $(SIM_VNC_OBJ)
	@echo "  HOSTLD  $@"
	@$(HOST_LINK) $^ -lvncserver -o $@
.PRECIOUS: $(OUT)/host/tests/unit/%.o
$(OUT)/vnc-client: tests/tools/vnc_client.c
	@echo "  HOSTCC  $<"
	@$(CC) -std=gnu11 -O1 $(WARN) $< -lvncclient -o $@
$(OUT)/scribble-vfb: tests/tools/scribble_vfb.c
	@echo "  HOSTCC  $<"
	@$(CC) -static -s -std=gnu11 -O1 $(WARN) $< $(XEN_LIBS) -o $@
HOST_TOOLS := $(OUT)/vnc-client $(addprefix $(OUT)/host/,reflex-dm reflex-qemu reflex-vnc reflexctl stats_image)

# The board behind QEMU's qtest protocol. Its memory is where a guest's rarely is, yet where the sanitizer lets it be
# (tests/qtest/memory.h). Suites know the architecture by the program's name.
QTEST_SRC := $(sort $(wildcard tests/qtest/*.c)) src/xen/irq.c src/xen/irq_state.c src/xen/shadow.c \
             $(filter-out $(TARGET_ONLY) src/xen/%,$(RT_SRC))
QTEST_OBJ := $(QTEST_SRC:%.c=$(OUT)/host/%.o)
QTEST_BIN := $(OUT)/host/reflex-qtest $(OUT)/host/qemu-system-x86_64

$(OUT)/host/reflex-qtest: $(QTEST_OBJ)
	@echo "  HOSTLD  $@"
	@$(CC) -no-pie -Wl,-Ttext-segment=0x7f000000 -fsanitize=address,undefined $^ -ljansson -o $@
$(OUT)/host/qemu-system-x86_64: $(OUT)/host/reflex-qtest
	@ln -sf reflex-qtest $@
all: $(QTEST_BIN)

HOST_BIN := $(UNIT_BIN) $(HOST_TOOLS) $(QTEST_BIN)
unit: $(HOST_BIN)
	scripts/test unit

# --- fuzz targets: tests/fuzz/fuzz_*.c, against the same sources; clang, because libFuzzer comes with it --------------
FUZZ_CC     := clang
FUZZ_PACKAGES := clang libclang-rt-14-dev
FUZZ_CFLAGS := -std=gnu11 -O1 -g -fno-pie -fsanitize=address,undefined -fno-sanitize-recover=all \
               $(WARN) $(INC) -Itests/unit -Itests/fuzz -Itools/reflex-dm
FUZZ_LINK   := $(FUZZ_CC) -no-pie -Wl,-Ttext-segment=0x10000000 -fsanitize=fuzzer,address,undefined
FUZZ_SRC    := $(sort $(filter-out tests/unit/stop.c,$(UNIT_SRC)) $(filter-out $(REAL_XEN) %/main.c,$(DM_SRC)) tests/fuzz/check.c)
FUZZ_OBJ    := $(FUZZ_SRC:%.c=$(OUT)/fuzz/%.o)
FUZZ_COVER  := -fsanitize=fuzzer-no-link    # but not of the simulated surroundings: twice as fast, and no detours
FUZZ_BIN    := $(patsubst tests/fuzz/%.c,$(OUT)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

$(OUT)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	@echo "  FUZZCC  $<"
	@$(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_COVER) -MMD -MP -c $< -o $@
$(OUT)/fuzz/tests/unit/%.o: FUZZ_COVER :=
$(OUT)/fuzz/libunit.a: $(FUZZ_OBJ)
	@rm -f $@ && $(AR) rcs $@ $^
$(OUT)/fuzz/fuzz_%: $(OUT)/fuzz/tests/fuzz/fuzz_%.o $(OUT)/fuzz/libunit.a
	@echo "  FUZZLD  $@"
	@$(FUZZ_LINK) $^ -lcmocka -ljansson -o $@
.PRECIOUS: $(OUT)/fuzz/%.o

fuzz:
	scripts/install-packages $(FUZZ_PACKAGES)
	$(MAKE) $(FUZZ_BIN)
	scripts/test fuzz

# --- the test guest: a kernel of our own, in hvmloader's place, that tries the reflection interface ------------------
GUEST := tests/guest/interface
GUEST_OBJ := $(patsubst %.c,$(OUT)/%.o,$(sort $(wildcard $(GUEST)/*.c))) \
             $(patsubst %.asm,$(OUT)/%.o,$(sort $(wildcard $(GUEST)/*.asm))) \
             $(addprefix $(OUT)/runtime/,lib/printf.o lib/string.o)

$(OUT)/$(GUEST)/%.o: $(GUEST)/%.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(RT_CFLAGS) -I$(GUEST) -MMD -MP -c $< -o $@
$(OUT)/$(GUEST)/%.o: $(GUEST)/%.asm
	@mkdir -p $(@D)
	@echo "  NASM    $<"
	@nasm -f elf32 -MD $(@:.o=.d) -o $@ $<
$(OUT)/interface-test.elf: $(GUEST_OBJ) $(GUEST)/interface.lds
	@echo "  LD      $@"
	@$(LD) -m elf_i386 --no-warn-rwx-segments -T $(GUEST)/interface.lds -Map=$(@:.elf=.map) $(GUEST_OBJ) -o $@

# --- the BIOS test: a guest in real mode, as a disk's first sectors and as a CD ---------------------------------------
BIOS_TEST := tests/guest/bios

$(OUT)/bios-test.img: $(wildcard $(BIOS_TEST)/*.asm) ldscripts/memory_map.h
	@echo "  NASM    $@"
	@nasm -f bin -i $(BIOS_TEST)/ -o $@ $(BIOS_TEST)/bios.asm \
	    $$(sed -n 's/^#define \(RUNTIME_BASE\|RUNTIME_WINDOW\) */-D \1=/p' ldscripts/memory_map.h)
$(OUT)/bios-test.iso: $(OUT)/bios-test.img
	@rm -rf $(OUT)/bios-test && mkdir $(OUT)/bios-test && cp $< $(OUT)/bios-test
	@genisoimage -quiet -no-emul-boot -boot-load-size $$(($$(stat -c %s $<) / 512)) -b bios-test.img \
	    -o $@ $(OUT)/bios-test

# --- the laboratory ------------------------------------------------------------------------------------------------
$(OUT)/dom0.cpio: $(OUT)/hvmloader $(OUT)/reflex-dm $(OUT)/reflex-vnc $(OUT)/vnc-client $(OUT)/scribble-vfb \
                  $(OUT)/reflex-qemu $(OUT)/reflexctl $(OUT)/interface-test.elf $(OUT)/bios-test.img \
                  $(OUT)/bios-test.iso $(OUT)/refusals scripts/pack-dom0 examples/reflex-example.cfg \
                  $(wildcard scripts/dom0/* tests/guest/*.c)
	scripts/pack-dom0
$(OUT)/device-model.cpio: scripts/pack-dom0
	scripts/pack-dom0 --device-model
$(OUT)/guest.img: scripts/make-guest-disk scripts/guest-image.sh $(wildcard scripts/guest/* tests/guest/*.c)
	scripts/make-guest-disk
$(OUT)/guests.img: scripts/make-guests-disk scripts/guest-image.sh scripts/fetch-guests $(wildcard scripts/guest/*)
	scripts/make-guests-disk
laboratory: $(OUT)/xen-reflex $(OUT)/dom0.cpio $(OUT)/device-model.cpio $(OUT)/guest.img

# Packages first, because make looks for headers and compilers from then on.
run:
	scripts/install-packages
	$(MAKE) laboratory
	scripts/run-demo
bench:
	scripts/install-packages gnuplot-nox
	$(MAKE) laboratory
	scripts/bench
test:
	scripts/install-packages $(FUZZ_PACKAGES)
	$(MAKE) $(HOST_BIN) $(FUZZ_BIN) laboratory $(OUT)/guests.img $(OUT)/xen-debug-reflex
	scripts/test
soak:
	scripts/install-packages $(FUZZ_PACKAGES)
	$(MAKE) $(FUZZ_BIN) laboratory $(OUT)/guests.img $(OUT)/xen-debug-reflex
	scripts/test soak

# --- installation --------------------------------------------------------------------------------------------------
DOC := $(DESTDIR)$(PREFIX)/share/doc/reflex
install: all
	install -D -m 644 $(OUT)/xen-reflex.gz $(DESTDIR)/boot/xen-reflex.gz
	install -D -m 755 $(OUT)/hvmloader $(DESTDIR)$(PREFIX)/lib/reflex/hvmloader
	install -D -m 755 $(OUT)/reflex-dm $(DESTDIR)$(PREFIX)/lib/reflex/reflex-dm
	install -D -m 755 $(OUT)/reflex-vnc $(DESTDIR)$(PREFIX)/lib/reflex/reflex-vnc
	install -D -m 755 $(OUT)/reflex-qemu $(DESTDIR)$(PREFIX)/lib/reflex/reflex-qemu
	install -D -m 755 $(OUT)/reflexctl $(DESTDIR)$(PREFIX)/sbin/reflexctl
	install -D -m 644 examples/reflex-example.cfg $(DESTDIR)/etc/xen/reflex-example.cfg
	install -d $(DOC)/docs
	install -m 644 README.md $(DOC)
	install -m 644 $(wildcard docs/*) $(DOC)/docs
uninstall:
	rm -f $(DESTDIR)/boot/xen-reflex.gz $(DESTDIR)$(PREFIX)/sbin/reflexctl
	! cmp -s examples/reflex-example.cfg $(DESTDIR)/etc/xen/reflex-example.cfg || rm $(DESTDIR)/etc/xen/reflex-example.cfg
	rm -rf $(DESTDIR)$(PREFIX)/lib/reflex $(DOC)

clean:
	rm -rf $(OUT)

-include $(RT_OBJ:.o=.d) $(UNIT_OBJ:.o=.d) $(DM_OBJ:.o=.d) $(CTL_OBJ:.o=.d) $(CTL_SIM_OBJ:.o=.d) $(IMAGE_OBJ:.o=.d) \
         $(OUT)/dom0/tests/dom0/refusals.d $(VNC_OBJ:.o=.d) $(SIM_VNC_OBJ:.o=.d) $(SIM_OBJ:.o=.d) $(RQ_OBJ:.o=.d) \
         $(SIM_RQ_OBJ:.o=.d) $(QTEST_OBJ:.o=.d) $(GUEST_OBJ:.o=.d) \
         $(UNIT_BIN:$(OUT)/host/%=$(OUT)/host/tests/unit/%.d) \
         $(FUZZ_OBJ:.o=.d) $(FUZZ_BIN:$(OUT)/fuzz/%=$(OUT)/fuzz/tests/fuzz/%.d)
.PHONY: all unit fuzz laboratory run bench test soak install uninstall clean
