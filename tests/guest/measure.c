/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Measures from inside a guest what its I/O costs:
 *   measure inb PORT COUNT           nanoseconds per read of a byte port
 *   measure random DEVICE SECONDS    4 KiB random reads per second, O_DIRECT, one at a time
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static int measure_inb(unsigned int port, unsigned int count)
{
    double start;

    if (iopl(3)) {
        perror("iopl");
        return 1;
    }
    start = now();
    for (unsigned int i = 0; i < count; i++)
        inb(port);
    printf("inb 0x%x: %.0f ns\n", port, (now() - start) * 1e9 / count);
    return 0;
}

static int measure_random(const char *device, double seconds)
{
    int fd = open(device, O_RDONLY | O_DIRECT);
    off_t blocks = fd < 0 ? 0 : lseek(fd, 0, SEEK_END) / BLOCK;
    uint32_t seed = 1;
    unsigned int done = 0;
    double start;
    void *buffer;

    if (blocks <= 0 || posix_memalign(&buffer, BLOCK, BLOCK)) {
        perror(device);
        return 1;
    }
    for (start = now(); now() - start < seconds; done++) {
        seed = seed * 1664525 + 1013904223;
        if (pread(fd, buffer, BLOCK, (off_t)(seed >> 8) % blocks * BLOCK) != BLOCK) {
            perror(device);
            return 1;
        }
    }
    printf("random 4 KiB reads: %.0f /s\n", done / (now() - start));
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc == 4 && !strcmp(argv[1], "inb"))
        return measure_inb(strtoul(argv[2], NULL, 0), strtoul(argv[3], NULL, 0));
    if (argc == 4 && !strcmp(argv[1], "random"))
        return measure_random(argv[2], strtod(argv[3], NULL));
    fprintf(stderr, "usage: measure inb PORT COUNT | measure random DEVICE SECONDS\n");
    return 2;
}
