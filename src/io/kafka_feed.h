/* Feed: librdkafka's queues on the loop.
 *
 * One pipe wakes the loop for all queues of a source. librdkafka writes to it only when a queue turns from
 * empty to non-empty, so a turn drains to empty or arms a zero timer; both ends are non-blocking, because
 * librdkafka holds the queue's lock while it writes. A turn is at most PL_FEED_SLICE_US long. Queues of
 * operations are served first, in the order they were added, event by event; then the one queue of records,
 * by batches. Only that one can be held. */
#ifndef PL_IO_KAFKA_FEED_H
#define PL_IO_KAFKA_FEED_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>

struct event_base;

enum { PL_FEED_QUEUES = 3, PL_FEED_SLICE_US = 2000 };

typedef void pl_feed_fn(void *ctx, rd_kafka_event_t *event);
/* Records, ends and errors of partitions; none: those of before. False: they are kept, and it is called again
 * in the next turn. */
typedef bool pl_feed_batch_fn(void *ctx, rd_kafka_message_t *const *messages, size_t n);
typedef struct pl_feed pl_feed;

/* `on_turn` follows each turn, whether it had events or not. NULL: no more file descriptors. */
pl_feed *pl_feed_new(struct event_base *base, void (*on_turn)(void *ctx), void *ctx);
void pl_feed_free(pl_feed **feed);
void pl_feed_add(pl_feed *feed, rd_kafka_queue_t *queue, pl_feed_fn *on_event); /* takes the queue */
void pl_feed_add_records(pl_feed *feed, rd_kafka_queue_t *queue, pl_feed_batch_fn *on_batch); /* takes it */
size_t pl_feed_left(const pl_feed *feed); /* records, ends and errors that are queued */
void pl_feed_hold(pl_feed *feed, bool held);
void pl_feed_turn(pl_feed *feed); /* now, without a wake-up */

#endif
