/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The types of QEMU's object model that the board has its own model of, under QEMU's names. */
#ifndef REFLEX_QTEST_QOM_TYPES_H
#define REFLEX_QTEST_QOM_TYPES_H

#include <jansson.h>
#include <stdbool.h>

/* The answer to qom-list-types.  implements: a type's name, which is the type or an ancestor of those listed, or NULL
 * for all.  abstract: types that nothing can be are listed too. */
json_t *qom_types(const char *implements, bool abstract);

#endif
