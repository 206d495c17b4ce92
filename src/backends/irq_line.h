/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One interrupt wire.  A chip drives a level; which interrupt number that is, the board knows. */
#ifndef REFLEX_BACKENDS_IRQ_LINE_H
#define REFLEX_BACKENDS_IRQ_LINE_H

#include <stdbool.h>

/* set: idempotent; the implementation forwards changes only. */
struct irq_line {
    void (*set)(struct irq_line *line, bool high);
};

static inline void irq_line_set(struct irq_line *line, bool high)
{
    line->set(line, high);
}

#endif
