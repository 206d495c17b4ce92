/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include <stdlib.h>

#include "devices/pci/pci_rom.h"

#define UNIT   512u
#define CARD_A 0x100e8086u
#define CARD_B 0x813910ecu

static void put16(uint8_t *bytes, unsigned int value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

/* An image of `units` that belongs to `id`, with its PCI data structure at `data`; it says of itself that it is the
 * last, as each file of iPXE's does. */
static void make(uint8_t *image, unsigned int units, unsigned int data, uint32_t id)
{
    memset(image, (int)units, units * UNIT);
    put16(image, 0xaa55);
    put16(image + 0x18, data);
    memcpy(image + data, "PCIR", 4);
    put16(image + data + 4, id & 0xffff);
    put16(image + data + 6, id >> 16);
    put16(image + data + 0x10, units);
    image[data + 0x15] = 0x80;
}

static void finds_the_image_of_a_card(void **state)
{
    uint8_t *images = malloc(5 * UNIT);
    struct pci_rom rom;

    (void)state;
    make(images, 2, 0x1c, CARD_A);
    make(images + 2 * UNIT, 3, 3 * UNIT - 0x18, CARD_B);        /* the data structure is the very end */
    rom = pci_rom_find(images, 5 * UNIT, CARD_A);
    assert_ptr_equal(rom.image, images);
    assert_int_equal(rom.length, 2 * UNIT);
    rom = pci_rom_find(images, 5 * UNIT, CARD_B);
    assert_ptr_equal(rom.image, images + 2 * UNIT);
    assert_int_equal(rom.length, 3 * UNIT);
    assert_int_equal(pci_rom_find(images, 5 * UNIT, 0x81398086).length, 0);
    assert_int_equal(pci_rom_find(NULL, 0, CARD_A).length, 0);
    free(images);
}

/* Whatever is cut off or wrong ends the search, within what there is: the memory is exactly as long. */
static void ends_at_what_is_no_image(void **state)
{
    for (uint32_t length = 0; length < 3 * UNIT; length++) {
        uint8_t *images = malloc(3 * UNIT), *cut;

        make(images, 1, 0x1c, CARD_A);
        make(images + UNIT, 2, UNIT + 0x30, CARD_B);
        cut = malloc(length ? length : 1);
        memcpy(cut, images, length);
        assert_int_equal(pci_rom_find(cut, length, CARD_A).length, length < UNIT ? 0 : UNIT);
        assert_int_equal(pci_rom_find(cut, length, CARD_B).length, 0);
        free(cut);
        free(images);
    }
    (void)state;
}

static void spoiled_images(void **state)
{
    static const struct { unsigned int offset; uint8_t value; } spoil[] = {
        { 0, 0 }, { 1, 0 }, { 0x19, 0xff }, { 0x1c, 'p' }, { 0x1f, 0 }, { 0x1c + 0x10, 0 }, { 0x1c + 0x11, 1 },
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
        uint8_t *image = malloc(UNIT);

        make(image, 1, 0x1c, CARD_A);
        assert_int_equal(pci_rom_find(image, UNIT, CARD_A).length, UNIT);
        image[spoil[i].offset] = spoil[i].value;
        assert_int_equal(pci_rom_find(image, UNIT, CARD_A).length, 0);
        free(image);
    }
}

/* SeaBIOS copies it by doublewords; behind its end there is nothing. */
static void reads_as_memory(void **state)
{
    static const uint8_t bytes[6] = { 1, 2, 3, 4, 5, 6 };
    struct pci_rom rom = { bytes, sizeof(bytes) };

    (void)state;
    assert_int_equal(pci_rom_ops.read(&rom, 0, 4), 0x04030201);
    assert_int_equal(pci_rom_ops.read(&rom, 4, 4), 0xffff0605);
    assert_int_equal(pci_rom_ops.read(&rom, 5, 1), 6);
    assert_int_equal(pci_rom_ops.read(&rom, 5, 2), 0xff06);
    assert_int_equal(pci_rom_ops.read(&rom, 0x3fffc, 4), 0xffffffff);
    pci_rom_ops.write(&rom, 0, 4, 0);
    assert_int_equal(pci_rom_ops.read(&rom, 0, 2), 0x0201);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_image_of_a_card),
        cmocka_unit_test(ends_at_what_is_no_image),
        cmocka_unit_test(spoiled_images),
        cmocka_unit_test(reads_as_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
