/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Requests as they come.  The firmware goes on meanwhile and waits for nobody: its ring keeps STATS_REQUESTS of them,
 * and what it has written over before it was read here is missed, and said to be.
 */
#include <stdio.h>
#include <time.h>

#include "commands.h"
#include "decode.h"
#include "tools/common/message.h"
#include "trace.h"

#define NAP_NS    500000
#define LOOK_NAPS 200                       /* without a request: is the domain still there? */

struct follower {
    struct xen *xen;
    const struct domain *domain;
    const struct options *options;
    struct window window;
    struct snapshot snapshot;               /* for its claims */
    struct decoder decoder;
    uint64_t next;                          /* the number of the request to show next */
    uint64_t since;                         /* when the first of them came; 0: there was none yet */
};

static void nap(void)
{
    const struct timespec time = { .tv_nsec = NAP_NS };

    nanosleep(&time, NULL);
}

static bool is_there(struct xen *xen, const struct domain *domain)
{
    struct xen_domain now;

    return xen_find_domain(xen, domain->xen.id, &now) && now.id == domain->xen.id && !now.ended;
}

/* Of a domain that starts the place for the firmware is empty at first, and then it is some time until it serves: the
 * guest's first request is still to come. */
static bool await_firmware(struct follower *f)
{
    struct stats stats;

    while (is_there(f->xen, f->domain)) {
        if (window_open(&f->window, f->xen, &f->domain->xen) == WINDOW_OPEN) {
            if (window_copy(&f->window, &stats, f->window.image.stats, sizeof(stats)) && stats.serving)
                return true;
            window_close(&f->window);
        }
        f->next = 1;
        nap();
    }
    message("domain %u has ended without a firmware that serves it", f->domain->xen.id);
    return false;
}

/* How many requests have come to their end.  The order matters: if nobody is in the firmware afterwards, then the last
 * one that was begun before has ended. */
static uint64_t ended(const struct follower *f)
{
    uint64_t stats = f->window.image.stats, recorded = 0;
    uint32_t generation = 0;

    window_copy(&f->window, &recorded, stats + offsetof(struct stats, recorded), sizeof(recorded));
    window_copy(&f->window, &generation, stats + offsetof(struct stats, generation), sizeof(generation));
    return recorded - (recorded && generation & 1);
}

static void show_missed(const struct follower *f, uint64_t count)
{
    if (f->options->json)
        printf("{\"missed\": %llu}\n", (unsigned long long)count);
    else
        printf("... %llu requests were missed\n", (unsigned long long)count);
}

/* Beside the one that has not ended, the next may be under the firmware's pen: it writes before it says so. */
static bool is_over(const struct follower *f, uint64_t number)
{
    return ended(f) + 2 >= number + f->snapshot.stats.requests.count;
}

static void show_one(struct follower *f, const struct stats_request *request)
{
    if (!f->since)
        f->since = request->tsc;
    trace_show(&f->snapshot, &f->decoder, request, f->next, f->since, f->options->json);
}

/* Goes on with what will be there for some time. */
static void catch_up(struct follower *f)
{
    int64_t missed = (int64_t)(ended(f) - f->snapshot.stats.requests.count / 2 - f->next);

    if (missed < 1)
        missed = 1;                         /* the numbers make no sense */
    show_missed(f, (uint64_t)missed);
    f->next += (uint64_t)missed;
}

/* All up to number `last`, if they can be had. */
static void show(struct follower *f, uint64_t last)
{
    struct stats_request request;

    for (; f->next <= last; f->next++) {
        bool found = snapshot_request(&f->snapshot, &f->window, f->next, &request);

        if (!found || is_over(f, f->next)) {
            catch_up(f);
            return;
        }
        show_one(f, &request);
    }
}

/* Which blocks there are, above all. */
static bool look(struct follower *f)
{
    const char *problem = snapshot_glance(&f->snapshot, &f->window);

    if (problem)
        message("domain %u: what its firmware keeps for dom0 %s", f->domain->xen.id, problem);
    return !problem;
}

/* As long as the domain lives, and somebody reads.  False, after a message. */
static bool follow(struct follower *f)
{
    unsigned int naps = 0;
    bool there = true;

    while (there && !ferror(stdout)) {
        uint64_t last;

        there = naps % LOOK_NAPS || is_there(f->xen, f->domain);
        last = ended(f);
        if (f->next <= last) {
            show(f, last);
            naps = 0;
            continue;
        }
        if (naps++ == 0 && !look(f))
            return false;
        fflush(stdout);
        nap();
    }
    return true;
}

int command_follow(struct xen *xen, const struct domain *domain, const struct options *options)
{
    static struct follower f;
    bool good;

    f = (struct follower){ .xen = xen, .domain = domain, .options = options };
    if (!await_firmware(&f))
        return 1;
    good = look(&f);
    if (good) {
        trace_begin(&f.snapshot, &f.decoder, options->json);
        if (!f.next)
            f.next = f.snapshot.stats.recorded + 1;
        good = follow(&f);
    }
    window_close(&f.window);
    if (ferror(stdout))
        message("the answer cannot be written");
    return good && !ferror(stdout) ? 0 : 1;
}
