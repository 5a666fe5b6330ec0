/* Membership. A rebalance is answered at once with an empty assignment, so that no other member waits while
 * we load state; which partitions flow is the data handle's affair. A commit says only that the *membership*
 * is current, so it is sent for assigned partitions only, never while joining (the broker would throw the
 * fresh assignment away), and its answer counts only for the assignment it was sent under. What was committed
 * is asked for by the Admin API: rd_kafka_committed would block. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/kafka_inside.h"

/* The longest there is: librdkafka (2.0 to 2.8 at least) uses freed memory, and mostly aborts, when it finds
 * the coordinator after such a question's time was up. A connection that ends answers it sooner. */
enum { RECALL_MS = 3600000 };
static const int64_t RECALL_AGAIN_US = 1000000;

void pl_group_join(pl_kafka *k) {
  rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, k->topics[PL_TOPIC_ACTIVITIES].name, RD_KAFKA_PARTITION_UA);
  rd_kafka_resp_err_t err = rd_kafka_subscribe(k->group, topics);
  rd_kafka_topic_partition_list_destroy(topics);
  k->joined = true;
  if (err) pl_kafka_on_fatal(k, rd_kafka_err2str(err));
}

/* Where in `owned`; nowned: nowhere. */
static size_t place_of(const pl_kafka *k, int32_t partition) {
  size_t i = 0;
  while (i < k->nowned && k->owned[i] != partition) i++;
  return i;
}

bool pl_group_owns(const pl_kafka *k, int32_t partition) { return place_of(k, partition) < k->nowned; }

static void forget(pl_kafka *k) {
  pl_release(k->owned, k->nowned * sizeof *k->owned);
  pl_release(k->recalls, k->nowned * sizeof *k->recalls);
  k->owned = NULL, k->recalls = NULL, k->nowned = 0;
}

static void on_assigned(pl_kafka *k, const rd_kafka_topic_partition_list_t *list) {
  rd_kafka_topic_partition_list_t *none = rd_kafka_topic_partition_list_new(0);
  rd_kafka_resp_err_t err = rd_kafka_assign(k->group, none);
  rd_kafka_topic_partition_list_destroy(none);
  if (err) pl_log(PL_LOG_WARN, "kafka.group", "assign: %s", rd_kafka_err2str(err));
  forget(k);
  k->generation++;
  if (list->cnt > 0) {
    k->nowned = (size_t)list->cnt;
    k->owned = pl_alloc(k->nowned * sizeof *k->owned);
    k->recalls = pl_alloc(k->nowned * sizeof *k->recalls);
  }
  k->total = k->topics[PL_TOPIC_ACTIVITIES].total;
  for (int i = 0; i < list->cnt; i++) {
    k->owned[i] = list->elems[i].partition;
    if (k->owned[i] >= k->total) k->total = k->owned[i] + 1; /* the topic has just grown */
  }
  pl_data_keep(k);
  k->told = true;
  k->to.on_assign(k->to.ctx, k->owned, k->nowned, k->total);
}

void pl_group_count(pl_kafka *k) {
  if (!k->told || k->closing || k->topics[PL_TOPIC_ACTIVITIES].total <= k->total) return;
  k->total = k->topics[PL_TOPIC_ACTIVITIES].total;
  k->to.on_assign(k->to.ctx, k->owned, k->nowned, k->total);
}

/* librdkafka calls a REVOKE orderly if it was when it was queued. If we stood still since, it may no longer
 * be. */
static void on_revoked(pl_kafka *k) {
  bool late = pl_clock_mono().us - k->turned.us >= k->session_us;
  bool lost = late || rd_kafka_assignment_lost(k->group);
  if (k->told) {
    if (lost) k->generation++; /* a commit in flight proves nothing any more, and no new one may be sent */
    k->told = !lost;
    pl_data_pause(k);
    k->to.on_revoke(k->to.ctx, lost);
  }
  k->told = false;
  forget(k);
  rd_kafka_assign(k->group, NULL);
}

static void on_committed(pl_kafka *k, rd_kafka_event_t *event) {
  rd_kafka_resp_err_t err = rd_kafka_event_error(event);
  const rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(event);
  for (int i = 0; !err && list && i < list->cnt; i++) err = list->elems[i].err;
  bool current = k->told && (intptr_t)rd_kafka_event_opaque(event) == k->generation;
  if (err) pl_log(PL_LOG_WARN, "kafka.commit", "%s", rd_kafka_err2str(err));
  k->committing = false;
  k->to.on_commit(k->to.ctx, !err && current);
}

/* --- what was committed */

