/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "keyboard.h"

#include <string.h>

#include "tools/common/message.h"

#define BELL_MS      10                     /* a key may have to wait for the keyboard; the firmware has no clock */
#define PATIENCE     1000                   /* bells in vain: 10 s */

/* x86 keeps stores in order; the compiler has to be told. */
#define in_order() __asm__ volatile("" ::: "memory")

static uint32_t waiting(const struct keyboard *keyboard)
{
    return keyboard->put - keyboard->taken;
}

static bool damaged(const struct keyboard *keyboard)
{
    message("domain %u: the ring of its keyboard is damaged", keyboard->domain->xen.id);
    return false;
}

/* What a reflexctl before this one has left there may still wait. */
static bool join(struct keyboard *keyboard)
{
    keyboard->put = keyboard->page->in_prod;
    keyboard->taken = keyboard->page->in_cons;
    return waiting(keyboard) <= XENKBD_IN_RING_LEN || damaged(keyboard);
}

bool keyboard_open(struct keyboard *keyboard, struct xen *xen, const struct domain *domain,
                   const struct snapshot *snapshot)
{
    uint32_t id = domain->xen.id;

    *keyboard = (struct keyboard){ .domain = domain, .xen = xen };
    if (!snapshot->stats.serving || !snapshot->stats.keyboard_port) {
        message("domain %u: its keyboard is not for this program: a PV keyboard's backend has it, or it does not run",
                id);
        return false;
    }
    keyboard->page = window_map_page(xen, &domain->xen, snapshot->stats.keyboard_page);
    if (!keyboard->page) {
        message("domain %u: its keyboard's page is not there", id);
        return false;
    }
    keyboard->port = xen_bind(xen, id, snapshot->stats.keyboard_port);
    if (keyboard->port < 0) {
        message("domain %u: its keyboard's event channel is not to be had: another reflexctl is typing", id);
        window_unmap_page(xen, (void *)keyboard->page);
        return false;
    }
    if (join(keyboard))
        return true;
    keyboard_close(keyboard);
    return false;
}

void keyboard_close(struct keyboard *keyboard)
{
    xen_unbind(keyboard->xen, keyboard->port);
    window_unmap_page(keyboard->xen, (void *)keyboard->page);
}

/* False, after a message: what the ring says of events taken cannot be. */
static bool look(struct keyboard *keyboard)
{
    uint32_t taken = keyboard->page->in_cons;

    if (taken - keyboard->taken > waiting(keyboard))
        return damaged(keyboard);
    keyboard->taken = taken;
    return true;
}

static void put(struct keyboard *keyboard, const struct gesture *gesture)
{
    for (unsigned int i = 0; i < gesture->count; i++, keyboard->put++)
        memcpy((void *)&XENKBD_IN_RING_REF(keyboard->page, keyboard->put), &gesture->events[i],
               sizeof(gesture->events[i]));
    in_order();
    keyboard->page->in_prod = keyboard->put;
}

/* What goes down and was not taken becomes an event that means nothing; it has its coming up behind it, which does no
 * harm.  One that is being taken right now is taken whole: the type is one byte. */
static void withdraw(struct keyboard *keyboard)
{
    for (uint32_t at = keyboard->taken; at != keyboard->put; at++) {
        volatile union xenkbd_in_event *event = &XENKBD_IN_RING_REF(keyboard->page, at);

        if (event->type != XENKBD_TYPE_KEY || event->key.pressed)
            event->type = XENKBD_TYPE_RESERVED;
    }
    xen_notify(keyboard->xen, keyboard->port);
}

/* Puts as many whole gestures as fit.  Returns how many. */
static size_t fill(struct keyboard *keyboard, const struct gesture *gestures, size_t count)
{
    size_t done;

    for (done = 0; done < count && waiting(keyboard) + gestures[done].count <= XENKBD_IN_RING_LEN; done++)
        put(keyboard, &gestures[done]);
    return done;
}

bool keyboard_send(struct keyboard *keyboard, const struct gesture *gestures, size_t count)
{
    size_t done = 0;

    for (unsigned int vain = 0; vain < PATIENCE; vain++) {
        uint32_t before = keyboard->taken;

        done += fill(keyboard, gestures + done, count - done);
        xen_notify(keyboard->xen, keyboard->port);
        xen_wait(keyboard->xen, BELL_MS);
        if (!look(keyboard))
            return false;
        if (done == count && !waiting(keyboard))
            return true;
        if (keyboard->taken != before)
            vain = 0;
    }
    withdraw(keyboard);
    message("domain %u does not read its keyboard; the rest is withdrawn", keyboard->domain->xen.id);
    return false;
}
