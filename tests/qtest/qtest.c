/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "qtest.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "message.h"

#define WORDS_MAX 4
#define BYTES_MAX (1ull << 30)              /* of one command */

/* ---- What is said ------------------------------------------------------------------------------------------- */

static void note(struct qtest *qtest, char side, const char *line, size_t length)
{
    struct timespec now;

    if (!qtest->log)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    fprintf(qtest->log, "[%c +%.6f] %.*s\n", side,
            (double)(now.tv_sec - qtest->start.tv_sec) + (double)(now.tv_nsec - qtest->start.tv_nsec) / 1e9,
            (int)length, line);
}

/* A line that ends in its newline. */
static void say_line(struct qtest *qtest, const char *line, size_t length)
{
    note(qtest, 'S', line, length - 1);
    connection_send(&qtest->connection, line, length);
}

static void __attribute__((format(printf, 2, 3))) say(struct qtest *qtest, const char *format, ...)
{
    char line[128];
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(line, sizeof(line) - 1, format, args);
    va_end(args);
    if (length > (int)sizeof(line) - 2)
        length = sizeof(line) - 2;
    line[length] = '\n';
    say_line(qtest, line, (size_t)length + 1);
}

static void line_changed(struct gsi_listener *listener, unsigned int gsi, bool high)
{
    struct qtest *qtest = (struct qtest *)listener;

    if (!qtest->intercepting || qtest->told[gsi] == high)
        return;
    qtest->told[gsi] = high;
    say(qtest, "IRQ %s %u", high ? "raise" : "lower", gsi);
}

/* ---- Commands ----------------------------------------------------------------------------------------------- */

/* A command as it is split up.  The numbers are those of the words that its description calls so. */
struct call {
    struct qtest *qtest;
    unsigned int size;                      /* of the access, from the command's name */
    unsigned int count;                     /* of words behind the name */
    char *words[WORDS_MAX];
    uint64_t numbers[WORDS_MAX];
};

static void endianness(struct call *call)
{
    say(call->qtest, "OK little");
}

static void in(struct call *call)
{
    if (call->numbers[0] > 0xffff)
        say(call->qtest, "FAIL %s is not a port", call->words[0]);
    else
        say(call->qtest, "OK 0x%04" PRIx32, machine_in(call->qtest->machine, (uint16_t)call->numbers[0], call->size));
}

static void out(struct call *call)
{
    if (call->numbers[0] > 0xffff) {
        say(call->qtest, "FAIL %s is not a port", call->words[0]);
        return;
    }
    machine_out(call->qtest->machine, (uint16_t)call->numbers[0], call->size, (uint32_t)call->numbers[1]);
    say(call->qtest, "OK");
}

static void read_value(struct call *call)
{
    uint64_t value = 0;

    machine_read(call->qtest->machine, call->numbers[0], &value, call->size);
    say(call->qtest, "OK 0x%016" PRIx64, value);
}

static void write_value(struct call *call)
{
    machine_write(call->qtest->machine, call->numbers[0], &call->numbers[1], call->size);
    say(call->qtest, "OK");
}

/* Room for the bytes of a command, all 0.  NULL: too many, or none, or beyond the end of the address space, and the
 * client has been told. */
static uint8_t *allocate(struct call *call)
{
    uint64_t address = call->numbers[0], length = call->numbers[1];
    uint8_t *bytes = length && length <= BYTES_MAX && address + (length - 1) >= address ? calloc(1, length) : NULL;

    if (!bytes)
        say(call->qtest, "FAIL cannot do this with 0x%" PRIx64 " bytes", length);
    return bytes;
}

static void store(struct call *call, uint8_t *bytes)
{
    machine_write(call->qtest->machine, call->numbers[0], bytes, call->numbers[1]);
    free(bytes);
    say(call->qtest, "OK");
}

static void hex_encode(char *text, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
}

