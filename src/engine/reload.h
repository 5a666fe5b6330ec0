/* Reload: the configuration that waits to take over (reload.c). */
#ifndef PL_ENGINE_RELOAD_H
#define PL_ENGINE_RELOAD_H

#include "engine/engine.h"
#include "engine/readers.h"

typedef struct {
  const pl_config *config; /* NULL: none waits */
  pl_sender *sender;
  pl_almanac *almanac; /* owned */
  pl_readers *readers; /* owned */
} pl_reload;

void pl_reload_tick(pl_engine *engine);
void pl_reload_fini(pl_reload *next);

#endif
