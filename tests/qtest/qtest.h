/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The qtest protocol, as clients of QEMU 7.2 speak it.  A command is a line of words, and is answered with one line:
 * "OK", perhaps with a value, or "FAIL" and why.  Before it go the changes of interrupt lines that the command has
 * caused, each on a line of its own, "IRQ raise N" or "IRQ lower N", if irq_intercept_in has asked for them.
 *
 *     endianness
 *     inb, inw, inl PORT                  outb, outw, outl PORT VALUE
 *     readb, readw, readl, readq ADDRESS  writeb, writew, writel, writeq ADDRESS VALUE
 *     read ADDRESS SIZE                   write ADDRESS SIZE 0xDIGITS
 *     b64read ADDRESS SIZE                b64write ADDRESS SIZE BASE64
 *     memset ADDRESS SIZE BYTE
 *     clock_step [NS]                     clock_set NS
 *     irq_intercept_in ioapic
 *
 * Numbers are C's.  Bytes that `write` and `b64write` do not bring are zero; those that are too many are not written.
 */
#ifndef REFLEX_QTEST_QTEST_H
#define REFLEX_QTEST_QTEST_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "connection.h"
#include "hypervisor.h"
#include "machine.h"

#define QTEST_GSIS 24

struct qtest {
    struct gsi_listener listener;
    struct connection connection;
    struct machine *machine;
    bool intercepting;
    bool told[QTEST_GSIS];                  /* the level that the client knows */
    FILE *log;                              /* NULL: none */
    struct timespec start;
};

/* Connects.  What cannot be opened ends the program.  log: a path, or NULL. */
void qtest_open(struct qtest *qtest, struct machine *machine, const char *path, const char *log);
/* Executes the first line of the connection's input.  False: there is no whole line. */
bool qtest_step(struct qtest *qtest);

#endif
