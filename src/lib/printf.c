/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "lib/printf.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/string.h"

/* Where characters go; `length` counts those that found no room too. */
struct output {
    char *to;
    size_t size, length;
};

/* One conversion, as parsed from between '%' and its letter. */
struct conversion {
    bool left, zeros;
    unsigned int width, precision;
    int rank;                               /* h -1, hh -2, l 1, ll 2; z is l */
};

#define NO_PRECISION UINT32_MAX
#define DIGITS_MAX 20                       /* of 2^64 - 1 in base 10, the longest */

static void put(struct output *out, char c)
{
    if (out->length < out->size)
        out->to[out->length] = c;
    out->length++;
}

static void put_repeated(struct output *out, char c, unsigned int count)
{
    while (count--)
        put(out, c);
}

/* [spaces]prefix[zeros]text[spaces], as wide as asked. */
static void put_field(struct output *out, const struct conversion *conversion, const char *prefix,
                      const char *text, unsigned int length)
{
    unsigned int used = (unsigned int)strlen(prefix) + length;
    unsigned int padding = conversion->width > used ? conversion->width - used : 0;

    if (!conversion->left && !conversion->zeros)
        put_repeated(out, ' ', padding);
    while (*prefix)
        put(out, *prefix++);
    if (!conversion->left && conversion->zeros)
        put_repeated(out, '0', padding);
    while (length--)
        put(out, *text++);
    if (conversion->left)
        put_repeated(out, ' ', padding);
}

/* Long division in 16-bit digits: 64-bit division is a libgcc call on the 32-bit target.  Returns the
 * remainder. */
static unsigned int divide(uint64_t *value, unsigned int divisor)
{
    uint64_t quotient = 0;
    uint32_t rest = 0;

    for (int shift = 48; shift >= 0; shift -= 16) {
        rest = rest << 16 | (uint16_t)(*value >> shift);
        quotient |= (uint64_t)(rest / divisor) << shift;
        rest %= divisor;
    }
    *value = quotient;
    return rest;
}

static void put_number(struct output *out, const struct conversion *conversion, const char *prefix,
                       uint64_t value, unsigned int base, bool capitals)
{
    const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[DIGITS_MAX];
    unsigned int first = DIGITS_MAX;

    do
        text[--first] = digits[divide(&value, base)];
    while (value);
    put_field(out, conversion, prefix, text + first, DIGITS_MAX - first);
}

static void put_string(struct output *out, const struct conversion *conversion, const char *text)
{
    unsigned int length = 0;

    while (length < conversion->precision && text[length])
        length++;
    put_field(out, conversion, "", text, length);
}

static uint64_t unsigned_argument(int rank, va_list *args)
{
    switch (rank) {
    case -2: return (unsigned char)va_arg(*args, unsigned int);
    case -1: return (unsigned short)va_arg(*args, unsigned int);
    case 0:  return va_arg(*args, unsigned int);
    case 1:  return va_arg(*args, unsigned long);
    default: return va_arg(*args, unsigned long long);
    }
}

static int64_t signed_argument(int rank, va_list *args)
{
    switch (rank) {
    case -2: return (signed char)va_arg(*args, int);
    case -1: return (short)va_arg(*args, int);
    case 0:  return va_arg(*args, int);
    case 1:  return va_arg(*args, long);
    default: return va_arg(*args, long long);
    }
}

static const char *parse_count(const char *at, unsigned int *count, va_list *args)
{
    *count = 0;
    if (*at == '*') {
        *count = va_arg(*args, unsigned int);
        return at + 1;
    }
    while (*at >= '0' && *at <= '9')
        *count = *count * 10 + (unsigned int)(*at++ - '0');
    return at;
}

/* Returns where the conversion's letter stands. */
static const char *parse_conversion(const char *at, struct conversion *conversion, va_list *args)
{
    *conversion = (struct conversion){.precision = NO_PRECISION};
    for (; *at == '-' || *at == '0'; at++) {
        conversion->left |= *at == '-';
        conversion->zeros |= *at == '0';
    }
    at = parse_count(at, &conversion->width, args);
    if (*at == '.')
        at = parse_count(at + 1, &conversion->precision, args);
    for (;; at++) {
        if (*at == 'l' || *at == 'z')
            conversion->rank++;
        else if (*at == 'h')
            conversion->rank--;
        else
            return at;
    }
}

static void put_conversion(struct output *out, const struct conversion *conversion, char letter, va_list *args)
{
    char c;
    int64_t number;

    switch (letter) {
    case 'd':
    case 'i':
        number = signed_argument(conversion->rank, args);
        put_number(out, conversion, number < 0 ? "-" : "", number < 0 ? -(uint64_t)number : (uint64_t)number, 10,
                   false);
        break;
    case 'u':
        put_number(out, conversion, "", unsigned_argument(conversion->rank, args), 10, false);
        break;
    case 'x':
    case 'X':
        put_number(out, conversion, "", unsigned_argument(conversion->rank, args), 16, letter == 'X');
        break;
    case 'p':
        put_number(out, conversion, "0x", (uintptr_t)va_arg(*args, void *), 16, false);
        break;
    case 's':
        put_string(out, conversion, va_arg(*args, const char *));
        break;
    case 'c':
        c = (char)va_arg(*args, int);
        put_field(out, conversion, "", &c, 1);
        break;
    default:                                /* '%', or an unknown letter, shown as it is */
        put(out, letter);
        break;
    }
}

int format_va(char *to, size_t size, const char *format, va_list args)
{
    struct output out = {.to = to, .size = size};
    va_list arguments;

    va_copy(arguments, args);
    while (*format) {
        struct conversion conversion;

        if (*format != '%') {
            put(&out, *format++);
            continue;
        }
        format = parse_conversion(format + 1, &conversion, &arguments);
        if (*format)
            put_conversion(&out, &conversion, *format++, &arguments);
    }
    va_end(arguments);
    if (size)
        to[out.length < size ? out.length : size - 1] = '\0';
    return (int)out.length;
}

int format(char *to, size_t size, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = format_va(to, size, format, args);
    va_end(args);
    return length;
}
