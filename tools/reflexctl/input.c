/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Keys and the mouse: words of the command line become gestures.  All words are understood before the first is done. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "keyboard.h"
#include "tools/common/message.h"

#define MISUSED 2

struct gestures {
    struct gesture *list;
    size_t count;
};

static struct gesture *add(struct gestures *gestures)
{
    struct gesture *list = realloc(gestures->list, (gestures->count + 1) * sizeof(*list));

    if (!list) {
        message("out of memory");
        exit(1);
    }
    gestures->list = list;
    list[gestures->count] = (struct gesture){ .count = 0 };
    return &list[gestures->count++];
}

static void add_key(struct gesture *gesture, uint16_t key, bool down)
{
    gesture->events[gesture->count++].key =
        (struct xenkbd_key){ .type = XENKBD_TYPE_KEY, .pressed = down, .keycode = key };
}

static void add_chord(struct gestures *gestures, const struct chord *chord)
{
    struct gesture *gesture = add(gestures);

    for (unsigned int i = 0; i < chord->count; i++)
        add_key(gesture, chord->keys[i], true);
    for (unsigned int i = chord->count; i-- > 0;)
        add_key(gesture, chord->keys[i], false);
}

static void add_motion(struct gestures *gestures, int32_t x, int32_t y, int32_t towards)
{
    struct gesture *gesture = add(gestures);

    gesture->events[gesture->count++].motion =
        (struct xenkbd_motion){ .type = XENKBD_TYPE_MOTION, .rel_x = x, .rel_y = y, .rel_z = towards };
}

static bool add_text(struct gestures *gestures, const char *text)
{
    struct chord chord;

    for (; *text; text++) {
        if (!keys_of_character(*text, &chord))
            return message("no key of the US layout types character 0x%02x", (unsigned char)*text), false;
        add_chord(gestures, &chord);
    }
    return true;
}

static bool parse_keys(struct gestures *gestures, char *words[], int count)
{
    struct chord chord;

    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], "--text") == 0) {
            if (++i == count)
                return message("--text wants a text"), false;
            if (!add_text(gestures, words[i]))
                return false;
        } else if (keys_named(words[i], &chord)) {
            add_chord(gestures, &chord);
        } else {
            return message("no key is called %s", words[i]), false;
        }
    }
    return gestures->count || (message("which key?"), false);
}

static bool parse_steps(const char *word, int32_t *steps)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(word, &end, 10);
    *steps = (int32_t)value;
    return *word && !*end && !errno && value >= -INPUT_STEPS_MAX && value <= INPUT_STEPS_MAX;
}

static bool parse_mouse(struct gestures *gestures, char *words[], int count)
{
    struct chord chord;
    int32_t x, y;

    if (count == 3 && strcmp(words[0], "move") == 0 && parse_steps(words[1], &x) && parse_steps(words[2], &y)) {
        add_motion(gestures, x, y, 0);
    } else if (count == 2 && strcmp(words[0], "wheel") == 0 && parse_steps(words[1], &x)) {
        add_motion(gestures, 0, 0, -x);
    } else if (count == 2 && strcmp(words[0], "click") == 0 && keys_of_button(words[1], &chord)) {
        add_chord(gestures, &chord);
    } else {
        message("a mouse can: move DX DY, wheel N, click left|middle|right; numbers up to %d", INPUT_STEPS_MAX);
        return false;
    }
    return true;
}

static int send(struct xen *xen, const struct domain *domain, const struct snapshot *snapshot,
                const struct gestures *gestures)
{
    struct keyboard keyboard;
    bool sent;

    if (!keyboard_open(&keyboard, xen, domain, snapshot))
        return 1;
    sent = keyboard_send(&keyboard, gestures->list, gestures->count);
    keyboard_close(&keyboard);
    return !sent;
}

typedef bool parse_fn(struct gestures *gestures, char *words[], int count);

static int act(parse_fn *parse, struct xen *xen, const struct domain *domain, const struct snapshot *snapshot,
               const struct options *options)
{
    struct gestures gestures = { .count = 0 };
    int status = parse(&gestures, options->words, options->word_count) ? send(xen, domain, snapshot, &gestures)
                                                                        : MISUSED;

    free(gestures.list);
    return status;
}

int command_key(struct xen *xen, const struct domain *domain, const struct snapshot *snapshot,
                const struct options *options)
{
    return act(parse_keys, xen, domain, snapshot, options);
}

int command_mouse(struct xen *xen, const struct domain *domain, const struct snapshot *snapshot,
                  const struct options *options)
{
    return act(parse_mouse, xen, domain, snapshot, options);
}
