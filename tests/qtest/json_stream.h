/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Where one JSON value ends and the next begins in a stream without separators.  What cannot be JSON is found as soon
 * as it comes, and forgotten up to the next bracket or control character, so that a client can go on after a mistake.
 */
#ifndef REFLEX_QTEST_JSON_STREAM_H
#define REFLEX_QTEST_JSON_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_STREAM_DEPTH 64

struct json_stream {
    size_t scanned;                         /* bytes that have been looked at, */
    size_t begin;                           /* of which the value does not begin before this one */
    unsigned int depth;
    char open[JSON_STREAM_DEPTH];           /* the brackets that will close what is open */
    char quote;                             /* the string that is open ends with this; 0: none */
    bool escaped, recovering;
};

enum json_stream_result { JSON_STREAM_MORE, JSON_STREAM_VALUE, JSON_STREAM_ERROR };

/* Looks at text[0 .. length): the same bytes as before, and those that have come since.  VALUE: text[*begin .. *end) is
 * one, with space around it.  ERROR: what is before *end is beyond hope.  The next call begins at *end. */
enum json_stream_result json_stream_next(struct json_stream *stream, const char *text, size_t length, size_t *begin,
                                         size_t *end);

#endif
