/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* reflexctl's words for requests, in the order in which drivers make them. */
#include "support.h"

#include <stdio.h>

#include <public/hvm/reflect_op.h>

#include "tools/reflexctl/decode.h"

static struct decoder decoder;
static struct text words;

static int set_up(void **state)
{
    (void)state;
    decoder = (struct decoder){ .confadd = 0 };
    return 0;
}

static const char *request(uint32_t flags, unsigned int size, uint32_t port, uint64_t data, uint32_t count,
                           uint32_t ticks, const struct stats_region *claim)
{
    const struct stats_request request = {
        .what = XEN_REFLECT_WHY_IO | flags | size << XEN_REFLECT_SIZE_SHIFT, .address = port, .data = data,
        .count = count, .ticks = ticks,
    };

    memset(&words, 0xa5, sizeof(words));
    decode(&decoder, &request, claim, &words);
    return words.s;
}

static const char *out(uint32_t port, uint8_t value)
{
    return request(0, 1, port, 0xffffff00u | value, 1, 5, NULL);
}

static const char *in(uint32_t port, uint8_t value)
{
    return request(XEN_REFLECT_READ, 1, port, ~0ull << 8 | value, 1, 5, NULL);
}

static const char *outl(uint32_t port, uint32_t value)
{
    return request(0, 4, port, value, 1, 5, NULL);
}

/* ---- IDE ---------------------------------------------------------------------------------------------------- */

static void a_command_is_named_with_its_drive(void **state)
{
    (void)state;
    assert_string_equal(out(0x1f7, 0xec), "ide0 IDENTIFY DEVICE");      /* which drive was selected before is unknown */
    out(0x1f6, 0xa0);
    assert_string_equal(out(0x1f7, 0xc8), "ide0.0 READ DMA");           /* and so is its sector */
    out(0x1f6, 0xb0);
    assert_string_equal(out(0x1f7, 0xe7), "ide0.1 FLUSH CACHE");
    assert_string_equal(out(0x177, 0xa1), "ide1 IDENTIFY PACKET DEVICE");
    assert_string_equal(out(0x1f7, 0x83), "ide0.1 unknown command 83");
}

static void task_file(uint8_t count, uint8_t low, uint8_t mid, uint8_t high)
{
    out(0x1f2, count);
    out(0x1f3, low);
    out(0x1f4, mid);
    out(0x1f5, high);
}

static void a_command_is_told_with_its_sectors(void **state)
{
    (void)state;
    task_file(8, 0x78, 0x56, 0x34);
    out(0x1f6, 0xe2);
    assert_string_equal(out(0x1f7, 0xca), "ide0.0 WRITE DMA, 8 sectors at 36984440");
    task_file(0, 1, 2, 3);
    out(0x1f6, 0xb5);
    assert_string_equal(out(0x1f7, 0x20), "ide0.1 READ SECTORS, 256 sectors at cylinder 770 head 5 sector 1");
}

static void a_long_address_is_of_two_bytes_each(void **state)
{
    (void)state;
    out(0x1f6, 0xe0);
    task_file(1, 2, 3, 4);
    assert_string_equal(out(0x1f7, 0x25), "ide0.0 READ DMA EXT");       /* its upper half was not seen */
    task_file(0x12, 0x34, 0x56, 0x78);
    assert_string_equal(out(0x1f7, 0x25), "ide0.0 READ DMA EXT, 274 sectors at 4410972853812");
    task_file(0, 0, 0, 0);
    task_file(0, 0, 0, 0);
    assert_string_equal(out(0x1f7, 0x35), "ide0.0 WRITE DMA EXT, 65536 sectors at 0");
}

static void features_have_names(void **state)
{
    (void)state;
    out(0x1f1, 0x03);
    out(0x1f2, 0x42);
    assert_string_equal(out(0x1f7, 0xef), "ide0 SET FEATURES 03 transfer mode 42");
    out(0x1f1, 0x82);
    assert_string_equal(out(0x1f7, 0xef), "ide0 SET FEATURES 82 write cache off");
}

