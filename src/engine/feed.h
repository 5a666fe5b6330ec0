/* Feed: is what is known late, and who hears of it (feed.c). */
#ifndef PL_ENGINE_FEED_H
#define PL_ENGINE_FEED_H

#include "codec/view.h"
#include "engine/engine.h"

typedef struct pl_tenure pl_tenure;

/* Of a partition. */
typedef struct {
  bool stale;       /* its goals show `unknown` */
  pl_notice notice; /* why */
  bool tells;       /* of several that are stale for one reason the first one does */
  bool due;         /* ...with the next mark */
} pl_feed;

/* Of the whole topic, where no sources are declared. */
typedef struct {
  enum { PL_TOPIC_UNSURE, PL_TOPIC_SPEAKS, PL_TOPIC_SILENT } state;
  pl_wall newest; /* record, as all marks say */
  pl_mono next;   /* they are read no sooner */
  struct {
    bool on; /* it is being looked for who worked since then */
    int32_t partition;
    uint32_t serial; /* of its tenure */
    size_t cursor;   /* in there */
    pl_wall from, to;
  } search;
  char stranger[64]; /* the last source that spoke without being declared; "": none */
} pl_topic_feed;

pl_mono pl_feed_tick(pl_engine *engine); /* when it looks again */
/* Is an empty topic news? If nobody has spoken for long while people were at work, it says nothing of them.
 */
bool pl_feed_speaks(pl_engine *engine);
void pl_feed_stranger(pl_engine *engine, pl_str source);
/* What /-/ready says of it, a line each. */
void pl_feed_warn(const pl_engine *engine, pl_buf *out);
void pl_feed_metrics(const pl_engine *engine, pl_buf *out);

#endif
