/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A kernel of our own that plays both the guest and its firmware, and tries the reflection interface rule by rule.
 * Last words: `Test result: SUCCESS` or `Test result: FAILURE`, after a line PASS or FAIL for each case; then it
 * powers off.
 */
#include "firmware.h"
#include "hypercalls.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "machine.h"
#include "test.h"

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/sched.h>

#define LINE_MAX 160
#define SIGNATURE "interface-test:"
#define AP_IDLE_NS 500000

struct options options = { .calls = 5000 };

/* --- verdicts ----------------------------------------------------------------------------------------------------- */
static struct {
    const char *prefix, *name;
    char reason[LINE_MAX];
    bool skipped;
    unsigned int failures;
} current;

static void say(const char *verdict)
{
    char line[2 * LINE_MAX];

    format(line, sizeof(line), "%s %s%s%s%s%s", verdict, current.prefix, *current.prefix ? ": " : "", current.name,
           *current.reason ? ": " : "", current.reason);
    console_line(line);
}

static void finish(void) __attribute__((noreturn));
static void finish(void)
{
    console_line(current.failures ? "Test result: FAILURE" : "Test result: SUCCESS");
    console_drain();
    sched_op(SCHEDOP_shutdown, &(struct sched_shutdown){ .reason = SHUTDOWN_poweroff });
    for (;;)
        relax();
}

static const char *base_name(const char *path)
{
    const char *slash;

    while ((slash = strchr(path, '/')))
        path = slash + 1;
    return path;
}

void expect(const char *file, int line, const char *what, uint64_t got, uint64_t wanted)
{
    if (got == wanted || *current.reason)
        return;
    format(current.reason, sizeof(current.reason), "%s:%d: %s is 0x%llx, not 0x%llx", base_name(file), line, what,
           (unsigned long long)got, (unsigned long long)wanted);
}

void skip(const char *why)
{
    current.skipped = true;
    format(current.reason, sizeof(current.reason), "%s", why);
}

void note(const char *form, ...)
{
    char line[LINE_MAX] = "NOTE ";
    va_list args;

    va_start(args, form);
    format_va(line + 5, sizeof(line) - 5, form, args);
    va_end(args);
    console_line(line);
}

void give_up(const char *form, ...)
{
    va_list args;

    va_start(args, form);
    format_va(current.reason, sizeof(current.reason), form, args);
    va_end(args);
    current.failures++;
    say("FAIL");
    finish();
}

static void run(const char *prefix, const struct test_case *cases)
{
    for (; cases->name; cases++) {
        current.prefix = prefix;
        current.name = cases->name;
        current.reason[0] = '\0';
        current.skipped = false;
        firmware.unexpected = 0;
        firmware_forget();
        cases->run();
        if (firmware.unexpected && !*current.reason)
            format(current.reason, sizeof(current.reason), "firmware.c: unexpected(%u)", firmware.unexpected_what);
        if (*current.reason && !current.skipped)
            current.failures++;
        say(current.skipped ? "SKIP" : *current.reason ? "FAIL" : "PASS");
    }
}

/* --- the second vCPU ---------------------------------------------------------------------------------------------- */
volatile uint32_t ap_boots;
static void (*volatile ap_work)(void);

void ap_main(void);
void ap_main(void)
{
    ap_work = NULL;
    mode_set(MODE_FLAT);
    interrupts_init();
    ap_boots++;
    for (;;) {
        if (ap_work) {
            ap_work();
            ap_work = NULL;
        }
        wait_until_ns(system_time_ns() + AP_IDLE_NS);
    }
}

void ap_start(void (*work)(void)) { ap_work = work; }
bool ap_busy(void) { return ap_work != NULL; }
bool ap_wait(uint32_t ms) { return WAIT_FOR(!ap_work, ms); }

void ap_boot(void)
{
    uint32_t boots = ap_boots;

    send_init(1);
    send_sipi(1);
    if (!WAIT_FOR(ap_boots != boots, 2000))
        give_up("the second vCPU does not start");
}

/* --- options ------------------------------------------------------------------------------------------------------ */
static uint32_t number(const char *digits)
{
    uint32_t n = 0;

    for (; *digits >= '0' && *digits <= '9'; digits++)
        n = n * 10 + (uint32_t)(*digits - '0');
    return n;
}

/* What follows `key`, up to the next blank. */
static const char *option(const char *text, const char *key)
{
    for (; *text; text++)
        if (!strncmp(text, key, strlen(key)))
            return text + strlen(key);
    return NULL;
}

static void read_options(const struct hvm_start_info *info)
{
    const struct hvm_modlist_entry *module = (const void *)(uint32_t)info->modlist_paddr;
    const char *text, *value;

    if (info->magic != XEN_HVM_START_MAGIC_VALUE || !info->nr_modules)
        return;
    text = (const char *)(uint32_t)module->paddr;
    if (module->size < sizeof(SIGNATURE) || strncmp(text, SIGNATURE, strlen(SIGNATURE)))
        return;
    value = option(text, "calls=");
    if (value)
        options.calls = number(value);
    options.hardware = option(text, "hardware");
    value = option(text, "firmware=");
    for (unsigned int i = 0; value && value[i] > ' ' && i < sizeof(options.firmware) - 1; i++)
        options.firmware[i] = value[i];
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */
bool mode_works(enum mode mode) { return mode != MODE_PAE || options.hardware; }

static void run_in_every_mode(void)
{
    for (enum mode mode = MODE_FLAT; mode < MODES; mode++) {
        if (!mode_works(mode)) {
            console_line("SKIP PAE: QEMU 7.2's processor does not survive a VM exit in it, reflection or not");
            continue;
        }
        mode_set(mode);
        run(mode_names[mode], access_cases);
        run(mode_names[mode], state_cases);
    }
    mode_set(MODE_FLAT);
}

void main(const struct hvm_start_info *info);
void main(const struct hvm_start_info *info)
{
    current.prefix = current.name = "start";
    mode_set(MODE_FLAT);
    if (!hypercalls_init())
        give_up("this is no Xen domain");
    console_init();
    read_options(info);
    interrupts_init();
    if (reflect_shadows(MMIO / XEN_PAGE_SIZE) != -XEN_EINVAL || reflect_shadows(0xffffffff) != -XEN_EINVAL)
        give_up("Xen takes a page of shadows where no RAM is");
    if (reflect_shadows(gpa_of(&shadow_page) / XEN_PAGE_SIZE))
        give_up("Xen does not want the page of shadows");
    if (*options.firmware)
        misbehave(options.firmware);
    ap_boot();
    run("", hostile_before_cases);
    run("", unlocked_cases);
    run("", hostile_set_up_cases);
    run("", lock_cases);
    run("", memory_cases);
    run_in_every_mode();
    run("", mode_cases);
    run("", interrupt_cases);
    run("", event_cases);
    run("", grant_cases);
    run("", smp_cases);
    run("", hostile_cases);
    finish();
}
