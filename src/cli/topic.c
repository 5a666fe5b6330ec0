#include "cli/topic.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "io/kafka_past.h"

static const size_t VALUES_MAX = (size_t)16 << 30;

typedef struct {
  int32_t partition;
  int64_t offset;
  pl_wall stamp;
  size_t value, bytes; /* in `values` */
  size_t key, key_bytes;
  bool gone; /* a tombstone */
} record;

typedef struct {
  record *items;
  size_t n, room;
} records;

struct pl_topic_past {
  const pl_config *config;
  int32_t partitions;
  records topics[PL_TOPICS];
  records *filling;
  pl_buf values;
};

static void on_record(void *ctx, const pl_past_record *r) {
  pl_topic_past *p = ctx;
  records *to = p->filling;
  if (to->n == to->room) {
    size_t room = to->room ? 2 * to->room : 1024;
    to->items = pl_resize(to->items, to->room * sizeof *to->items, room * sizeof *to->items);
    to->room = room;
  }
  record *own = &to->items[to->n++];
  *own = (record){.partition = r->partition, .offset = r->offset, .stamp = r->stamp, .gone = !r->value.p};
  own->value = p->values.n, own->bytes = r->value.n;
  if (r->value.p) pl_buf_str_put(&p->values, r->value);
  own->key = p->values.n, own->key_bytes = r->key.n;
  if (r->key.p) pl_buf_str_put(&p->values, r->key);
}

/* In the order of stamps; a partition's own order is kept. */
static int by_stamp(const void *a, const void *b) {
  const record *x = a, *y = b;
  if (x->stamp.ms != y->stamp.ms) return x->stamp.ms < y->stamp.ms ? -1 : 1;
  if (x->partition != y->partition) return x->partition < y->partition ? -1 : 1;
  return (x->offset > y->offset) - (x->offset < y->offset);
}

/* A late stamp never goes before one that its partition has passed already. */
static void sort(records *all, int32_t partitions) {
  pl_wall *newest = pl_alloc((size_t)partitions * sizeof *newest);
  for (int32_t p = 0; p < partitions; p++) newest[p] = PL_BEGINNING;
  for (size_t i = 0; i < all->n; i++) {
    pl_wall *at = &newest[all->items[i].partition];
    all->items[i].stamp = *at = pl_later(*at, all->items[i].stamp);
  }
  if (all->n) qsort(all->items, all->n, sizeof *all->items, by_stamp);
  pl_release(newest, (size_t)partitions * sizeof *newest);
}

pl_status pl_topic_past_new(pl_topic_past **out, const pl_config *config, pl_err *err) {
  pl_topic_past *p = *out = PL_NEW(pl_topic_past);
  p->config = config;
  pl_buf_init(&p->values, VALUES_MAX);
  pl_kafka_config kafka;
  pl_status status = pl_cli_kafka(&kafka, config, err);
  for (int t = 0; t < PL_TOPICS && status == PL_OK; t++) {
    int32_t partitions = 0;
    if (!kafka.topics[t] || !*kafka.topics[t]) continue;
    p->filling = &p->topics[t];
    status = pl_kafka_past(&kafka, kafka.topics[t], -1, &partitions, on_record, p, err);
    if (t == PL_TOPIC_ACTIVITIES) p->partitions = partitions;
  }
  if (status == PL_OK && p->values.full)
    status = pl_fail(err, PL_REJECT, "kafka: more than 16 GiB; replay a table of a shorter time");
  if (status == PL_OK)
    sort(&p->topics[PL_TOPIC_ACTIVITIES], p->partitions);
  else
    pl_topic_past_free(out);
  return status;
}

void pl_topic_past_free(pl_topic_past **past) {
  pl_topic_past *p = *past;
  if (!p) return;
  for (int t = 0; t < PL_TOPICS; t++)
    pl_release(p->topics[t].items, p->topics[t].room * sizeof *p->topics[t].items);
  pl_buf_fini(&p->values);
  PL_FREE(*past);
}

int32_t pl_topic_past_partitions(const pl_topic_past *p) { return p->partitions; }
size_t pl_topic_past_records(const pl_topic_past *p) { return p->topics[PL_TOPIC_ACTIVITIES].n; }

static pl_str value_of(const pl_topic_past *p, const record *r) {
  return r->gone ? (pl_str){0} : (pl_str){p->values.p + r->value, r->bytes};
}

void pl_topic_past_play(const pl_topic_past *p, pl_rerun *rerun) {
  static const pl_topic facts[] = {PL_TOPIC_TEAMS, PL_TOPIC_ROSTER, PL_TOPIC_GOALS};
  for (size_t i = 0; i < PL_COUNT(facts); i++)
    for (size_t k = 0; k < p->topics[facts[i]].n; k++) {
      const record *r = &p->topics[facts[i]].items[k];
      pl_rerun_fact(rerun, facts[i], r->partition, (pl_str){p->values.p + r->key, r->key_bytes},
                    value_of(p, r));
    }
  const records *all = &p->topics[PL_TOPIC_ACTIVITIES];
  for (size_t i = 0; i < all->n; i++)
    pl_rerun_apply(rerun, all->items[i].partition, value_of(p, &all->items[i]), all->items[i].stamp);
  if (all->n) pl_rerun_end(rerun, pl_wall_minus(all->items[all->n - 1].stamp, p->config->source_delay));
}
