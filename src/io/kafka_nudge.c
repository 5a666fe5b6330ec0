/* Nudge: the fetcher goes on while there is more to fetch.
 *
 * A fetcher of librdkafka that has found the queue full sleeps until something else wakes it, for up to a
 * second, whatever is taken from the queue meanwhile (2.2 and later have fetch.queue.backoff.ms). A request
 * to its broker wakes it: one for offsets that nobody waits for, once half of what lay there has been taken.
 * So a queue may be small, and what is taken from it is still near. */
#include "io/kafka_inside.h"

enum { WORTH_IT = 64 /* records: fewer are taken at once */ };

/* The flows of which the broker holds more than all that is queued, as far as it is known. */
static rd_kafka_topic_partition_list_t *hungry(const pl_kafka *k, size_t left) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
  for (pl_topic t = 0; t < PL_TOPICS; t++)
    for (size_t p = 0; p < k->topics[t].room; p++) {
      const pl_flow *f = &k->topics[t].flows[p];
      int64_t low, high = -1;
      if (!f->on || f->next < 0) continue;
      (void)rd_kafka_get_watermark_offsets(k->data, k->topics[t].name, (int32_t)p, &low, &high);
      if (high - f->next > (int64_t)left)
        rd_kafka_topic_partition_list_add(list, k->topics[t].name, (int32_t)p)->offset = RD_KAFKA_OFFSET_END;
    }
  return list;
}

void pl_nudge(pl_kafka *k) {
  size_t left = pl_feed_left(k->feed);
  if (left > k->queued) k->queued = left;
  if (k->queued < WORTH_IT || left > k->queued / 2) return;
  k->queued = left;
  rd_kafka_topic_partition_list_t *list = hungry(k, left);
  if (list->cnt > 0) (void)rd_kafka_offsets_for_times(k->data, list, 0); /* sends, and does not wait */
  rd_kafka_topic_partition_list_destroy(list);
}
