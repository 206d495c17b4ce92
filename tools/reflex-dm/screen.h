/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The domain's screen, when its configuration asks for one: libxl gives a HVM domain a vkbd device and no vfb, and
 * leaves both to the device model.  So this program makes what is missing, takes the TCP port that viewers come to, and
 * starts reflex-vnc, which does the rest.  The port and the password stay here: should reflex-vnc die, another one goes
 * on with them.
 */
#ifndef REFLEX_DM_SCREEN_H
#define REFLEX_DM_SCREEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "args.h"
#include "xen.h"

#define SCREEN_PASSWORD 64

struct screen {
    struct args_vnc vnc;
    uint32_t domid;
    int socket;                         /* listens */
    char host[ARGS_ADDRESS_MAX], service[8];    /* where, in numbers */
    char password[SCREEN_PASSWORD];     /* empty: none yet */
    pid_t server;                       /* 0: none */
    int control;                        /* to it: a message is a password, the end is its end */
    unsigned int deaths;                /* without much of a life before */
    long started_s;
};

/* True as well when no screen is wanted.  False, after a message: viewers have no place to come to. */
bool screen_open(struct screen *screen, struct xen *xen, const struct args *args);
/* A child has ended: if it is the server, there is another one, unless that has happened too often. */
void screen_reap(struct screen *screen);
/* False: no viewer needs one, or it is empty, which protects nothing: the one before stays. */
bool screen_set_password(struct screen *screen, const char *password);

#endif
