#include "cli/sample.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/mem.h"
#include "cli/becomes.h"
#include "cli/cli.h"
#include "cli/enquiry.h"
#include "cli/table.h"
#include "io/kafka_past.h"

enum { WHERE_MAX = 300 };

typedef struct {
  pl_wall stamp;
  int32_t partition;
  int64_t offset;
  pl_buf key, value;
  bool null_key, null_value;
} kept;

typedef struct {
  const pl_sample *ask;
  const pl_config *config;
  const pl_mapping_set *set;
  pl_becomes *becomes;
  kept *kept; /* in the order of time, `ask->n` at most */
  size_t nkept;
} sampling;

static void say(sampling *s, const pl_outcome *o) {
  pl_buf out;
  pl_buf_init(&out, SIZE_MAX / 2);
  pl_becomes_say(s->becomes, o, s->ask->json, &out);
  (void)fwrite(out.p, 1, out.n, stdout);
  pl_buf_fini(&out);
}

static void sum_up(const sampling *s) {
  pl_buf out;
  pl_buf_init(&out, SIZE_MAX / 2);
  pl_becomes_sum_up(s->becomes, s->ask->json, &out);
  (void)fwrite(out.p, 1, out.n, stdout);
  pl_buf_fini(&out);
}

/* --- of a topic */

static bool comes_after(const kept *k, const pl_past_record *r) {
  if (k->stamp.ms != r->stamp.ms) return k->stamp.ms > r->stamp.ms;
  return k->partition != r->partition ? k->partition > r->partition : k->offset > r->offset;
}

static void drop(kept *k) { pl_buf_fini(&k->key), pl_buf_fini(&k->value); }

/* Into its place in time; what is one too many goes, at the end that is not asked for. */
static void keep(void *ctx, const pl_past_record *r) {
  sampling *s = ctx;
  size_t at = s->nkept, most = (size_t)s->ask->n;
  while (at && comes_after(&s->kept[at - 1], r)) at--;
  if (s->nkept == most && (s->ask->from_start ? at == most : at == 0)) return;
  if (s->nkept == most) {
    bool last = s->ask->from_start;
    drop(&s->kept[last ? most - 1 : 0]);
    if (!last) memmove(s->kept, s->kept + 1, --at * sizeof *s->kept);
    if (last) memmove(&s->kept[at + 1], &s->kept[at], (most - 1 - at) * sizeof *s->kept);
  } else {
    memmove(&s->kept[at + 1], &s->kept[at], (s->nkept++ - at) * sizeof *s->kept);
  }
  kept *own = &s->kept[at];
  *own = (kept){.stamp = r->stamp, .partition = r->partition, .offset = r->offset};
  own->null_key = !r->key.p, own->null_value = !r->value.p;
  pl_buf_init(&own->key, SIZE_MAX / 2), pl_buf_init(&own->value, SIZE_MAX / 2);
  if (r->key.p) pl_buf_str_put(&own->key, r->key);
  if (r->value.p) pl_buf_str_put(&own->value, r->value);
}

static pl_str bytes_of(const pl_buf *buf, bool is_null) {
  return is_null ? (pl_str){NULL, 0} : (pl_str){buf->n ? buf->p : "", buf->n};
}

static pl_status judge(sampling *s, const pl_enquiry *enquiry, pl_readers *readers, const kept *k,
                       int32_t partitions, pl_err *err) {
  char where[WHERE_MAX];
  pl_err why = {""};
  int32_t schema_id;
  pl_made *made = pl_readers_room(readers);
  (void)snprintf(where, sizeof where, "%s %d/%lld", s->ask->of, (int)k->partition, (long long)k->offset);
  pl_outcome o = {.where = where,
                  .stamp = k->stamp,
                  .key = bytes_of(&k->key, k->null_key),
                  .partition = k->partition,
                  .partitions = s->set == &s->config->mappings[0] ? partitions : 0,
                  .why = why.text,
                  .made = made};
  o.reason =
      pl_readers_events(readers, bytes_of(&k->value, k->null_value), NULL, made, &o.n, &schema_id, &why);
  o.unmet = pl_readers_unmet(readers);
  if (pl_enquiry_failed(enquiry, err) != PL_OK) return PL_AGAIN;
  say(s, &o);
  return PL_OK;
}

