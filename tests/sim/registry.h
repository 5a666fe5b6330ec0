/* Registry: the scripted schema registry, as one process asks it. It has the schemas of schemas/ under the
 * ids by which the company writes, and says of any other that there is none. While it is away there is no
 * answer, however often it is asked. */
#ifndef TESTS_SIM_REGISTRY_H
#define TESTS_SIM_REGISTRY_H

#include "ports.h"

typedef struct process process;

typedef struct {
  pl_registry registry; /* first: what the engine holds */
  process *process;
  struct {
    int32_t id;
    pl_schema_fn *fn;
    void *ctx;
  } asked[16];
  size_t n;
} registry;

void registry_init(registry *r, process *p);

#endif
