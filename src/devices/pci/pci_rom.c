/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/pci/pci_rom.h"

#include <stddef.h>

static uint32_t rom_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct pci_rom *rom = dev;
    uint32_t value = 0;

    for (unsigned int i = 0; i < size; i++)
        value |= (uint32_t)(offset + i < rom->length ? rom->image[offset + i] : 0xff) << 8 * i;
    return value;
}

static void rom_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    (void)dev, (void)offset, (void)size, (void)value;
}

const struct io_ops pci_rom_ops = { .read = rom_read, .write = rom_write, .sizes = IO_BYTE | IO_WORD | IO_DWORD };

/* ---- Images --------------------------------------------------------------------------------------------------- */

/* The ROM header and the PCI data structure, 6.3.1. */
#define ROM_SIGNATURE      0xaa55u
#define ROM_DATA_POINTER   0x18u
#define ROM_HEADER_BYTES   0x1au
#define DATA_SIGNATURE     0x52494350u          /* "PCIR" */
#define DATA_ID            0x04u
#define DATA_IMAGE_LENGTH  0x10u                /* in units of 512 bytes */
#define DATA_BYTES         0x18u
#define IMAGE_UNIT         512u

static uint32_t get16(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8;
}

static uint32_t get32(const uint8_t *bytes)
{
    return get16(bytes) | get16(bytes + 2) << 16;
}

/* Of the image at `image`, with `length` bytes from there on: its PCI data structure, or NULL if that is not there or
 * leaves the image without a length. */
static const uint8_t *data_structure(const uint8_t *image, uint32_t length)
{
    const uint8_t *data;
    uint32_t offset;

    if (length < ROM_HEADER_BYTES || get16(image) != ROM_SIGNATURE)
        return NULL;
    offset = get16(image + ROM_DATA_POINTER);
    if (offset > length || length - offset < DATA_BYTES)
        return NULL;
    data = image + offset;
    return get32(data) == DATA_SIGNATURE && get16(data + DATA_IMAGE_LENGTH) ? data : NULL;
}

struct pci_rom pci_rom_find(const uint8_t *images, uint32_t length, uint32_t id)
{
    const uint8_t *data;

    while ((data = data_structure(images, length))) {
        uint32_t image_length = get16(data + DATA_IMAGE_LENGTH) * IMAGE_UNIT;

        if (image_length > length)
            break;
        if (get32(data + DATA_ID) == id)
            return (struct pci_rom){ images, image_length };
        images += image_length;
        length -= image_length;
    }
    return (struct pci_rom){ .length = 0 };
}