void pl_group_recall(pl_kafka *k, int32_t partition) {
  size_t i = place_of(k, partition);
  if (i == k->nowned || k->closing) return;
  k->recalls[i] = PL_RECALL_WANTED;
  pl_kafka_later(k);
}

void pl_group_settle(pl_kafka *k) {
  if (k->recalling || k->closing || pl_clock_mono().us < k->recall_at.us) return;
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)k->nowned);
  for (size_t i = 0; i < k->nowned; i++) {
    if (k->recalls[i] != PL_RECALL_WANTED) continue;
    rd_kafka_topic_partition_list_add(list, k->topics[PL_TOPIC_ACTIVITIES].name, k->owned[i]);
    k->recalls[i] = PL_RECALL_SENT;
  }
  if (list->cnt > 0) {
    rd_kafka_ListConsumerGroupOffsets_t *what = rd_kafka_ListConsumerGroupOffsets_new(k->group_name, list);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(k->group, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    rd_kafka_AdminOptions_set_request_timeout(options, RECALL_MS, NULL, 0);
    rd_kafka_ListConsumerGroupOffsets(k->group, &what, 1, options, k->group_queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ListConsumerGroupOffsets_destroy(what);
    k->recalling = true;
  }
  rd_kafka_topic_partition_list_destroy(list);
}

/* What has no good answer is asked again. */
static void on_recalled(pl_kafka *k, rd_kafka_event_t *event) {
  const rd_kafka_topic_partition_list_t *list = NULL;
  rd_kafka_resp_err_t err = rd_kafka_event_error(event);
  if (!err) {
    size_t n;
    const rd_kafka_group_result_t *group = *rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event), &n);
    err = rd_kafka_error_code(rd_kafka_group_result_error(group));
    list = rd_kafka_group_result_partitions(group);
  }
  k->recalling = false;
  for (int p = 0; !err && list && p < list->cnt; p++) {
    const rd_kafka_topic_partition_t *one = &list->elems[p];
    size_t i = place_of(k, one->partition);
    if (i == k->nowned || k->recalls[i] != PL_RECALL_SENT || (err = one->err)) continue;
    k->recalls[i] = PL_RECALL_NO;
    k->to.on_recalled(k->to.ctx, one->partition, one->offset < 0 ? PL_OFFSET_NONE : one->offset);
  }
  for (size_t i = 0; i < k->nowned; i++)
    if (k->recalls[i] == PL_RECALL_SENT) k->recalls[i] = PL_RECALL_WANTED;
  if (!err) return;
  pl_log(PL_LOG_WARN, "kafka.group", "what was committed: %s", rd_kafka_err2str(err));
  k->recall_at.us = pl_clock_mono().us + RECALL_AGAIN_US;
}

void pl_group_on_event(void *ctx, rd_kafka_event_t *event) {
  pl_kafka *k = ctx;
  switch (rd_kafka_event_type(event)) {
  case RD_KAFKA_EVENT_REBALANCE:
    if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !k->closing)
      on_assigned(k, rd_kafka_event_topic_partition_list(event));
    else
      on_revoked(k);
    break;
  case RD_KAFKA_EVENT_OFFSET_COMMIT: on_committed(k, event); break;
  case RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT: on_recalled(k, event); break;
  case RD_KAFKA_EVENT_ERROR: pl_kafka_on_error_event(k, "kafka.group", k->group, event); break;
  case RD_KAFKA_EVENT_LOG: pl_kafka_on_log("kafka.group", event); break;
  default: break;
  }
}

bool pl_group_commit(pl_kafka *k, const int32_t *partitions, const int64_t *offsets, size_t n) {
  if (k->committing || !k->told) return false;
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
  for (size_t i = 0; i < n; i++)
    if (pl_group_owns(k, partitions[i]) && offsets[i] >= 0)
      rd_kafka_topic_partition_list_add(list, k->topics[PL_TOPIC_ACTIVITIES].name, partitions[i])->offset =
          offsets[i];
  if (list->cnt > 0) {
    rd_kafka_resp_err_t err =
        rd_kafka_commit_queue(k->group, list, k->group_queue, NULL, (void *)k->generation);
    k->committing = !err;
    if (err) pl_log(PL_LOG_WARN, "kafka.commit", "%s", rd_kafka_err2str(err));
  }
  rd_kafka_topic_partition_list_destroy(list);
  return k->committing;
}

/* The answer to the REVOKE that follows and the news that the group is left come through the queue. */
void pl_group_close(pl_kafka *k) {
  rd_kafka_error_t *error = rd_kafka_consumer_close_queue(k->group, k->group_queue);
  if (!error) return;
  pl_log(PL_LOG_WARN, "kafka.group", "close: %s", rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  k->left = true;
}
