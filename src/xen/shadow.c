/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/shadow.h"

#include <stddef.h>

#include "lib/log.h"

/* Another vCPU's Xen reads the page at any time.  x86 keeps stores in order; the compiler has to be told. */
#define in_order() __asm__ volatile("" ::: "memory")

static void tell_xen(struct shadow_table *table)
{
    int rc = reflect_shadows(&table->page);

    if (rc)
        log_info("every access enters the firmware: Xen serves no registers for us (error %d)", -rc);
}

/* One store, which a 32-bit processor has in this form alone; nobody else writes here. */
static void store(uint64_t *to, uint64_t value)
{
    if (*to != value)
        __sync_val_compare_and_swap(to, *to, value);
    in_order();
}

static uint64_t word_of(const struct shadow_table *table, unsigned int i)
{
    const struct io_shadow *what = table->registers[i].what;
    void *dev = table->registers[i].dev;
    struct xen_reflect_shadow now = { .word = 0 };
    uint32_t value;

    if (what->peek && what->peek(dev, what->offset, &value)) {
        now.flags |= XEN_REFLECT_SHADOW_READ;
        now.value = value;
    }
    if (what->post && what->post(dev, what->offset, &now.mask, &now.match))
        now.flags |= XEN_REFLECT_SHADOW_WRITE;
    return now.word;
}

void shadow_table_init(struct shadow_table *table)
{
    *table = (struct shadow_table){ 0 };
    tell_xen(table);
}

static void add_register(struct shadow_table *table, uint64_t key, const struct io_shadow *what, void *dev)
{
    unsigned int i = 0;

    while (i < XEN_REFLECT_MAX_SHADOWS && table->registers[i].what)
        i++;
    if (i == XEN_REFLECT_MAX_SHADOWS)
        return;                             /* it comes to its chip, then */
    table->registers[i].what = what;
    table->registers[i].dev = dev;
    store(&table->page.shadows[i].key, key);
    store(&table->page.shadows[i].word, word_of(table, i));
    if (table->page.nr <= i)
        *(volatile uint32_t *)&table->page.nr = i + 1;
}

void shadow_add(struct shadow_table *table, uint32_t type, const struct io_region *region)
{
    for (unsigned int i = 0; i < region->ops->shadow_count; i++) {
        const struct io_shadow *what = &region->ops->shadows[i];

        add_register(table, XEN_REFLECT_SHADOW_KEY(type, what->size, (uint64_t)region->base + what->offset), what,
                     region->dev);
    }
}

static void remove_register(struct shadow_table *table, uint64_t key)
{
    for (unsigned int i = 0; i < table->page.nr; i++)
        if (table->page.shadows[i].key == key) {
            store(&table->page.shadows[i].word, 0);
            store(&table->page.shadows[i].key, 0);
            table->registers[i].what = NULL;
        }
}

void shadow_remove(struct shadow_table *table, uint32_t type, const struct io_region *region)
{
    for (unsigned int i = 0; i < region->ops->shadow_count; i++) {
        const struct io_shadow *what = &region->ops->shadows[i];

        remove_register(table, XEN_REFLECT_SHADOW_KEY(type, what->size, (uint64_t)region->base + what->offset));
    }
}

void shadow_concern(struct shadow_table *table, const void *dev)
{
    if (table->concerns == SHADOW_ANY && dev) {
        table->concerns = SHADOW_ONE;
        table->concerned = dev;
    } else if (!dev || table->concerned != dev) {
        table->concerns = SHADOW_SEVERAL;
    }
}

static bool is_concerned(const struct shadow_table *table, unsigned int i)
{
    return table->registers[i].what && (table->concerns != SHADOW_ONE || table->registers[i].dev == table->concerned);
}

/* Another vCPU that reads two registers must not see the first as it is now and the second as it was, such as a bus
 * master that is done and then a drive that is busy.  So what changes goes first; a read of it enters and waits. */
void shadow_publish(struct shadow_table *table)
{
    for (unsigned int i = 0; i < table->page.nr; i++) {
        if (!is_concerned(table, i))
            continue;
        table->registers[i].word = word_of(table, i);
        if (table->page.shadows[i].word != table->registers[i].word)
            store(&table->page.shadows[i].word, 0);
    }
    for (unsigned int i = 0; i < table->page.nr; i++)
        if (is_concerned(table, i))
            store(&table->page.shadows[i].word, table->registers[i].word);
}

void shadow_settle(struct shadow_table *table)
{
    shadow_publish(table);
    table->concerns = SHADOW_ANY;
}

/* From here on Xen answers reads of their registers again.  A write that was judged by a word of before may be behind
 * them by now: what has changed was stored with a locked instruction, so that a look at `put` from now on finds it. */
static void writes_served(struct shadow_table *table)
{
    shadow_settle(table);
    *(volatile uint32_t *)&table->page.taken = table->shown = table->served;
}

/* Xen queues no other; but the guest can write the page. */
static bool possible(uint64_t key)
{
    unsigned int size = key >> 60 & 7;

    return (size == 1 || size == 2 || size == 4) && !((key & XEN_REFLECT_SHADOW_ADDRESS) >> 32);
}

/* What there is to serve up to `put`, as it is now. */
static bool has_write(struct shadow_table *table)
{
    uint32_t put = *(volatile uint32_t *)&table->page.put;

    if (put - table->served > XEN_REFLECT_MAX_WRITES) {
        log_limited(LOG_WARNING, "the queue of writes was written over, and is lost");
        table->served = put;
    }
    while (table->served != put &&
           !possible(table->page.writes[table->served % XEN_REFLECT_MAX_WRITES].key))
        table->served++;
    return table->served != put;
}

bool shadow_next_write(struct shadow_table *table, struct xen_reflect_write *write)
{
    while (!has_write(table)) {
        if (table->shown == table->served)
            return false;
        writes_served(table);
    }
    in_order();
    *write = table->page.writes[table->served % XEN_REFLECT_MAX_WRITES];
    table->served++;
    return true;
}

void shadow_restored(struct shadow_table *table)
{
    tell_xen(table);
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
