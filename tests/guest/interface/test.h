/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Cases and their verdicts.  A case is a function that runs its checks; the first that fails is its verdict, the rest
 * still run.  Checks belong to vCPU 0; what the other vCPU finds, it leaves in memory.
 */
#ifndef INTERFACE_TEST_H
#define INTERFACE_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/errno.h>

struct test_case {
    const char *name;
    void (*run)(void);
};

/* Each file of cases ends its table with an empty one. */
extern const struct test_case unlocked_cases[], lock_cases[], memory_cases[], access_cases[], state_cases[], mode_cases[],
    interrupt_cases[], event_cases[], grant_cases[], smp_cases[], hostile_before_cases[],
    hostile_set_up_cases[], hostile_cases[];

#define EXPECT(condition) expect(__FILE__, __LINE__, #condition, (condition), true)
#define EXPECT_EQUAL(got, wanted) expect(__FILE__, __LINE__, #got, (uint64_t)(got), (uint64_t)(wanted))
void expect(const char *file, int line, const char *what, uint64_t got, uint64_t wanted);

/* A figure worth knowing, on a line of its own. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Ends the test with FAILURE: nothing after this would make sense. */
void give_up(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

void console_init(void);
void console_line(const char *line);    /* to the PV console, and to Xen's debug port */
void console_drain(void);               /* until dom0 has read it, or it does not */
void console_put(char c);
/* Its port; and, once the firmware has adopted that, its index there. */
extern uint32_t console_port, console_index;
extern bool console_adopted;

/* This case is not tried, and why. */
void skip(const char *why);

/* What xl.cfg asked for in the file of bios_path_override: `interface-test: calls=N hardware firmware=NAME`. */
struct options {
    uint32_t calls;                     /* how many hostile ones */
    bool hardware;                      /* a processor without the faults of QEMU's */
    char firmware[32];                  /* how it misbehaves; "" it does not */
};
extern struct options options;

/* The domain's only access in these: the firmware does the named mischief. */
void misbehave(const char *how);

/* Starts the second vCPU, by INIT and SIPI. */
void ap_boot(void);
/* Runs work() on the second vCPU, which must not be busy. */
void ap_start(void (*work)(void));
bool ap_busy(void);
bool ap_wait(uint32_t ms);              /* false: it is busy still */
extern volatile uint32_t ap_boots;

/* False after `ms` milliseconds without condition. */
#define WAIT_FOR(condition, ms)                                                     \
    ({                                                                              \
        uint64_t until_ = system_time_ns() + (uint64_t)(ms) * 1000000;              \
        while (!(condition) && system_time_ns() < until_)                           \
            relax();                                                                \
        (condition);                                                                \
    })

#endif
