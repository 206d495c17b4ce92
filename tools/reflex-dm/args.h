/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The command line that libxl gives a device model (libxl_dm.c, libxl__build_device_model_args_new). */
#ifndef REFLEX_DM_ARGS_H
#define REFLEX_DM_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#define ARGS_MAX_SOCKETS 2      /* libxl-cmd, libxenstat-cmd */
#define ARGS_BOOT_ORDER_MAX 15  /* letters */
#define ARGS_MAX_SERIALS 4
#define ARGS_MAX_DRIVES 4
#define ARGS_ADDRESS_MAX 64     /* characters, with a NUL */

/* Where QMP is served: a path to bind, or a listening descriptor when libxl made the socket itself. */
struct args_socket {
    const char *path;           /* not terminated; NULL: use fd */
    unsigned int path_length;
    int fd;
};

/* A CD drive and what is in it. */
struct args_drive {
    unsigned int virtual_device;
    const char *file;           /* not terminated; NULL: nothing */
    unsigned int file_length;
};

/* Where viewers of the screen come. */
struct args_vnc {
    bool wanted;
    const char *address;        /* not terminated */
    unsigned int address_length;                /* 0: any */
    unsigned int display, last;                 /* the first that is free of these */
    bool password;                              /* nobody gets in before there is one */
};

struct args {
    uint32_t domid;
    struct args_socket sockets[ARGS_MAX_SOCKETS];
    unsigned int nr_sockets;
    char boot_order[ARGS_BOOT_ORDER_MAX + 1];   /* letters as in xl's boot=; empty: none was given */
    struct args_drive drives[ARGS_MAX_DRIVES];
    unsigned int nr_drives;
    bool serial;                                /* the first serial port is a pty */
    unsigned int nr_serials;                    /* -serial options seen, of which the first names the first port, ... */
    char serial_ports[ARGS_MAX_SERIALS];        /* the others that there are: digits 2 to 4, in order */
    const char *network_card;                   /* -reflex-nic MODEL, from device_model_args; NULL: was not given */
    bool emulated_vif;                          /* a vif is one that a device model is to serve, xl's type=ioemu */
    bool display;                               /* a VGA, QEMU's -device VGA */
    struct args_vnc vnc;
    bool stopped;                               /* -S: wait for `cont` */
    int incoming_fd;                            /* -1: a new domain, else the saved state */
    const char *devices;                        /* which are the firmware's (src/device_set.h); NULL: all.  Not
                                                   args_parse()'s: only reflex-qemu sets it */
};

/* The value of `key` in "a=1,key=value,b=2": its start, and its length in *length.  NULL: not there. */
const char *args_find_key(const char *list, const char *key, unsigned int *length);

/* False, after a message, when the line is not one that a toolstack makes.  Options for devices that the firmware
 * emulates by itself, or that a domain without QEMU does not have, are accepted and ignored.  The result points
 * into argv. */
bool args_parse(struct args *args, int argc, char *const argv[]);

#endif
