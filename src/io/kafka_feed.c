#include "io/kafka_feed.h"

#include <event2/event.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/status.h"
#include "io/turn.h"
#include "ports.h"

struct pl_feed {
  struct {
    rd_kafka_queue_t *queue; /* owned */
    pl_feed_fn *on_event;
  } queues[PL_FEED_QUEUES];
  size_t n;
  rd_kafka_queue_t *records; /* owned */
  pl_feed_batch_fn *on_batch;
  rd_kafka_message_t *kept[PL_SLICE_MAX]; /* handed over, still looked at */
  size_t nkept;
  int fds[2]; /* read end, write end */
  struct event *woken, *more;
  bool held;
  void (*on_turn)(void *ctx);
  void *ctx;
};

static const struct timeval at_once;

static void serve(pl_feed *feed, size_t i) {
  for (rd_kafka_event_t *event; (event = rd_kafka_queue_poll(feed->queues[i].queue, 0));) {
    feed->queues[i].on_event(feed->ctx, event);
    rd_kafka_event_destroy(event);
  }
}

static void release(pl_feed *feed) {
  for (size_t i = 0; i < feed->nkept; i++) rd_kafka_message_destroy(feed->kept[i]);
  feed->nkept = 0;
}

/* False: time is up and something may be left. Whatever was taken is handed over at once, also when the feed
 * is held meanwhile: who has it can forget it when its partition goes. */
static bool serve_records(pl_feed *feed, int64_t until_us) {
  if (feed->nkept && !feed->on_batch(feed->ctx, NULL, 0)) return false;
  release(feed);
  while (!feed->held) {
    ssize_t n = rd_kafka_consume_batch_queue(feed->records, 0, feed->kept, PL_SLICE_MAX);
    if (n <= 0) return true;
    feed->nkept = (size_t)n;
    if (!feed->on_batch(feed->ctx, feed->kept, feed->nkept)) return false;
    release(feed);
    if (pl_clock_mono().us >= until_us) return false;
  }
  return true;
}

void pl_feed_turn(pl_feed *feed) {
  int64_t until_us = pl_clock_mono().us + PL_FEED_SLICE_US;
  for (size_t i = 0; i < feed->n; i++) serve(feed, i);
  if (feed->records && !serve_records(feed, until_us)) evtimer_add(feed->more, &at_once);
  feed->on_turn(feed->ctx);
}

static void on_woken(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("records");
  (void)what;
  char drain[256];
  while (read(fd, drain, sizeof drain) > 0) {}
  pl_feed_turn(ctx);
}

static void on_more(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("records");
  (void)fd, (void)what;
  pl_feed_turn(ctx);
}

pl_feed *pl_feed_new(struct event_base *base, void (*on_turn)(void *ctx), void *ctx) {
  int fds[2];
  if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) != 0) return NULL;
  pl_feed *feed = PL_NEW(pl_feed);
  feed->fds[0] = fds[0], feed->fds[1] = fds[1], feed->on_turn = on_turn, feed->ctx = ctx;
  feed->woken = event_new(base, fds[0], EV_READ | EV_PERSIST, on_woken, feed);
  feed->more = evtimer_new(base, on_more, feed);
  PL_ASSERT(feed->woken && feed->more);
  event_add(feed->woken, NULL);
  return feed;
}

static void drop(rd_kafka_queue_t *queue) {
  rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
  rd_kafka_queue_destroy(queue);
}

void pl_feed_free(pl_feed **feed) {
  if (!*feed) return;
  for (size_t i = 0; i < (*feed)->n; i++) drop((*feed)->queues[i].queue);
  release(*feed);
  if ((*feed)->records) drop((*feed)->records);
  event_free((*feed)->woken);
  event_free((*feed)->more);
  close((*feed)->fds[0]);
  close((*feed)->fds[1]);
  PL_FREE(*feed);
}

static void listen_to(pl_feed *feed, rd_kafka_queue_t *queue) {
  rd_kafka_queue_io_event_enable(queue, feed->fds[1], "1", 1);
  evtimer_add(feed->more, &at_once); /* what came before the pipe was there gave no wake-up */
}

void pl_feed_add(pl_feed *feed, rd_kafka_queue_t *queue, pl_feed_fn *on_event) {
  PL_ASSERT(feed->n < PL_FEED_QUEUES);
  feed->queues[feed->n].queue = queue, feed->queues[feed->n++].on_event = on_event;
  listen_to(feed, queue);
}

void pl_feed_add_records(pl_feed *feed, rd_kafka_queue_t *queue, pl_feed_batch_fn *on_batch) {
  PL_ASSERT(!feed->records);
  feed->records = queue, feed->on_batch = on_batch;
  listen_to(feed, queue);
}

size_t pl_feed_left(const pl_feed *feed) { return feed->records ? rd_kafka_queue_length(feed->records) : 0; }

void pl_feed_hold(pl_feed *feed, bool held) {
  if (feed->held && !held) evtimer_add(feed->more, &at_once);
  feed->held = held;
}
