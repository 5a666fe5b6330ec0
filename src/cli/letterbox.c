#include "cli/letterbox.h"

#include <stdio.h>

#include "base/map.h"
#include "base/mem.h"
#include "cli/cli.h"

struct pl_letterbox {
  pl_kafka_config kafka;
  const char *topic;
  bool settled;
  int32_t partitions;
  pl_map gone;   /* by place */
  int64_t *ends; /* by partition: where the first reading ended */
  size_t nends;
  const pl_letter_filter *filter;
  pl_letter_fn *fn;
  void *ctx;
};

static pl_str place_of(char out[PL_PLACE_MAX], int32_t partition, int64_t offset) {
  int n = snprintf(out, PL_PLACE_MAX, "%d/%lld", (int)partition, (long long)offset);
  return (pl_str){out, (size_t)n};
}

bool pl_letter_place(const char *text, int32_t *partition, int64_t *offset) {
  const char *slash = strchr(text, '/');
  int64_t p;
  if (!slash || !pl_str_int((pl_str){text, (size_t)(slash - text)}, &p) ||
      !pl_str_int(pl_str_of(slash + 1), offset) || p < 0 || p > INT32_MAX || *offset < 0)
    return false;
  *partition = (int32_t)p;
  return true;
}

/* --- which are gone */

static void look_for_marker(void *ctx, const pl_past_record *r) {
  pl_letterbox *box = ctx;
  pl_str place = pl_past_header(r, PL_LETTER_REQUEUED);
  if ((size_t)r->partition >= box->nends) {
    size_t n = (size_t)r->partition + 1;
    box->ends = pl_resize(box->ends, box->nends * sizeof *box->ends, n * sizeof *box->ends);
    box->nends = n;
  }
  box->ends[r->partition] = r->offset + 1;
  if (place.n && place.n < PL_PLACE_MAX) *pl_map_put(&box->gone, place) = box;
}

pl_status pl_letterbox_open(pl_letterbox **out, const pl_config *config, bool settled, pl_err *err) {
  *out = NULL;
  if (!*config->kafka.topics.dead_letters)
    return pl_fail(err, PL_REJECT, "kafka.topics.dead_letters is \"\": there are no dead letters to look at");
  pl_letterbox *box = *out = PL_NEW(pl_letterbox);
  pl_map_init(&box->gone);
  box->topic = config->kafka.topics.dead_letters, box->settled = settled;
  const pl_past_range all = {.partition = -1, .settled = settled};
  pl_status status = pl_cli_kafka(&box->kafka, config, err);
  if (status == PL_OK)
    status = pl_kafka_range(&box->kafka, box->topic, &all, &box->partitions, look_for_marker, box, err);
  if (status != PL_OK) pl_letterbox_close(out);
  return status;
}

void pl_letterbox_close(pl_letterbox **letterbox) {
  pl_letterbox *box = *letterbox;
  if (!box) return;
  pl_map_fini(&box->gone);
  pl_release(box->ends, box->nends * sizeof *box->ends);
  PL_FREE(*letterbox);
}

/* --- letters */

static int64_t number(const pl_past_record *r, const char *name) {
  int64_t n;
  return pl_str_int(pl_past_header(r, name), &n) ? n : -1;
}

static pl_str text(const pl_past_record *r, const char *name) {
  pl_str s = pl_past_header(r, name);
  return s.p ? s : PL_STR("");
}

static bool is_named(const pl_letter_filter *f, const char *place) {
  for (int i = 0; i < f->nplaces; i++)
    if (strcmp(f->places[i], place) == 0) return true;
  return f->nplaces == 0;
}

static bool is_wanted(const pl_letter_filter *f, const pl_letter *l) {
  return (!f->reason || pl_str_is(l->reason, f->reason)) && (!f->topic || pl_str_is(l->topic, f->topic)) &&
         (f->partition < 0 || f->partition == l->partition) && !pl_before(l->record->stamp, f->since) &&
         pl_before(l->record->stamp, f->until) && is_named(f, l->place);
}

/* What came after the first reading may have a marker that it did not see. */
static void open_letter(void *ctx, const pl_past_record *r) {
  const pl_letterbox *box = ctx;
  if ((size_t)r->partition >= box->nends || r->offset >= box->ends[r->partition] ||
      pl_past_header(r, PL_LETTER_REQUEUED).p)
    return;
  pl_letter l = {.record = r,
                 .topic = text(r, "paceline.topic"),
                 .reason = text(r, "paceline.reason"),
                 .why = text(r, "paceline.why"),
                 .partition = number(r, "paceline.partition"),
                 .offset = number(r, "paceline.offset"),
                 .schema_id = number(r, "paceline.schema_id"),
                 .stamp = {number(r, "paceline.stamp")}};
  if (l.stamp.ms < 0) l.stamp = r->stamp; /* one of before letters had it */
  l.requeued = pl_map_find(&box->gone, place_of(l.place, r->partition, r->offset));
  if (is_wanted(box->filter, &l)) box->fn(box->ctx, &l);
}

pl_status pl_letterbox_each(pl_letterbox *box, const pl_letter_filter *filter, pl_letter_fn *fn, void *ctx,
                            pl_err *err) {
  pl_past_range range = {.partition = -1};
  if (filter->nplaces == 1 && pl_letter_place(filter->places[0], &range.partition, &range.from))
    range.most = 1;
  box->filter = filter, box->fn = fn, box->ctx = ctx;
  return pl_kafka_range(&box->kafka, box->topic, &range, &box->partitions, open_letter, box, err);
}
