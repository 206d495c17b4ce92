/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The log's way out: Xen's debug console, port 0xe9 of every HVM domain, seen in `xl dmesg` a line at a time. */
#include "lib/log.h"

#include "lib/printf.h"
#include "xen/hypercall.h"

#include <xen/sched.h>

#define STOP_LINE_MAX 256

static void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" :: "a"(value), "Nd"(port));
}

void log_sink(const char *line, unsigned int length)
{
    for (unsigned int i = 0; i < length; i++)
        outb(XEN_HVM_DEBUGCONS_IOPORT, (uint8_t)line[i]);
}

static void __attribute__((noreturn)) stop(const char *what, const char *format, va_list args)
{
    char line[STOP_LINE_MAX];

    format_va(line, sizeof(line), format, args);
    log_error("%s%s", what, line);
    domain_shutdown(SHUTDOWN_crash);
    /* Xen pauses a crashed domain before the call returns; nothing may run should it ever be unpaused. */
    for (;;)
        __asm__ volatile("pause");
}

void panic(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    stop("panic: ", format, args);
}

void give_up(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    stop("the domain is stopped: ", format, args);
}
