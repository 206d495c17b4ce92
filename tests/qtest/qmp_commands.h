/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the machine protocol's commands do.  Sessions and syntax are qmp.c's. */
#ifndef REFLEX_QTEST_QMP_COMMANDS_H
#define REFLEX_QTEST_QMP_COMMANDS_H

#include <jansson.h>

#include "machine.h"

/* What has to happen when the answer is out. */
enum qmp_effect { QMP_NOTHING, QMP_RESET, QMP_QUIT };

/* Executes a command.  arguments: an object, or NULL.  Returns the value of the answer's "return", or NULL and in
 * *error the value of its "error". */
json_t *qmp_command(struct machine *machine, const char *name, json_t *arguments, enum qmp_effect *effect,
                    json_t **error);

/* The value of an answer's "error". */
json_t *qmp_error(const char *class, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The value of the greeting's "version". */
json_t *qmp_version(void);

#endif
