#include "codec/part.h"

#include "codec/record_inside.h"
#include "core/gap.h"

enum { MEMBERS_MAX = 1 << 30 };

static void encode_sums(const pl_share *share, const pl_policy *policy, pl_buf *out) {
  pl_goal_sums sums = {0};
  pl_sums_of(&sums, share);
  pl_buf_varint(out, sums.n);
  for (size_t i = 0; i < sums.n; i++) {
    pl_record_put_text(out, sums.items[i].goal);
    pl_buf_u64(out, policy->metrics[sums.items[i].metric].hash);
    pl_buf_varint(out, (uint64_t)sums.items[i].period);
    pl_buf_zigzag(out, sums.items[i].sum);
  }
  pl_sums_fini(&sums);
}

static void decode_sums(pl_subject *team, pl_reader *in) {
  for (uint64_t n = pl_read_varint(in); n > 0 && !in->bad; n--) {
    pl_str goal = pl_record_text(in);
    int m = pl_record_metric(team->core->policy, in);
    uint64_t period = pl_read_varint(in);
    int64_t sum = pl_read_zigzag(in);
    if (period >= PL_UNITS || goal.n > PL_ID_MAX) in->bad = true;
    if (m >= 0 && !in->bad) pl_sums_add(&team->sums, goal, m, (pl_unit)period, sum);
  }
}

/* Does it count for the team today? */
static bool is_member(const pl_share *share, const pl_subject *s) {
  const char *now = s->begun ? pl_subject_team(s) : NULL;
  return now && strcmp(now, share->team) == 0 && !s->erased;
}

static uint64_t members_of(const pl_share *share) {
  uint64_t n = 0;
  for (size_t i = 0; i < share->n; i++) n += is_member(share, share->members[i]);
  return n;
}

void pl_part_members(const pl_share *share, pl_buf *out) {
  for (size_t i = 0; i < share->n; i++)
    if (is_member(share, share->members[i]))
      pl_buf_str_put(out, pl_subject_id(share->members[i])), pl_buf_char(out, '\n');
}

static void encode_size(pl_share *share, const pl_policy *policy, size_t m, pl_buf *out) {
  const pl_metric *metric = &policy->metrics[m];
  if (!pl_metric_adds(metric) || metric->hidden) return;
  pl_share_size size = pl_share_size_of(share, policy, m);
  if (size.means <= 0) return;
  pl_buf_u64(out, metric->hash);
  pl_record_put_double(out, size.weighted), pl_record_put_double(out, size.means);
}

static void encode_cells(const pl_share *share, const pl_policy *policy, pl_buf *out) {
  pl_cell *sums[PL_METRICS_MAX];
  for (size_t m = 0; m < policy->nmetrics; m++) sums[m] = pl_share_sum(share, m);
  pl_record_put_cells(policy, sums, out);
  for (size_t m = 0; m < policy->nmetrics; m++) pl_cell_free(&sums[m]);
}

void pl_part_encode(pl_share *share, const pl_policy *policy, pl_buf *out) {
  pl_buf_char(out, PL_RECORD_VERSION);
  pl_buf_varint(out, members_of(share));
  encode_sums(share, policy, out);
  encode_cells(share, policy, out);
  for (size_t m = 0; m < policy->nmetrics; m++) encode_size(share, policy, m, out);
}

void pl_part_reset(pl_subject *team) {
  for (size_t m = 0; m < team->core->policy->nmetrics; m++) {
    pl_cell_free(&team->cells[m]);
    team->weighted[m] = team->means[m] = 0;
  }
  team->members = 0;
  pl_sums_fini(&team->sums);
}

/* Sums that any company can come to, and that of all parts can be added up and divided. */
static bool is_size(double weighted, double means) {
  return means > 0 && means < 1e30 && weighted > means * 1e-9 && weighted < means * 1e20;
}

static bool decode(pl_subject *part, pl_reader *in) {
  uint64_t members = pl_read_varint(in);
  if (members > MEMBERS_MAX) in->bad = true;
  part->members = (int64_t)members;
  decode_sums(part, in);
  pl_record_cells(part, in);
  while (!in->bad && in->p < in->end) {
    int m = pl_record_metric(part->core->policy, in);
    double weighted = pl_record_double(in), means = pl_record_double(in);
    if (!is_size(weighted, means)) in->bad = true;
    if (m >= 0 && !in->bad) part->weighted[m] += weighted, part->means[m] += means;
  }
  return !in->bad;
}

static void add(pl_subject *team, pl_subject *part) {
  team->members += part->members;
  for (size_t i = 0; i < part->sums.n; i++) {
    const pl_goal_sum *one = &part->sums.items[i];
    pl_sums_add(&team->sums, pl_str_of(one->goal), one->metric, one->period, one->sum);
  }
  for (size_t m = 0; m < team->core->policy->nmetrics; m++) {
    team->weighted[m] += part->weighted[m], team->means[m] += part->means[m];
    if (!team->cells[m])
      team->cells[m] = part->cells[m], part->cells[m] = NULL;
    else if (part->cells[m])
      pl_cell_merge(&team->cells[m], part->cells[m]);
  }
}

pl_status pl_part_decode(pl_subject *team, pl_str bytes, pl_err *err) {
  pl_core *core = team->core;
  pl_reader in = pl_reader_of(bytes);
  if (bytes.n < 2 || bytes.p[0] != PL_RECORD_VERSION)
    in.bad = true;
  else
    in.p++;
  pl_subject *part = pl_subject_new(core, pl_subject_id(team), true, core->policy->nmetrics);
  bool good = decode(part, &in);
  if (good) add(team, part);
  pl_subject_free(&part, core->policy->nmetrics);
  if (good) return PL_OK;
  return pl_fail(err, PL_REJECT, "part of team %s: %zu bytes that do not decode", team->id, bytes.n);
}
