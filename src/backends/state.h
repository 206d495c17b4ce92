/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * What a chip or a frontend lets an administrator see of itself: a constant table of its struct's members.  Nothing of
 * it runs: reflexctl reads the members out of the domain's memory, whatever state the domain is in.
 */
#ifndef REFLEX_BACKENDS_STATE_H
#define REFLEX_BACKENDS_STATE_H

#include <stddef.h>
#include <stdint.h>

enum state_kind {
    STATE_HEX,                              /* a register, of up to 8 bytes */
    STATE_NUMBER,                           /* the same, in decimal */
    STATE_FLAG,                             /* yes or no */
    STATE_BITS,                             /* how many bits are set */
    STATE_BYTES,                            /* one by one, in hexadecimal, the first first; up to 16 */
    STATE_TEXT,                             /* up to the first zero byte */
    STATE_LINK,                             /* a pointer to another device, or NULL */
};

struct state_field {
    const char *name;                       /* a register's is the datasheet's; 15 characters */
    uint32_t offset;
    uint16_t bytes;
    enum state_kind kind;
};

struct state_map {
    const char *type;                       /* 15 characters */
    const struct state_field *fields;
    unsigned int count;
};

/* One member of `type`.  What is read is the member's own size. */
#define STATE_FIELD(type, member, name, kind) { name, offsetof(type, member), sizeof(((type *)0)->member), kind }
/* Some of its bytes. */
#define STATE_PART(type, member, bytes, name, kind) { name, offsetof(type, member), bytes, kind }
/* The map of a file's array `fields`. */
#define STATE_MAP(type, fields) { type, fields, sizeof(fields) / sizeof((fields)[0]) }

#endif