static void status_and_error_are_told_by_bits(void **state)
{
    (void)state;
    assert_string_equal(in(0x1f7, 0xd0), "ide0 status BSY DRDY DSC");
    assert_string_equal(in(0x3f6, 0x51), "ide0 alternate status DRDY DSC ERR");
    assert_string_equal(in(0x1f1, 0x14), "ide0 error IDNF ABRT");
    assert_string_equal(out(0x376, 0x06), "ide1 device control SRST nIEN");
    assert_string_equal(out(0x1f1, 0x14), "ide0 features");
    assert_string_equal(request(XEN_REFLECT_READ, 1, 0x1f7, 0, 1, STATS_UNDER_WAY, NULL), "ide0 status");
}

static void data_is_told_by_its_length(void **state)
{
    (void)state;
    assert_string_equal(request(XEN_REFLECT_READ | XEN_REFLECT_PTR, 2, 0x1f0, 0x1000, 256, 5, NULL),
                        "ide0 data, 512 bytes");
    assert_string_equal(request(XEN_REFLECT_READ, 2, 0x1f0, 0x1234, 1, 5, NULL), "ide0 data");
    assert_string_equal(request(XEN_REFLECT_PTR, 4, 0x170, 0x1000, UINT32_MAX, 5, NULL),
                        "ide1 data, 17179869180 bytes");
    assert_string_equal(request(XEN_REFLECT_PTR, 1, 0x1f6, 0xf0, 1, 5, NULL), "ide0 device");
    assert_string_equal(out(0x1f7, 0xec), "ide0 IDENTIFY DEVICE");      /* an address is no device's number */
}

static void a_direct_request_is_told_by_its_place(void **state)
{
    (void)state;
    assert_string_equal(outl(0x8a0, 0xe1230), "ide direct path, request at e1230");
    assert_string_equal(in(0x8a0, 0x52), "ide direct path");
}

static void a_packet_is_told(void **state)
{
    struct stats_request packet = {
        .what = XEN_REFLECT_WHY_IO | XEN_REFLECT_PTR | 2 << XEN_REFLECT_SIZE_SHIFT, .address = 0x170, .count = 6,
        .sent = { 0x28, [5] = 0x10, [8] = 0x01, [12] = 0xee },
    };

    (void)state;
    out(0x176, 0xb0);
    decode(&decoder, &packet, NULL, &words);
    assert_string_equal(words.s, "ide1.1 packet READ (10): 28 00 00 00 00 10 00 00 01 00 00 00");
    packet.sent[0] = 0xff;
    decode(&decoder, &packet, NULL, &words);
    assert_string_equal(words.s, "ide1.1 packet: ff 00 00 00 00 10 00 00 01 00 00 00");
    packet.count = 5;
    decode(&decoder, &packet, NULL, &words);
    assert_string_equal(words.s, "ide1.1 data, 10 bytes");
    packet.count = 6;
    packet.what |= XEN_REFLECT_DF;
    decode(&decoder, &packet, NULL, &words);
    assert_string_equal(words.s, "ide1.1 data, 12 bytes");
}

static void the_bus_master_is_where_its_claim_is(void **state)
{
    const struct stats_region claim = { .name = "bmide", .base = 0xc000, .length = 8 };

    (void)state;
    assert_string_equal(request(0, 1, 0xc000, 0x09, 1, 5, &claim), "ide0 bus master command start, to memory");
    assert_string_equal(request(0, 1, 0xc008, 0x00, 1, 5, &claim), "ide1 bus master command stop");
    assert_string_equal(request(XEN_REFLECT_READ, 1, 0xc002, 0x64, 1, 5, &claim),
                        "ide0 bus master status DMA1CAP DMA0CAP IDEINTS");
    assert_string_equal(request(0, 4, 0xc00c, 0x1000, 1, 5, &claim), "ide1 bus master descriptor table");
    assert_string_equal(out(0xc000, 9), "");
}

/* ---- Serial port -------------------------------------------------------------------------------------------- */

