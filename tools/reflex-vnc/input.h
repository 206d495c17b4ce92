/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The domain's keyboard and mouse: the far end of the PV keyboard (xen/io/kbdif.h), and what viewers' hands become on
 * their way there.
 *
 * A viewer says where its pointer is; a PS/2 mouse can only say how far it has moved.  So the guest is told of the same
 * motion that the pointer has made, from the first place on where the viewer showed it.
 *
 * What has no room on the ring waits in a queue, in which motion adds up; what has no room there is lost, but for
 * releases: the oldest press makes room, so that no key stays down.
 */
#ifndef REFLEX_VNC_INPUT_H
#define REFLEX_VNC_INPUT_H

#include "backends/input.h"
#include "device.h"

#include <xen/io/kbdif.h>

#define INPUT_QUEUE 256u
#define INPUT_CODES (BTN_EXTRA + 1)

struct input {
    struct device device;
    union xenkbd_in_event queue[INPUT_QUEUE];
    unsigned int count;
    unsigned int reminder_ms;               /* 0: nothing is left on the ring */
    uint64_t remind_at_ms;
    uint32_t taken;                         /* from the ring, when the last reminder was set */
    uint8_t held[INPUT_CODES];              /* by how many hands */
    bool capitals;                          /* Caps Lock, as far as it went through here */
};

/* What one viewer has in its hands. */
struct hands {
    bool down[INPUT_CODES];
    bool knows_pointer;
    int x, y;
    unsigned int buttons;                   /* as RFB numbers them */
};

void input_open(struct input *input, struct xen *xen);
void input_close(struct input *input);
/* A state may have changed. */
void input_follow(struct input *input);
/* The event of device.port: there may be room again. */
void input_flush(struct input *input);
/* When not all of it did fit, the frontend's next event, which is heard from now on, says that it has taken some.  Once
 * for each turn of the program. */
void input_listen(struct input *input);

/* Events stay on the ring while the domain's keyboard is full, and it looks for them when it is told of some.  It is
 * told again from time to time, and less and less often if it takes none.  Once for each turn of the program:
 * milliseconds to the next, -1: nothing is left. */
int input_remind(struct input *input, uint64_t now_ms);

/* A viewer presses or releases what types a keysym. */
void input_keysym(struct input *input, struct hands *hands, uint32_t keysym, bool down);
/* Its pointer is there, with these buttons down: bit 0 left, 1 middle, 2 right, 3 wheel away, 4 wheel towards, 7 and
 * 8 the side's. */
void input_pointer(struct input *input, struct hands *hands, int x, int y, unsigned int buttons);
/* It is gone: what it held comes up. */
void input_let_go(struct input *input, struct hands *hands);

#endif
