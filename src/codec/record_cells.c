#include "codec/record_inside.h"

#include "base/mem.h"
#include "codec/when.h"
#include "core/fiscal.h"
#include "paceline/period.h"

void pl_record_put_text(pl_buf *out, const char *text) {
  size_t n = strlen(text);
  pl_buf_varint(out, n);
  pl_buf_put(out, text, n);
}

pl_str pl_record_text(pl_reader *in) {
  uint64_t n = pl_read_varint(in);
  return pl_read_bytes(in, (size_t)n);
}

void pl_record_put_double(pl_buf *out, double v) {
  uint64_t bits;
  memcpy(&bits, &v, sizeof bits);
  pl_buf_u64(out, bits);
}

double pl_record_double(pl_reader *in) {
  uint64_t bits = pl_read_u64(in);
  double v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

static const int32_t FIRST_DAY = (int32_t)(PL_WHEN_MIN / 86400000),
                     LAST_DAY = (int32_t)(PL_WHEN_MAX / 86400000);

pl_wall pl_record_instant(pl_reader *in, pl_wall none) {
  int64_t ms = pl_read_zigzag(in);
  if (ms != none.ms && (ms < PL_WHEN_MIN || ms > PL_WHEN_MAX)) in->bad = true;
  return in->bad ? none : (pl_wall){ms};
}

int32_t pl_record_day(pl_reader *in) {
  int64_t day = pl_read_zigzag(in);
  if (day != PL_DAY_ALWAYS && (day < FIRST_DAY || day > LAST_DAY)) in->bad = true;
  return in->bad ? PL_DAY_ALWAYS : (int32_t)day;
}

int32_t pl_record_period(pl_reader *in, pl_unit unit) {
  int64_t index = pl_read_zigzag(in);
  int32_t first = pl_period_of(unit, FIRST_DAY), last = pl_period_of(unit, LAST_DAY);
  bool fiscal = index == (int32_t)index && pl_fiscal_numbers(unit, (int32_t)index);
  if (!fiscal && (index < first || index > last)) in->bad = true;
  return in->bad ? first : (int32_t)index;
}

int pl_record_metric(const pl_policy *policy, pl_reader *in) {
  uint64_t hash = pl_read_u64(in);
  for (size_t m = 0; m < policy->nmetrics; m++)
    if (policy->metrics[m].hash == hash) return (int)m;
  return -1;
}

enum { SIZE_BYTES = 3 }; /* of a cell, as a varint of fixed width, so that it is written where it stands */

static void put_size(pl_buf *out, size_t at) {
  size_t n = out->n - at - SIZE_BYTES;
  PL_ASSERT(out->full || n < 1 << 21);
  if (out->full) return;
  for (int i = 0; i < SIZE_BYTES; i++)
    out->p[at + (size_t)i] = (char)(n >> (7 * i) | (i < SIZE_BYTES - 1 ? 0x80 : 0));
}

void pl_record_put_cells(const pl_policy *policy, pl_cell *const *cells, pl_buf *out) {
  uint64_t n = 0;
  for (size_t m = 0; m < policy->nmetrics; m++)
    for (const pl_cell *c = cells[m]; c; c = c->next) n++;
  pl_buf_varint(out, n);
  for (size_t m = 0; m < policy->nmetrics; m++)
    for (const pl_cell *c = cells[m]; c; c = c->next) {
      pl_buf_u64(out, policy->metrics[m].hash);
      pl_buf_varint(out, c->team);
      size_t at = out->n;
      pl_buf_put(out, "\0\0", SIZE_BYTES);
      pl_cell_encode(c, out);
      put_size(out, at);
    }
}

void pl_record_cells(pl_subject *s, pl_reader *in) {
  const pl_policy *policy = s->core->policy;
  for (uint64_t n = pl_read_varint(in); n > 0 && !in->bad; n--) {
    int m = pl_record_metric(policy, in);
    uint64_t team = pl_read_varint(in);
    pl_str bytes = pl_record_text(in);
    if (team >= (s->is_team ? 1 : s->nteams)) in->bad = true;
    if (m < 0 || in->bad) continue;
    pl_cell *cell = pl_cell_new(&policy->metrics[m], (uint16_t)m, (uint16_t)team);
    pl_reader inner = pl_reader_of(bytes);
    if (!pl_cell_decode(&cell, &inner) || inner.p != inner.end) in->bad = true;
    if (s->is_team && s->cells[m]) {
      pl_cell_merge(&s->cells[m], cell);
      pl_cell_free(&cell);
    } else {
      cell->next = s->cells[m], s->cells[m] = cell;
    }
  }
}