static void the_divisor_latch_hides_two_registers(void **state)
{
    (void)state;
    assert_string_equal(out(0x3f8, 'x'), "serial0 THR or DLL");
    assert_string_equal(out(0x3f9, 3), "serial0 IER or DLM");
    assert_string_equal(out(0x3fb, 0x80), "serial0 LCR");
    assert_string_equal(out(0x3f8, 'x'), "serial0 DLL");
    assert_string_equal(in(0x3f9, 0), "serial0 DLM");
    out(0x3fb, 0x03);
    assert_string_equal(out(0x3f8, 'x'), "serial0 THR 'x'");
    assert_string_equal(in(0x3f8, '\n'), "serial0 RBR 0a");
    assert_string_equal(out(0x3f9, 0x05), "serial0 IER ELSI ERBFI");
    assert_string_equal(out(0x2f8, 'x'), "serial1 THR or DLL");
}

static void a_serial_ports_state_is_told(void **state)
{
    (void)state;
    assert_string_equal(in(0x3fd, 0x61), "serial0 LSR TEMT THRE DR");
    assert_string_equal(in(0x3fa, 0xc1), "serial0 IIR none pending");
    assert_string_equal(in(0x3fa, 0xcc), "serial0 IIR character timeout");
    assert_string_equal(out(0x3fa, 0xc1), "serial0 FCR");
    assert_string_equal(out(0x3fc, 0x0b), "serial0 MCR OUT2 RTS DTR");
    assert_string_equal(in(0x2ee, 0xb0), "serial3 MSR DCD DSR CTS");
}

/* ---- PCI ---------------------------------------------------------------------------------------------------- */

static void pci_data_is_what_was_addressed(void **state)
{
    (void)state;
    assert_string_equal(request(XEN_REFLECT_READ, 2, 0xcfc, 0, 1, 5, NULL), "pci data");
    assert_string_equal(outl(0xcf8, 0x80000904), "pci address: pci 00:01.1 command");
    assert_string_equal(request(0, 2, 0xcfc, 5, 1, 5, NULL), "pci 00:01.1 command");
    assert_string_equal(request(XEN_REFLECT_READ, 2, 0xcfe, 0, 1, 5, NULL), "pci 00:01.1 status");
    outl(0xcf8, 0x8001f8fc);
    assert_string_equal(in(0xcff, 0), "pci 01:1f.0 register ff");
    outl(0xcf8, 0x00000904);
    assert_string_equal(outl(0xcfc, 1), "no pci access");
    assert_string_equal(out(0xcf9, 6), "reset control");
}

/* ---- The rest ----------------------------------------------------------------------------------------------- */

static void controller_keyboard_and_mouse_share_a_port(void **state)
{
    (void)state;
    assert_string_equal(out(0x64, 0xaa), "i8042 self-test");
    assert_string_equal(in(0x60, 0x55), "i8042 data");
    assert_string_equal(out(0x64, 0x60), "i8042 write command byte");
    assert_string_equal(out(0x60, 0x47), "i8042 write command byte: 47");
    assert_string_equal(out(0x60, 0xed), "keyboard set LEDs");
    assert_string_equal(out(0x64, 0xd4), "i8042 write to mouse");
    assert_string_equal(out(0x60, 0xf3), "mouse sample rate");
    assert_string_equal(out(0x60, 0x02), "keyboard set LEDs: 02");
    out(0x64, 0xd4);
    assert_string_equal(out(0x60, 200), "mouse sample rate: c8");
    assert_string_equal(out(0x60, 0xf4), "keyboard enable");
    assert_string_equal(in(0x64, 0x1d), "i8042 status unlocked command system output full");
    assert_string_equal(out(0x64, 0xfe), "i8042 pulse reset");
}

static void cmos_bytes_have_names(void **state)
{
    (void)state;
    assert_string_equal(in(0x71, 0), "cmos");
    assert_string_equal(out(0x70, 0x8f), "cmos index 0f shutdown status");
    assert_string_equal(in(0x71, 0), "cmos 0f shutdown status");
    assert_string_equal(request(0, 2, 0x70, 0x1250, 1, 5, NULL), "cmos index 50; cmos 50");
}

