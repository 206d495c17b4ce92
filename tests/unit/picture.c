/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "vga_host.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>

static bool write_png(const struct vga_host *host, const char *path)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = host->picture.width, .height = host->picture.height,
        .format = PNG_FORMAT_BGRA,
    };
    size_t pixels = (size_t)image.width * image.height;
    uint32_t *opaque = malloc(4 * pixels);
    bool written;

    for (size_t i = 0; i < pixels; i++)
        opaque[i] = host->screen[i] | 0xff000000;
    written = png_image_write_to_file(&image, path, 0, opaque, 0, NULL);
    free(opaque);
    return written;
}

static bool matches(const struct vga_host *host, const char *path)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    size_t pixels = (size_t)host->picture.width * host->picture.height;
    uint32_t *expected;
    bool same = false;

    if (!png_image_begin_read_from_file(&image, path))
        return false;
    image.format = PNG_FORMAT_BGRA;
    expected = malloc(PNG_IMAGE_SIZE(image));
    if (png_image_finish_read(&image, NULL, expected, 0, NULL) && image.width == host->picture.width &&
        image.height == host->picture.height) {
        same = true;
        for (size_t i = 0; i < pixels; i++)
            same &= (expected[i] & 0xffffff) == (host->screen[i] & 0xffffff);
    }
    png_image_free(&image);
    free(expected);
    return same;
}

void assert_picture(const struct vga_host *host, const char *name)
{
    char expected[128], found[128];

    snprintf(expected, sizeof(expected), "tests/unit/pictures/%s.png", name);
    snprintf(found, sizeof(found), "build/host/%s.png", name);
    if (matches(host, expected))
        return;
    fail_msg("the screen is not that of %s; it is in %s%s", expected, found,
             write_png(host, found) ? "" : " (not written)");
}