/* `read` and `b64read`: "OK " before, the encoded bytes, a newline behind. */
static void read_bytes(struct call *call, const char *before, size_t encoded,
                       void (*encode)(char *text, const uint8_t *bytes, size_t length))
{
    uint8_t *bytes = allocate(call);
    size_t length = call->numbers[1], head = strlen(before);
    char *line;

    if (!bytes)
        return;
    line = malloc(head + encoded + 1);
    if (!line)
        fail("out of memory");
    machine_read(call->qtest->machine, call->numbers[0], bytes, length);
    memcpy(line, before, head);
    encode(line + head, bytes, length);
    line[head + encoded] = '\n';
    say_line(call->qtest, line, head + encoded + 1);
    free(line);
    free(bytes);
}

static void read_hex(struct call *call)
{
    read_bytes(call, "OK 0x", 2 * call->numbers[1], hex_encode);
}

static void read_base64(struct call *call)
{
    read_bytes(call, "OK ", BASE64_LENGTH(call->numbers[1]), base64_encode);
}

/* False: not hexadecimal digits, two a byte. */
static bool hex_decode(uint8_t *bytes, size_t length, const char *text)
{
    size_t digits = strlen(text);

    if (digits % 2 || strspn(text, "0123456789abcdefABCDEF") != digits)
        return false;
    for (size_t i = 0; i < length && 2 * i < digits; i++) {
        char pair[] = { text[2 * i], text[2 * i + 1], '\0' };

        bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return true;
}

static void write_hex(struct call *call)
{
    const char *text = call->words[2];
    uint8_t *bytes = allocate(call);

    if (!bytes)
        return;
    if (!strncmp(text, "0x", 2) && text[2] && hex_decode(bytes, call->numbers[1], text + 2)) {
        store(call, bytes);
        return;
    }
    free(bytes);
    say(call->qtest, "FAIL write wants 0x and hexadecimal digits, two a byte");
}

static void write_base64(struct call *call)
{
    uint8_t *bytes = allocate(call), *decoded;
    size_t length;

    if (!bytes)
        return;
    decoded = malloc(strlen(call->words[2]) + 1);
    if (!decoded)
        fail("out of memory");
    if (base64_decode(decoded, &length, call->words[2])) {
        memcpy(bytes, decoded, length < call->numbers[1] ? length : call->numbers[1]);
        store(call, bytes);
    } else {
        free(bytes);
        say(call->qtest, "FAIL b64write wants base64");
    }
    free(decoded);
}

static void set(struct call *call)
{
    uint8_t *bytes;

    if (!call->numbers[1]) {
        say(call->qtest, "OK");
        return;
    }
    bytes = allocate(call);
    if (!bytes)
        return;
    memset(bytes, (int)call->numbers[2], call->numbers[1]);
    store(call, bytes);
}

static void say_clock(struct call *call)
{
    say(call->qtest, "OK %" PRId64, call->qtest->machine->clock_ns);
}

/* No chip of the board has a timer: there is never one armed to step to. */
static void clock_step(struct call *call)
{
    int64_t *clock_ns = &call->qtest->machine->clock_ns;

    if (call->count && call->numbers[0] > (uint64_t)(INT64_MAX - *clock_ns)) {
        say(call->qtest, "FAIL the clock ends before %s more", call->words[0]);
        return;
    }
    *clock_ns += call->count ? (int64_t)call->numbers[0] : 0;
    say_clock(call);
}

/* It never goes back. */
static void clock_set(struct call *call)
{
    int64_t *clock_ns = &call->qtest->machine->clock_ns;

    if (call->numbers[0] > INT64_MAX) {
        say(call->qtest, "FAIL the clock ends before %s", call->words[0]);
        return;
    }
    if ((int64_t)call->numbers[0] > *clock_ns)
        *clock_ns = (int64_t)call->numbers[0];
    say_clock(call);
}

static void irq_intercept_in(struct call *call)
{
    if (!call->qtest->machine->options->machine || strcmp(call->words[0], "ioapic") != 0) {
        say(call->qtest, "FAIL there is no device %s", call->words[0]);
        return;
    }
    call->qtest->intercepting = true;
    say(call->qtest, "OK");
}

/* words: a letter for each, n a number, s text.  optional: how many may be missing at the end. */
static const struct command {
    const char *name, *words;
    unsigned int optional, size;
    void (*execute)(struct call *call);
} commands[] = {
    { "endianness", "", 0, 0, endianness },
    { "inb", "n", 0, 1, in },
    { "inw", "n", 0, 2, in },
    { "inl", "n", 0, 4, in },
    { "outb", "nn", 0, 1, out },
    { "outw", "nn", 0, 2, out },
    { "outl", "nn", 0, 4, out },
    { "readb", "n", 0, 1, read_value },
    { "readw", "n", 0, 2, read_value },
    { "readl", "n", 0, 4, read_value },
    { "readq", "n", 0, 8, read_value },
    { "writeb", "nn", 0, 1, write_value },
    { "writew", "nn", 0, 2, write_value },
    { "writel", "nn", 0, 4, write_value },
    { "writeq", "nn", 0, 8, write_value },
    { "read", "nn", 0, 0, read_hex },
    { "write", "nns", 0, 0, write_hex },
    { "b64read", "nn", 0, 0, read_base64 },
    { "b64write", "nns", 0, 0, write_base64 },
    { "memset", "nnn", 0, 0, set },
    { "clock_step", "n", 1, 0, clock_step },
    { "clock_set", "n", 0, 0, clock_set },
    { "irq_intercept_in", "s", 0, 0, irq_intercept_in },
};

/* ---- Lines -------------------------------------------------------------------------------------------------- */

static const struct command *find_command(const char *name)
{
    for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

static bool parse_number(const char *word, uint64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoull(word, &end, 0);
    return isdigit((unsigned char)*word) && !*end && !errno;
}

/* Splits a line at its spaces.  False: there are more words than any command has. */
static bool split(struct call *call, char *rest)
{
    for (char *word = strtok_r(NULL, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (call->count == WORDS_MAX)
            return false;
        call->words[call->count++] = word;
    }
    return true;
}

static bool parse_words(struct call *call, const struct command *command)
{
    size_t most = strlen(command->words);

    if (call->count > most || call->count + command->optional < most)
        return false;
    for (unsigned int i = 0; i < call->count; i++)
        if (command->words[i] == 'n' && !parse_number(call->words[i], &call->numbers[i]))
            return false;
    return true;
}

static void execute(struct qtest *qtest, char *line)
{
    struct call call = { .qtest = qtest };
    char *rest, *name = strtok_r(line, " ", &rest);
    const struct command *command = find_command(name ? name : "");

    if (!command) {
        say(qtest, "FAIL there is no command %.64s", name ? name : "on this line");
        return;
    }
    call.size = command->size;
    if (split(&call, rest) && parse_words(&call, command))
        command->execute(&call);
    else
        say(qtest, "FAIL %s has other words (n: number, s: text): %s", name, command->words);
}

bool qtest_step(struct qtest *qtest)
{
    struct connection *connection = &qtest->connection;
    char *newline = connection->length ? memchr(connection->input, '\n', connection->length) : NULL;
    size_t length;

    if (!newline)
        return false;
    *newline = '\0';
    length = (size_t)(newline - connection->input);
    note(qtest, 'R', connection->input, length);
    if (length && connection->input[length - 1] == '\r')
        connection->input[length - 1] = '\0';
    execute(qtest, connection->input);
    connection_take(connection, length + 1);
    return true;
}

void qtest_open(struct qtest *qtest, struct machine *machine, const char *path, const char *log)
{
    *qtest = (struct qtest){ .listener.changed = line_changed, .machine = machine };
    clock_gettime(CLOCK_MONOTONIC, &qtest->start);
    if (log) {
        qtest->log = fopen(log, "we");
        if (!qtest->log)
            fail("cannot write %s: %s", log, strerror(errno));
        setvbuf(qtest->log, NULL, _IOLBF, 0);
    }
    connection_open(&qtest->connection, path);
    hypervisor_listen(&qtest->listener);
}