static void reset_and_sleep_are_told(void **state)
{
    (void)state;
    assert_string_equal(out(0x92, 0x03), "port 92 A20 reset");
    assert_string_equal(request(0, 2, 0xb004, 0x2000, 1, 5, NULL), "PM1 control sleep, type 0");
    assert_string_equal(request(0, 2, 0xb004, 0x0001, 1, 5, NULL), "PM1 control");
}

static void what_is_no_port_has_no_words(void **state)
{
    const struct stats_request event = { .what = XEN_REFLECT_WHY_EVENT };

    (void)state;
    assert_string_equal(request(1u << XEN_REFLECT_TYPE_SHIFT, 1, 0x1f7, 0xc8, 1, 5, NULL), "");
    assert_string_equal(out(0x1234, 1), "");
    decode(&decoder, &event, NULL, &words);
    assert_string_equal(words.s, "");
}

/* A guest's memory says what it likes: any request must end in a line. */
static void any_request_is_decoded(void **state)
{
    const struct stats_region claim = { .name = "bmide" };
    uint32_t random = 1;

    (void)state;
    for (unsigned int i = 0; i < 300000; i++) {
        struct stats_request request;

        for (unsigned int j = 0; j < sizeof(request); j++)
            ((uint8_t *)&request)[j] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
        request.address &= i & 1 ? 0xffff : 0x3ff;
        if (i & 2)
            request.what = (request.what & ~0xf0ffu) | XEN_REFLECT_WHY_IO;
        if (i & 4)
            request.what = (request.what & 0xffff) | 1u << (request.what >> 30) << XEN_REFLECT_SIZE_SHIFT;
        decode(&decoder, &request, i & 8 ? &claim : NULL, &words);
        assert_int_equal(strlen(words.s), words.length);
    }
}

static void registers_are_told_by_bits(void **state)
{
    (void)state;
    decode_register("ide device", "status", 0x58, &words);
    assert_string_equal(words.s, " DRDY DSC DRQ");
    decode_register("ide channel", "request", 2, &words);
    assert_string_equal(words.s, " at the backend");
    decode_register("ide channel", "request", ~0ull, &words);
    assert_string_equal(words.s, "");
    decode_register("16550", "status", 0x58, &words);
    assert_string_equal(words.s, "");
}

static void a_line_that_is_too_long_is_cut(void **state)
{
    (void)state;
    words = (struct text){ .length = 0 };
    for (unsigned int i = 0; i < 100; i++)
        text_add(&words, "%s", "ten bytes.");
    assert_int_equal(words.length, sizeof(words.s) - 1);
    assert_int_equal(strlen(words.s), sizeof(words.s) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_command_is_named_with_its_drive, set_up),
        cmocka_unit_test_setup(a_command_is_told_with_its_sectors, set_up),
        cmocka_unit_test_setup(a_long_address_is_of_two_bytes_each, set_up),
        cmocka_unit_test_setup(features_have_names, set_up),
        cmocka_unit_test_setup(status_and_error_are_told_by_bits, set_up),
        cmocka_unit_test_setup(data_is_told_by_its_length, set_up),
        cmocka_unit_test_setup(a_direct_request_is_told_by_its_place, set_up),
        cmocka_unit_test_setup(a_packet_is_told, set_up),
        cmocka_unit_test_setup(the_bus_master_is_where_its_claim_is, set_up),
        cmocka_unit_test_setup(the_divisor_latch_hides_two_registers, set_up),
        cmocka_unit_test_setup(a_serial_ports_state_is_told, set_up),
        cmocka_unit_test_setup(pci_data_is_what_was_addressed, set_up),
        cmocka_unit_test_setup(controller_keyboard_and_mouse_share_a_port, set_up),
        cmocka_unit_test_setup(cmos_bytes_have_names, set_up),
        cmocka_unit_test_setup(reset_and_sleep_are_told, set_up),
        cmocka_unit_test_setup(what_is_no_port_has_no_words, set_up),
        cmocka_unit_test_setup(any_request_is_decoded, set_up),
        cmocka_unit_test_setup(registers_are_told_by_bits, set_up),
        cmocka_unit_test_setup(a_line_that_is_too_long_is_cut, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
