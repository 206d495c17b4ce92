/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/shadow.h"

#include <stddef.h>

#include "lib/log.h"

static int tell_xen(struct shadow *shadow, bool add)
{
    struct xen_reflect_shadow request = { .type = XEN_REFLECT_RANGE_PORT, .add = add, .address = shadow->port };

    if (add) {
        request.gpa = gpa_of(&shadow->value);
        request.size = sizeof(shadow->value);
    }
    return reflect_shadow(&request);
}

static void offer(struct shadow_table *table, struct shadow *shadow)
{
    int rc = tell_xen(shadow, true);

    shadow->offered = !rc;
    table->refused = rc;
    if (rc)
        log_info("reads of port 0x%x enter the firmware: Xen does not answer them (error %d)", shadow->port, -rc);
}

/* To go on with a value that is no longer true is the one thing that must not happen. */
static void withdraw(struct shadow *shadow)
{
    int rc = tell_xen(shadow, false);

    if (rc)
        panic("port 0x%x: Xen goes on answering (error %d)", shadow->port, -rc);
    shadow->offered = false;
}

/* The value first, which Xen may be reading: one store. */
static void publish(struct shadow_table *table, struct shadow *shadow)
{
    uint8_t value;
    bool still = shadow->ops->peek(shadow->dev, &value);

    if (still)
        *(volatile uint8_t *)&shadow->value = value;
    if (still && !shadow->offered && !table->refused)
        offer(table, shadow);
    else if (!still && shadow->offered)
        withdraw(shadow);
}

void shadow_table_init(struct shadow_table *table)
{
    *table = (struct shadow_table){ 0 };
}

void shadow_add(struct shadow_table *table, const struct io_region *region)
{
    if (!region->ops->peek)
        return;
    for (unsigned int i = 0; i < XEN_REFLECT_MAX_SHADOWS; i++) {
        struct shadow *shadow = &table->shadows[i];

        if (shadow->ops)
            continue;
        *shadow = (struct shadow){
            .ops = region->ops, .dev = region->dev, .port = region->base + region->ops->peek_offset,
        };
        publish(table, shadow);
        return;
    }
}

void shadow_remove(struct shadow_table *table, uint32_t base, uint32_t length)
{
    for (unsigned int i = 0; i < XEN_REFLECT_MAX_SHADOWS; i++) {
        struct shadow *shadow = &table->shadows[i];

        if (!shadow->ops || shadow->port - base >= length)
            continue;
        if (shadow->offered)
            withdraw(shadow);
        shadow->ops = NULL;
    }
}

void shadow_publish(struct shadow_table *table)
{
    for (unsigned int i = 0; i < XEN_REFLECT_MAX_SHADOWS; i++)
        if (table->shadows[i].ops)
            publish(table, &table->shadows[i]);
}

void shadow_restored(struct shadow_table *table)
{
    for (unsigned int i = 0; i < XEN_REFLECT_MAX_SHADOWS; i++)
        table->shadows[i].offered = false;
    table->refused = false;
}

bool shadow_count(uint64_t *reads)
{
    struct xen_reflect_info info;
    unsigned int vcpu = 0;

    *reads = 0;
    do {
        if (reflect_info(vcpu, &info))
            return false;
        *reads += info.shadowed;
    } while (++vcpu < info.nr_vcpus);
    return true;
}
