/* Hook: the scripted endpoint that takes alerts over HTTP, as one process asks it. It may fail, be slow, take
 * one and not say so, or refuse one for good. */
#ifndef TESTS_SIM_HOOK_H
#define TESTS_SIM_HOOK_H

#include "ports.h"

typedef struct process process;
typedef struct hook_pending hook_pending;

typedef struct {
  pl_sender sender; /* first: what the engine holds */
  process *process;
  hook_pending *pending;
  int64_t serials;
} hook;

void hook_init(hook *h, process *p);
void hook_fini(hook *h); /* tells all who wait that there is no answer */

#endif
