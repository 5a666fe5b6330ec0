/* Delivery: one outbox entry on its way, and the sinks that still have to take it.
 *
 *   listed -> reading -> open -> over -> closing -> gone
 *                    \-> over   the entry is gone, cannot be read, or was settled before
 *
 * A sink is an endpoint of the configuration or, after the last of them, the alert topic. Each has its own
 * attempts: one that asks to wait makes no other wait. What became of the whole is its fate: the entry says
 * it from then on. */
#ifndef PL_ENGINE_DELIVERY_H
#define PL_ENGINE_DELIVERY_H

#include "codec/post.h"
#include "engine/inside.h"

typedef enum { PL_SINK_NOT, PL_SINK_DUE, PL_SINK_ASKED, PL_SINK_TAKEN, PL_SINK_REFUSED } pl_sink_state;

typedef struct {
  pl_sink_state state;
  int tries;
  pl_mono at; /* DUE: no sooner */
} pl_attempt;

enum { PL_SINKS = PL_ENDPOINTS_MAX + 1, PL_SINK_KAFKA = PL_ENDPOINTS_MAX };

typedef enum { PL_LISTED, PL_READING, PL_OPEN, PL_OVER, PL_CLOSING } pl_delivery_stage;
typedef enum {
  PL_FATE_DONE,
  PL_FATE_PARKED,  /* an endpoint refused it, or it cannot be read: for a person to look at */
  PL_FATE_DROPPED, /* healed or aged before it was told */
  PL_FATE_SETTLED, /* its entry says so already: only the list still names it */
} pl_fate;

typedef struct pl_delivery pl_delivery;
struct pl_delivery {
  pl_engine *engine;
  char *name; /* <alert>:<audience>:<recipient> */
  size_t name_len;
  int32_t home;
  pl_delivery *before, *after; /* of that home */
  uint32_t serial;
  pl_delivery_stage stage;
  pl_fate fate;
  pl_mono next;    /* it does something no sooner */
  pl_buf entry;    /* its text */
  bool concern;    /* it says `behind`, `slump` or `silent` */
  bool takes_back; /* it says `recovered` or `corrected` */
  bool notice;     /* it says that the feed is stale: nothing waits for that to pass */
  bool tried;      /* a sink was asked */
  char *pair;      /* the name of what it is, or takes back */
  int64_t until_s; /* its period's end */
  pl_attempt sinks[PL_SINKS];
};

/* Which sinks its audience has. */
void pl_delivery_open(pl_delivery *delivery, const char *audience);
/* Asks every sink whose time has come; true: none is left, its fate stands. */
bool pl_delivery_tick(pl_delivery *delivery);
/* A sink has answered. */
void pl_delivery_answer(pl_delivery *delivery, size_t sink, bool taken, bool refused, int64_t after_us,
                        const char *why);

#endif
