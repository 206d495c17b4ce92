/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The commands: each prints its answer and returns the program's exit status. */
#ifndef REFLEXCTL_COMMANDS_H
#define REFLEXCTL_COMMANDS_H

#include "domain.h"

struct options {
    bool json, follow;
    unsigned int requests;                  /* how many of them to show */
    char **words;                           /* what follows the domain, for those that take words */
    int word_count;
};

int command_list(struct xen *xen, const struct options *options);

/* These are about one domain, and get its snapshot. */
typedef int domain_command(const struct domain *domain, const struct snapshot *snapshot,
                           const struct options *options);
domain_command command_stats, command_trace, command_devices;

/* Of a domain whose firmware may not be there yet. */
int command_follow(struct xen *xen, const struct domain *domain, const struct options *options);

/* These reach into the guest as well: one reads its screen, the others write to its keyboard. */
typedef int guest_command(struct xen *xen, const struct domain *domain, const struct snapshot *snapshot,
                          const struct options *options);
guest_command command_screen, command_key, command_mouse;
#define INPUT_STEPS_MAX 32767

/* Prints a new reference to standard output, and gives it back. */
int print_json(json_t *json);
/* What all of them say of the firmware: "serving" or not, whether a vCPU is in it, how good the figures are. */
void print_head(const struct domain *domain, const struct snapshot *snapshot);
json_t *head_json(const struct domain *domain, const struct snapshot *snapshot);
/* JSON's integers have a sign: a figure beyond that is the largest. */
json_t *number_json(uint64_t value);

#endif
