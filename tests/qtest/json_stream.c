/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "json_stream.h"

#include <ctype.h>
#include <string.h>

/* A byte goes on, completes a value, completes the value before it, or cannot be. */
enum step { STEP_ON, STEP_COMPLETE, STEP_COMPLETE_BEFORE, STEP_ERROR };

static enum step in_string(struct json_stream *stream, unsigned char c)
{
    if (c < 0x20 || c > 0xfd)
        return STEP_ERROR;
    if (stream->escaped)
        stream->escaped = false;
    else if (c == '\\')
        stream->escaped = true;
    else if (c == (unsigned char)stream->quote)
        stream->quote = 0;
    return stream->quote || stream->depth ? STEP_ON : STEP_COMPLETE;
}

static enum step open_bracket(struct json_stream *stream, char closing)
{
    if (stream->depth == JSON_STREAM_DEPTH)
        return STEP_ERROR;
    stream->open[stream->depth++] = closing;
    return STEP_ON;
}

static enum step close_bracket(struct json_stream *stream, char c)
{
    if (!stream->depth || stream->open[stream->depth - 1] != c)
        return STEP_ERROR;
    return --stream->depth ? STEP_ON : STEP_COMPLETE;
}

/* `begun`: bytes of a bare word came before, at the outermost level. */
static enum step outside(struct json_stream *stream, char c, bool begun)
{
    if (begun && (isspace((unsigned char)c) || strchr("{}[],:\"'", c)))
        return STEP_COMPLETE_BEFORE;
    switch (c) {
    case '{':
        return open_bracket(stream, '}');
    case '[':
        return open_bracket(stream, ']');
    case '}':
    case ']':
        return close_bracket(stream, c);
    case '"':
    case '\'':
        stream->quote = c;
        return STEP_ON;
    case ',':
    case ':':
        return stream->depth ? STEP_ON : STEP_ERROR;
    default:
        return isspace((unsigned char)c) || isalnum((unsigned char)c) || c == '-' || c == '+' || c == '.' || c == '_' ?
                   STEP_ON : STEP_ERROR;
    }
}

/* False: the byte is part of what is beyond hope. */
static bool recovered(struct json_stream *stream, unsigned char c)
{
    stream->begin = stream->scanned - 1;
    stream->recovering = c >= 0x20 && c <= 0xfd && !strchr("{}[]", c);
    return !stream->recovering;
}

enum json_stream_result json_stream_next(struct json_stream *stream, const char *text, size_t length, size_t *begin,
                                         size_t *end)
{
    while (stream->scanned < length) {
        size_t at = stream->scanned++;
        enum step step;
        bool begun;

        if (stream->recovering && !recovered(stream, (unsigned char)text[at]))
            continue;
        begun = !stream->depth && at > stream->begin && isalnum((unsigned char)text[at - 1]);
        step = stream->quote ? in_string(stream, (unsigned char)text[at]) : outside(stream, text[at], begun);
        if (step == STEP_ON)
            continue;
        *begin = stream->begin;
        *end = step == STEP_COMPLETE_BEFORE ? at : at + 1;
        *stream = (struct json_stream){ .recovering = step == STEP_ERROR };
        return step == STEP_ERROR ? JSON_STREAM_ERROR : JSON_STREAM_VALUE;
    }
    return JSON_STREAM_MORE;
}
