/* Outbox: alerts on their way (outbox.c, delivery.c). */
#ifndef PL_ENGINE_OUTBOX_H
#define PL_ENGINE_OUTBOX_H

#include "codec/digest.h"
#include "engine/engine.h"
#include "engine/twins.h"

typedef struct pl_outbox pl_outbox;
typedef struct pl_tenure pl_tenure;

typedef struct {
  bool asked;      /* the list of what is to be delivered is being read... */
  uint64_t cursor; /* ...from here on */
  bool recalled;   /* how often people were told today was read */
  pl_mono next;    /* the list is read no sooner */
  pl_mono sweep;   /* old entries are removed no sooner */
} pl_todo;

pl_outbox *pl_outbox_new(pl_engine *engine);
void pl_outbox_free(pl_outbox **outbox);
void pl_outbox_wake(pl_tenure *tenure);              /* there may be entries to deliver */
void pl_outbox_hear(pl_tenure *tenure, pl_str name); /* this one was put there */
pl_mono pl_outbox_look(pl_tenure *tenure);           /* reads the list when it is due, sweeps old entries */
pl_mono pl_outbox_tick(pl_outbox *outbox);
pl_delivery *pl_outbox_find(const pl_outbox *outbox, uint32_t serial); /* NULL: it is gone */
bool pl_outbox_produced(pl_outbox *outbox, uint64_t token, bool delivered, const char *why);
const pl_twins *pl_outbox_twins(const pl_outbox *outbox);
void pl_outbox_drop(pl_outbox *outbox, pl_delivery *delivery); /* its entry was settled */
void pl_outbox_forget(pl_outbox *outbox, int32_t home);        /* costs what is forgotten */
/* Of a home: what waits for a digest of its recipient's. */
typedef void pl_outbox_waiting_fn(void *ctx, pl_delivery *delivery);
void pl_outbox_each_waiting(pl_outbox *outbox, int32_t home, pl_outbox_waiting_fn *fn, void *ctx);
/* A digest is recorded; what it did not take is read again. */
void pl_outbox_taken(pl_tenure *tenure, const pl_digest_head *by);
void pl_outbox_stir(pl_delivery *delivery); /* it has something to do at its `next` */
size_t pl_outbox_waiting(const pl_outbox *outbox);

#endif
