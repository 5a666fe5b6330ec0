/* Hook: the scripted endpoints, as one process asks them: programs, people at Slack and Teams. They may fail,
 * be slow, take a message and not say so, refuse one for good, say nothing that can be understood, ask to be
 * left alone for a while, or be gone.
 *
 * Each asking is held against what was agreed: a service's rate at each address, its Retry-After, and that
 * nobody asks who is gone. */
#ifndef TESTS_SIM_HOOK_H
#define TESTS_SIM_HOOK_H

#include "config/config.h"
#include "ports.h"

typedef struct process process;
typedef struct hook hook;
typedef struct hook_pending hook_pending;

enum { HOOK_PLACES = 64, HOOK_DOORS = 128 };
typedef struct {
  uint64_t name; /* of an address at an endpoint */
  int64_t free;  /* it may be asked again then */
} hook_place;

/* What the engine holds under one configuration: which of them is in use is seen by who asks. */
typedef struct {
  pl_sender sender; /* first */
  hook *hook;
} hook_door;

struct hook {
  process *process;
  hook_pending *pending;
  int64_t serials;
  hook_door doors[HOOK_DOORS], *door; /* the last that was used, behind which the rest is true */
  size_t ndoors;
  hook_place places[HOOK_PLACES];
  bool gone[PL_ENDPOINTS_MAX]; /* they have said so */
};

void hook_init(hook *h, process *p);
pl_sender *hook_open(hook *h); /* for another configuration */
void hook_fini(hook *h);       /* tells all who wait that there is no answer */

#endif
