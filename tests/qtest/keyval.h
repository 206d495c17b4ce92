/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Option values of the form "first,key=value,key=value", where ",," stands for a comma in a value. */
#ifndef REFLEX_QTEST_KEYVAL_H
#define REFLEX_QTEST_KEYVAL_H

#include <stdbool.h>
#include <stdint.h>

#define KEYVAL_MAX 16

struct keyval {
    const char *option;                     /* for messages, "-drive" */
    unsigned int count;
    struct keyval_pair {
        const char *key, *value;
        bool taken;
    } pairs[KEYVAL_MAX];
};

/* Splits `text` where it is.  implied: the key of a first part without one; NULL: there is none.  What cannot be parsed
 * ends the program. */
void keyval_parse(struct keyval *list, const char *option, char *text, const char *implied);

/* The last value of the key, a part of the text.  NULL: not given. */
const char *keyval_take(struct keyval *list, const char *key);
/* The value is on or off (yes, no, true, false), or the program ends. */
bool keyval_take_bool(struct keyval *list, const char *key, bool otherwise);
/* The value is a decimal number from least to most, or the program ends. */
unsigned int keyval_take_number(struct keyval *list, const char *key, unsigned int least, unsigned int most,
                                unsigned int otherwise);

/* Whatever has not been taken is not known here: the program ends. */
void keyval_end(const struct keyval *list);

#endif
