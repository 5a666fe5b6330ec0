/* Delivery: one outbox entry on its way, and the sinks that still have to take it.
 *
 *   listed -> reading -> open -> over -> closing -> gone
 *                    \-> over   the entry is gone, cannot be read, or was settled before
 *
 * Its sinks are the alert topic, which takes the record as it is, at once; and the endpoints of its audience,
 * each by a lane (lane.h), once the gate (gate.h) lets it pass. What became of the whole is its fate: the
 * entry says it from then on. While it is held, or some have taken it and others fail, the entry says so. */
#ifndef PL_ENGINE_DELIVERY_H
#define PL_ENGINE_DELIVERY_H

#include "base/heap.h"
#include "codec/post.h"
#include "core/alert.h"
#include "engine/lane.h"

typedef enum { PL_TOPIC_NOT, PL_TOPIC_DUE, PL_TOPIC_ASKED, PL_TOPIC_DONE } pl_topic_state;

typedef enum { PL_LISTED, PL_READING, PL_OPEN, PL_OVER, PL_CLOSING } pl_delivery_stage;
typedef enum {
  PL_FATE_DONE,
  PL_FATE_PARKED,  /* no endpoint, or not each of them, will take it, or it cannot be read: for a person to
                      look at */
  PL_FATE_DROPPED, /* healed or aged before it was told */
  PL_FATE_SETTLED, /* its entry says so already: only the list still names it */
  PL_FATE_GONE,    /* there is no entry: Redis has lost it, and who caused it may put it again */
} pl_fate;

struct pl_delivery {
  pl_engine *engine;
  char *name; /* <alert>:<audience>:<recipient>, <alert>-<how often before>:... */
  size_t name_len;
  const char *recipient; /* in it */
  int32_t home;
  pl_delivery *before, *after; /* of that home */
  uint32_t serial;
  pl_delivery_stage stage;
  pl_fate fate;
  pl_mono next;       /* it does something no sooner */
  pl_heap_node timer; /* in the outbox's heap */
  pl_buf entry;       /* its text */
  pl_audience audience;
  bool concern;           /* it says `behind`, `slump` or `silent` */
  bool personal;          /* it is about a person, and not for the team */
  bool takes_back;        /* it says `recovered` or `corrected` */
  bool notice;            /* it says that the feed is stale: nothing waits for that to pass */
  bool digest;            /* it is one */
  bool leads;             /* the manager hears of it later: it does not wait for the day's budget */
  bool grouped;           /* waits a little for others that are told to the same */
  bool entered;           /* its lanes */
  bool told;              /* an endpoint has taken it */
  bool noted;             /* the entry says what has become of it so far */
  bool noting;            /* ...is being told to */
  bool repeats;           /* it was told before */
  char *pair;             /* the name of what it is, or takes back... */
  pl_delivery *twin;      /* ...and the next with that */
  pl_delivery *closer;    /* takes it back before it was told: both are closed in one step; or NULL */
  const pl_zone *zone;    /* of what it is about; NULL: not known */
  int64_t at_ms, until_s; /* when it was due; its period's end */
  const char *why;        /* it is held: "quiet", ...; NULL: it is not */
  pl_wall free_at;        /* ...until then */
  char *trouble;          /* owned: why it is parked, or an endpoint fails; NULL: nothing is wrong */
  struct {
    pl_topic_state state;
    int tries;
    pl_mono at; /* DUE: no sooner */
  } topic;
  pl_attempt *attempts; /* owned: at its endpoints */
  size_t nattempts;
};

#define PL_KEPT_S (7LL * 86400) /* what was told is remembered so long, and worth telling */

static inline pl_str pl_delivery_name(const pl_delivery *d) { return (pl_str){d->name, d->name_len}; }
/* What receivers know it by, the same on every attempt: the alert's id, which time it is, and the audience.
 */
enum { PL_DELIVERY_ID_MAX = PL_ALERT_ID_MAX + 24 };
void pl_delivery_id(const pl_delivery *delivery, char out[PL_DELIVERY_ID_MAX]);
/* Its entry was read: what it is, and which sinks it has. */
void pl_delivery_open(pl_delivery *delivery, const pl_post *post);
void pl_delivery_fini(pl_delivery *delivery);
/* Nobody is told any more who has not been asked yet. */
void pl_delivery_mute(pl_delivery *delivery);
/* Nobody can act on it any more, and nobody was told. */
bool pl_delivery_aged(const pl_delivery *delivery);
/* The next digest to its recipient takes it. */
bool pl_delivery_awaits_digest(const pl_delivery *delivery, pl_wall now);
bool pl_delivery_flies(const pl_delivery *delivery); /* an endpoint may have it already */
/* Asks every sink whose time has come; true: none is left, its fate stands. */
bool pl_delivery_tick(pl_delivery *delivery);
/* An endpoint has taken it, or never will. */
void pl_delivery_answered(pl_delivery *delivery, const pl_attempt *attempt, const char *why);
/* It is tried again. */
void pl_delivery_fails(pl_delivery *delivery, const pl_attempt *attempt, const char *why);
/* The topic has answered. */
void pl_delivery_produced(pl_delivery *delivery, bool delivered, const char *why);
/* The entry with what has become of it so far: where it was taken, why it is held or fails. */
void pl_delivery_write(const pl_delivery *delivery, const char *status, pl_buf *out);

#endif