static pl_status read_topic(sampling *s, int32_t *partitions, pl_err *err) {
  pl_kafka_config kafka;
  pl_past_range range = {.partition = -1, .from = s->ask->from_start ? 0 : -s->ask->n};
  if (s->ask->from_start) range.most = s->ask->n;
  pl_status status = pl_cli_kafka(&kafka, s->config, err);
  return status == PL_OK ? pl_kafka_range(&kafka, s->ask->of, &range, partitions, keep, s, err) : status;
}

static pl_status sample_topic(sampling *s, pl_err *err) {
  pl_config as_read = pl_cli_as_read(s->config, s->set);
  pl_enquiry *enquiry = NULL;
  pl_readers *readers = NULL;
  int32_t partitions = 0;
  s->kept = pl_alloc((size_t)s->ask->n * sizeof *s->kept);
  pl_status status = pl_enquiry_open(&enquiry, &as_read, err);
  if (status == PL_OK) status = pl_enquiry_readers(enquiry, &readers, err);
  if (status == PL_OK) status = read_topic(s, &partitions, err);
  for (size_t i = 0; i < s->nkept && status == PL_OK; i++)
    status = judge(s, enquiry, readers, &s->kept[i], partitions, err);
  for (size_t i = 0; i < s->nkept; i++) drop(&s->kept[i]);
  pl_release(s->kept, (size_t)s->ask->n * sizeof *s->kept);
  pl_readers_free(&readers);
  pl_enquiry_close(&enquiry);
  return status;
}

/* --- of a table */

static void on_row(void *ctx, const pl_row_outcome *row) {
  char where[WHERE_MAX];
  (void)snprintf(where, sizeof where, "line %lld", (long long)row->line);
  say(ctx, &(pl_outcome){.where = where,
                         .stamp = PL_NEVER,
                         .reason = row->reason,
                         .why = row->why,
                         .made = row->made,
                         .n = row->n,
                         .unmet = row->unmet});
}

static int sample_table(sampling *s) {
  pl_table table;
  const pl_table_ask ask = {.config = s->ask->config,
                            .source = s->ask->source,
                            .path = s->ask->of,
                            .quiet = true,
                            .most = s->ask->n,
                            .on_row = on_row,
                            .ctx = s};
  int code = pl_table_open(&table, &ask);
  pl_table_close(&table);
  return code;
}

/* --- either */

int pl_sample_say(const pl_sample *ask, const pl_config *config) {
  const char *name = ask->source ? ask->source : ask->of;
  sampling s = {.ask = ask, .config = config, .set = pl_config_mapping(config, name)};
  pl_err err = {""};
  int code = EX_CONFIG;
  if (!s.set) {
    (void)fprintf(
        stderr,
        "paceline: %s: mapping: none is called %s; expected the activities, a topic that `mapping` names, or "
        "a table with --source\n",
        ask->config, name);
    return code;
  }
  pl_status status = pl_becomes_new(&s.becomes, config, s.set, &err);
  if (status == PL_OK && ask->source) code = sample_table(&s);
  if (status == PL_OK && !ask->source) status = sample_topic(&s, &err);
  if (status != PL_OK) {
    (void)fprintf(stderr, "paceline: %s: %s\n", ask->config, err.text);
    code = status == PL_REJECT ? EX_CONFIG : EX_TEMPFAIL;
  } else if (!ask->source || code == EX_OK) {
    sum_up(&s);
    code = EX_OK;
  }
  pl_becomes_free(&s.becomes);
  return code;
}
