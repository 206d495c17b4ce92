/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a power-management or reset register may ask of the machine. */
#ifndef REFLEX_BACKENDS_POWER_H
#define REFLEX_BACKENDS_POWER_H

/* Both return (the domain ends when the firmware next leaves), and calling either again changes nothing. */
struct power {
    void (*off)(struct power *power);
    void (*reset)(struct power *power);
};

#endif
