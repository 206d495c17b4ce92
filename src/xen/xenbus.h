/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The frontend's half of a PV device's life: its two xenstore directories and the states of both ends
 * (xen/io/xenbus.h).  Errors are negative errnos, as xenstore.h has them.
 *
 * A frontend that is served rests in Initialised, and not in Connected.  The directories are the guest's as well: Linux
 * with Xen's interfaces takes a device that is Connected or Closed at its start for a kernel's before it, and closes it
 * (drivers/xen/xenbus/xenbus_probe_frontend.c, xenbus_check_frontend()).  Backends of disks and screens connect when
 * they see Initialised; those of networks and QEMU's of keyboards want to see Connected first, and then do not care.
 */
#ifndef REFLEX_XEN_XENBUS_H
#define REFLEX_XEN_XENBUS_H

#include "xen/xenstore.h"

#include <xen/io/xenbus.h>

#define XENBUS_PATH_MAX       96
#define XENBUS_DOMID_MAX      DOMID_FIRST_RESERVED
#define XENBUS_TIMEOUT_NS     10000000000ull
#define XENBUS_STATE(state)   (1u << (state))

struct xenbus_device {
    struct xenstore *store;
    char frontend[XENBUS_PATH_MAX];         /* "device/vbd/768", below the domain's home */
    char backend[XENBUS_PATH_MAX];          /* "/local/domain/0/backend/vbd/5/768" */
    domid_t backend_id;
};

/* The names below device/<class>, as xenstore_directory() returns them; 0 when there is no such device. */
int xenbus_list(struct xenstore *store, const char *device_class, char *names, size_t size);
/* Finds the backend of device/<class>/<name>. */
int xenbus_open(struct xenbus_device *device, struct xenstore *store, const char *device_class, const char *name);

/* Finds it again after a restore: the device is the same, its backend is not. */
int xenbus_reopen(struct xenbus_device *device);

/* The backend's state; XenbusStateUnknown if it has none or it is not a state. */
enum xenbus_state xenbus_backend_state(struct xenbus_device *device);
int xenbus_set_state(struct xenbus_device *device, enum xenbus_state state);
/* A number into the frontend's directory. */
int xenbus_write_number(struct xenbus_device *device, const char *leaf, uint32_t number);
/* Waits until the backend is in one of `states` (XENBUS_STATE bits), at most XENBUS_TIMEOUT_NS.  False if it does not
 * get there, with a line in the log that names both ends, the state it stayed in, and `purpose` ("to connect"). */
bool xenbus_wait_backend(struct xenbus_device *device, unsigned int states, const char *purpose);
/* Begins anew with a backend: Initialising, and waits as above until it is ready for us.  The reason of an error is in
 * the log; -XEN_ENODEV: it does not get ready. */
int xenbus_meet(struct xenbus_device *device);
/* Lets go of the backend: Closing, Closed, and its answer to each, each waited for as above.  False: it did not
 * answer, and may still hold what it was granted. */
bool xenbus_close(struct xenbus_device *device);

#endif
