/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * All vCPUs of a guest do I/O at once; printed is what each of them got done in the same window of SECONDS:
 *   contend ports PORT SECONDS          "reads 310 305 ...": of a byte port, and nothing else
 *   contend devices DISK TTY SECONDS    "reads 31 30 ..." of DISK, "lines 3 3 ..." to TTY, one at every eighth read
 * With `devices` vCPU n reads 4 KiB at a time, O_DIRECT, round and round in an area of its own, n * 128 KiB into the
 * disk. The first round lands in /tmp/area.n, for a comparison with the disk's other side; every further round has to
 * find the same.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <unistd.h>

enum { BLOCK = 4096, BLOCKS = 32, READS_PER_LINE = 8, VCPUS_MAX = 64 };

struct worker {
    unsigned int vcpu, reads, lines;
    const char *failed;                 /* at what; NULL: all is well */
    unsigned char area[BLOCKS][BLOCK];
};

static pthread_barrier_t start;
static atomic_bool stop;
static unsigned int port;
static int disk, tty;

static void *read_ports(void *argument)
{
    struct worker *w = argument;

    for (pthread_barrier_wait(&start); !stop; w->reads++)
        inb(port);
    return NULL;
}

static const char *read_block(struct worker *w, unsigned int round, unsigned int block)
{
    static _Thread_local unsigned char buffer[BLOCK] __attribute__((aligned(BLOCK)));

    if (pread(disk, buffer, BLOCK, ((off_t)w->vcpu * BLOCKS + block) * BLOCK) != BLOCK)
        return "pread";
    if (round == 0)
        memcpy(w->area[block], buffer, BLOCK);
    return memcmp(w->area[block], buffer, BLOCK) ? "reading the same again" : NULL;
}

/* One write for the whole line, so that those of different vCPUs do not mix. */
static const char *write_line(struct worker *w)
{
    char line[40];
    int length = snprintf(line, sizeof(line), "vCPU %u: line %u\n", w->vcpu, w->lines);

    return write(tty, line, length) == length ? NULL : "writing a line";
}

static const char *save_area(const struct worker *w)
{
    char name[32];
    FILE *file;

    snprintf(name, sizeof(name), "/tmp/area.%u", w->vcpu);
    file = fopen(name, "w");
    return file && fwrite(w->area, sizeof(w->area), 1, file) == 1 && fclose(file) == 0 ? NULL : "/tmp/area";
}

/* The first round is finished also when the window is over, but counts no more. */
static void *use_devices(void *argument)
{
    struct worker *w = argument;

    pthread_barrier_wait(&start);
    for (unsigned int i = 0; !w->failed && (!stop || i < BLOCKS); i++) {
        w->failed = read_block(w, i / BLOCKS, i % BLOCKS);
        if (stop || w->failed)
            continue;
        w->reads++;
        if (w->reads % READS_PER_LINE == 0) {
            w->failed = write_line(w);
            w->lines++;
        }
    }
    if (!w->failed)
        w->failed = save_area(w);
    return NULL;
}

static int run(unsigned int vcpus, void *(*work)(void *), unsigned int seconds, struct worker *workers)
{
    pthread_t threads[VCPUS_MAX];

    pthread_barrier_init(&start, NULL, vcpus + 1);
    for (unsigned int i = 0; i < vcpus; i++) {
        pthread_attr_t attributes;
        cpu_set_t one;

        CPU_ZERO(&one);
        CPU_SET(i, &one);
        workers[i].vcpu = i;
        pthread_attr_init(&attributes);
        pthread_attr_setaffinity_np(&attributes, sizeof(one), &one);
        if (pthread_create(&threads[i], &attributes, work, &workers[i])) {
            fprintf(stderr, "vCPU %u: no thread\n", i);
            return 1;
        }
    }
    pthread_barrier_wait(&start);
    sleep(seconds);
    stop = true;
    for (unsigned int i = 0; i < vcpus; i++)
        pthread_join(threads[i], NULL);
    return 0;
}

static int report(const struct worker *workers, unsigned int vcpus)
{
    int failed = 0;

    printf("reads");
    for (unsigned int i = 0; i < vcpus; i++)
        printf(" %u", workers[i].reads);
    printf("\nlines");
    for (unsigned int i = 0; i < vcpus; i++)
        printf(" %u", workers[i].lines);
    printf("\n");
    for (unsigned int i = 0; i < vcpus; i++) {
        if (workers[i].failed)
            printf("vCPU %u: %s failed\n", i, workers[i].failed);
        failed |= workers[i].failed != NULL;
    }
    return failed;
}

int main(int argc, char *argv[])
{
    static struct worker workers[VCPUS_MAX];
    long vcpus = sysconf(_SC_NPROCESSORS_ONLN);
    void *(*work)(void *);

    if (argc == 4 && !strcmp(argv[1], "ports")) {
        port = strtoul(argv[2], NULL, 0);
        work = read_ports;
        if (iopl(3)) {
            perror("iopl");
            return 1;
        }
    } else if (argc == 5 && !strcmp(argv[1], "devices")) {
        disk = open(argv[2], O_RDONLY | O_DIRECT);
        tty = open(argv[3], O_WRONLY | O_NOCTTY);
        work = use_devices;
        if (disk < 0 || tty < 0) {
            perror("contend: disk or terminal");
            return 1;
        }
    } else {
        fprintf(stderr, "usage: contend ports PORT SECONDS | contend devices DISK TTY SECONDS\n");
        return 2;
    }
    if (vcpus > VCPUS_MAX) {
        fprintf(stderr, "contend: more than %d vCPUs\n", VCPUS_MAX);
        return 1;
    }
    return run(vcpus, work, atoi(argv[argc - 1]), workers) || report(workers, vcpus);
}
