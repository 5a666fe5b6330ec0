#include "codec/record.h"

#include <math.h>

#include "base/mem.h"
#include "codec/record_inside.h"
#include "core/talk.h"
#include "core/versions.h"

/* The distinct things that were counted, and of a last value when it was said. */
static void encode_things(const pl_subject *s, pl_buf *out) {
  uint64_t n = 0;
  for (const pl_distinct *d = s->things; d; d = d->next) n++;
  pl_buf_varint(out, n);
  for (const pl_distinct *d = s->things; d; d = d->next) {
    pl_buf_u64(out, s->core->policy->metrics[d->metric].hash);
    pl_buf_varint(out, d->unit);
    pl_buf_zigzag(out, d->index);
    pl_buf_varint(out, d->n);
    for (uint16_t i = 0; i < d->n; i++) pl_buf_u64(out, d->hashes[i]);
  }
}

static void decode_things(pl_subject *s, pl_reader *in) {
  for (uint64_t n = pl_read_varint(in); n > 0 && !in->bad; n--) {
    int m = pl_record_metric(s->core->policy, in);
    uint64_t unit = pl_read_varint(in);
    if (unit < PL_DAY || unit > PL_YEAR) in->bad = true;
    if (in->bad) return;
    int32_t index = pl_record_period(in, (pl_unit)unit);
    uint64_t things = pl_read_varint(in);
    if (things > PL_DISTINCT_MAX) in->bad = true;
    for (uint64_t i = 0; i < things && !in->bad; i++) {
      uint64_t hash = pl_read_u64(in);
      if (m >= 0 && !in->bad) (void)pl_distinct_put(&s->things, (uint16_t)m, (pl_unit)unit, index, hash);
    }
  }
}

/* What was said of a concern, and about what: so that it can be told that it holds no more. */
static void encode_talk(const pl_goal *g, const pl_policy *policy, pl_buf *out) {
  const pl_talk *talk = g->talk;
  pl_buf_u64(out, policy->metrics[g->metric].hash);
  pl_buf_varint(out, (uint64_t)g->period);
  pl_buf_varint(out, g->lower);
  pl_buf_zigzag(out, g->target);
  pl_buf_zigzag(out, talk->told.ms), pl_buf_zigzag(out, talk->offset), pl_buf_zigzag(out, talk->last.ms);
  pl_buf_varint(out, talk->repeats);
  pl_buf_zigzag(out, talk->answered.ms);
  if (talk->answered.ms != INT64_MAX)
    pl_record_put_text(out, talk->reason), pl_record_put_text(out, talk->plan);
  if (g->step == PL_STEP_TURNED) pl_record_put_text(out, talk->manager);
}

static void encode_goal(const pl_goal *g, const pl_policy *policy, pl_buf *out) {
  pl_record_put_text(out, g->name);
  pl_buf_u64(out, g->version);
  pl_buf_varint(out, (uint64_t)g->settled | (uint64_t)g->ended << 1 | (uint64_t)g->gap_told << 3 |
                         (uint64_t)(g->heard != NULL) << 4);
  pl_buf_zigzag(out, g->index);
  pl_buf_zigzag(out, g->anchor);
  pl_buf_zigzag(out, g->before);
  pl_buf_varint(out, (uint64_t)g->step);
  pl_buf_zigzag(out, g->since.ms), pl_buf_zigzag(out, g->freed);
  pl_buf_varint(out, g->seq);
  pl_buf_zigzag(out, g->beyond);
  if (g->heard) pl_record_put_text(out, g->heard);
  if (pl_goal_told(g)) encode_talk(g, policy, out);
}

static void encode_goals(const pl_subject *s, pl_buf *out) {
  uint64_t n = 0;
  for (size_t i = 0; i < s->ngoals; i++) n += s->goals[i].open;
  pl_buf_varint(out, n);
  for (size_t i = 0; i < s->ngoals; i++)
    if (s->goals[i].open) encode_goal(&s->goals[i], s->core->policy, out);
}

enum { WORD_OWNED = 1, WORD_TARGET = 2 };

static void encode_words(const pl_words *w, pl_buf *out) {
  pl_buf_varint(out, w->said);
  pl_buf_varint(out, w->n);
  for (size_t i = 0; i < w->n; i++) {
    const pl_word *word = &w->items[i];
    pl_record_put_text(out, word->name), pl_record_put_text(out, word->metric),
        pl_record_put_text(out, word->plan);
    pl_buf_varint(out, (word->owned ? WORD_OWNED : 0) | (isnan(word->target) ? 0 : WORD_TARGET));
    pl_buf_varint(out, (uint64_t)word->period);
    pl_buf_varint(out, (uint64_t)word->owner), pl_buf_varint(out, (uint64_t)word->status);
    pl_buf_zigzag(out, word->from);
    if (!isnan(word->target)) pl_record_put_double(out, word->target);
  }
}

/* Before the goals, which may be theirs. */
static void decode_words(pl_subject *s, pl_reader *in) {
  s->words.said = (uint32_t)pl_read_varint(in);
  for (uint64_t n = pl_read_varint(in); n > 0 && !in->bad; n--) {
    char texts[3][PL_WORD_PLAN_MAX + 1];
    for (int i = 0; i < 3; i++) {
      pl_str text = pl_record_text(in);
      if (text.n > PL_WORD_PLAN_MAX) in->bad = true;
      if (in->bad) return;
      memcpy(texts[i], text.p, text.n), texts[i][text.n] = 0;
    }
    uint64_t flags = pl_read_varint(in), period = pl_read_varint(in), owner = pl_read_varint(in),
             status = pl_read_varint(in);
    int32_t from = pl_record_day(in);
    double target = flags & WORD_TARGET ? pl_record_double(in) : NAN;
    if (period >= PL_UNITS || owner > PL_OWNER_AGREED || status > PL_GOAL_PAUSED ||
        (flags & WORD_TARGET && !isfinite(target)) || s->words.n == PL_WORDS_MAX)
      in->bad = true;
    if (in->bad) return;
    pl_words_put(&s->words,
                 &(pl_word){texts[0], texts[1], texts[2], (pl_unit)period, target, (pl_goal_owner)owner,
                            (pl_goal_status)status, flags & WORD_OWNED, from});
  }
  if (s->words.n) pl_versions_again(s);
}

enum { HABIT_SILENT = 1, HABIT_WATCHED = 2 };

static void encode_habit(const pl_subject *s, pl_buf *out) {
  const pl_habit *h = &s->habit;
  pl_buf_varint(out, (h->silent ? HABIT_SILENT : 0) | (h->watched ? HABIT_WATCHED : 0));
  pl_buf_zigzag(out, h->day);
  pl_buf_zigzag(out, h->from.ms), pl_buf_zigzag(out, h->since.ms);
  pl_buf_varint(out, h->silences), pl_buf_varint(out, h->streak);
  pl_buf_varint(out, h->nslumps);
  for (size_t i = 0; i < h->nslumps; i++) {
    pl_buf_u64(out, s->core->policy->metrics[h->slumps[i].metric].hash);
    pl_buf_zigzag(out, h->slumps[i].told);
    pl_buf_varint(out, h->slumps[i].open);
  }
}

static void decode_habit(pl_subject *s, pl_reader *in) {
  pl_habit *h = &s->habit;
  uint64_t flags = pl_read_varint(in);
  h->day = pl_record_day(in);
  h->silent = flags & HABIT_SILENT, h->watched = flags & HABIT_WATCHED;
  h->from = pl_record_instant(in, PL_NEVER), h->since = pl_record_instant(in, (pl_wall){0});
  h->silences = (uint32_t)pl_read_varint(in), h->streak = (uint32_t)pl_read_varint(in);
  for (uint64_t n = pl_read_varint(in); n > 0 && !in->bad; n--) {
    int m = pl_record_metric(s->core->policy, in);
    int32_t told = pl_record_day(in);
    uint64_t open = pl_read_varint(in);
    if (m >= 0 && !in->bad) *pl_habit_slump(h, m) = (pl_slump){m, told, open & 1};
  }
}

/* Where it was judged up to: a record may be ahead of the clock, which goes there again. */
static bool is_held(const pl_subject *s, pl_wall clock) {
  return pl_before(clock, s->judged) ? s->held : !s->is_team && clock.ms == pl_core_heard(s->core).ms;
}

void pl_record_encode(const pl_subject *s, pl_buf *out) {
  const pl_core *core = s->core;
  pl_wall clock = s->is_team ? core->team_clock : core->clock;
  pl_buf_char(out, PL_RECORD_VERSION);
  pl_buf_zigzag(out, s->offset);
  pl_buf_zigzag(out, s->newest.ms);
  pl_buf_zigzag(out, pl_later(clock, s->judged).ms);
  pl_buf_varint(out, is_held(s, clock));
  bool hides = core->stale[s->is_team] || core->spreads[s->is_team]; /* or may hide something still */
  bool stands = s->reshaped < core->flushes; /* what its teams have of it was written before it */
  pl_buf_u64(out, hides || !stands ? 0 : s->shape);
  pl_dedupe_encode(&s->ids, out);
  pl_buf_varint(out, s->nteams);
  for (uint16_t i = 0; i < s->nteams; i++) pl_record_put_text(out, s->teams[i]);
  if (s->is_team)
    pl_buf_varint(out, 0); /* its cells are its parts' */
  else
    pl_record_put_cells(core->policy, s->cells, out);
  encode_things(s, out);
  encode_words(&s->words, out);
  pl_buf_varint(out, s->answers);
  encode_goals(s, out);
  encode_habit(s, out);
}

static pl_goal *find_version(pl_subject *s, pl_str name, uint64_t version) {
  for (size_t i = 0; i < s->nversions; i++)
    if (s->goals[i].version == version && pl_str_is(name, s->goals[i].name)) return &s->goals[i];
  return NULL;
}

typedef struct {
  int metric; /* -1: it is counted no more */
  uint64_t period, lower;
  int64_t target;
  pl_talk *talk;
} concern;

static void take_text(char **text, pl_reader *in, size_t most) {
  pl_str said = pl_record_text(in);
  if (said.n > most) in->bad = true;
  if (in->bad) return;
  pl_text_free(text);
  *text = pl_text_new(said);
}

static concern decode_talk(const pl_policy *policy, uint64_t step, pl_reader *in) {
  concern c = {.metric = pl_record_metric(policy, in)};
  c.period = pl_read_varint(in), c.lower = pl_read_varint(in), c.target = pl_read_zigzag(in);
  pl_wall at = pl_record_instant(in, (pl_wall){0});
  c.talk = pl_talk_new(at, pl_read_zigzag(in));
  c.talk->last = pl_record_instant(in, (pl_wall){0});
  c.talk->repeats = (uint32_t)pl_read_varint(in);
  c.talk->answered = pl_record_instant(in, PL_NEVER);
  if (c.talk->answered.ms != INT64_MAX)
    take_text(&c.talk->reason, in, PL_ANSWER_MAX), take_text(&c.talk->plan, in, PL_ANSWER_MAX);
  if (step == PL_STEP_TURNED) take_text(&c.talk->manager, in, PL_ID_MAX);
  if (c.period < PL_DAY || c.period > PL_YEAR) in->bad = true;
  return c;
}

/* What is there no more comes back without its version: the subject withdraws it when it begins. */
static void decode_goal(pl_subject *s, pl_reader *in) {
  pl_str name = pl_record_text(in);
  uint64_t version = pl_read_u64(in), flags = pl_read_varint(in);
  pl_reader number = *in; /* of a period of what it turns out to be */
  (void)pl_read_zigzag(in);
  int32_t anchor = pl_record_day(in);
  int64_t before = pl_read_zigzag(in);
  uint64_t step = pl_read_varint(in);
  const pl_wall none = {0};
  pl_wall since = pl_record_instant(in, none), freed = pl_record_instant(in, none);
  uint64_t seq = pl_read_varint(in);
  int64_t beyond = pl_read_zigzag(in);
  char *heard = NULL;
  if (flags >> 4 & 1) take_text(&heard, in, PL_ID_MAX);
  bool told = step >= PL_STEP_TOLD; /* else nothing is known of what is there no more */
  concern c = {-1, PL_DAY, 0, 1, NULL};
  if (told && !in->bad) c = decode_talk(s->core->policy, step, in);
  if (step >= PL_STEPS || name.n > PL_ID_MAX || (heard && !(flags & 1))) in->bad = true;
  pl_goal *g = in->bad ? NULL : find_version(s, name, version);
  int32_t index = 0;
  if (!in->bad && (g || told)) index = pl_record_period(&number, g ? g->period : (pl_unit)c.period);
  if (number.bad) in->bad = true;
  if (in->bad) {
    pl_talk_free(&c.talk), pl_text_free(&heard);
    return;
  }
  if (!g) {
    g = pl_versions_add(s);
    pl_goal_init_gone(g, name);
    if (c.metric < 0) step = PL_STEP_NONE, pl_talk_free(&c.talk); /* nothing is known of it */
    g->metric = c.metric < 0 ? 0 : c.metric, g->period = (pl_unit)c.period, g->lower = c.lower,
    g->target = c.target;
  }
  g->open = true, g->in_force = g->version != 0, g->settled = flags & 1, g->gap_told = flags >> 3 & 1;
  g->ended = g->base ? (pl_ended)(flags >> 1 & 3) : PL_ENDED_NOT;
  g->index = index, g->anchor = anchor;
  pl_talk_free(&g->talk), g->talk = c.talk;
  pl_text_free(&g->heard), g->heard = heard;
  if (told) g->target = c.target; /* as it was then: time off may have changed it */
  g->before = before, g->beyond = g->base ? beyond : 0, g->step = (pl_step)step, g->since = since,
  g->freed = freed.ms, g->seq = (uint32_t)seq;
}

/* The record's team slots are not today's: the roster has named its teams already. */
static void decode_counters(pl_subject *s, pl_reader *in) {
  uint64_t nteams = pl_read_varint(in);
  if (nteams > UINT16_MAX || nteams > (uint64_t)(in->end - in->p)) in->bad = true;
  size_t room = in->bad ? 0 : nteams * sizeof(uint16_t);
  uint16_t *slots = pl_alloc(room);
  for (uint64_t i = 0; i < nteams && !in->bad; i++) {
    pl_str team = pl_record_text(in);
    if (!in->bad) slots[i] = pl_core_team_slot(s->core, s, team);
  }
  pl_record_cells(s, in);
  for (size_t m = 0; m < s->core->policy->nmetrics && !in->bad; m++)
    for (pl_cell *c = s->cells[m]; c; c = c->next) c->team = c->team < nteams ? slots[c->team] : 0;
  pl_release(slots, room);
}

pl_status pl_record_decode(pl_subject *s, pl_str record, pl_err *err) {
  pl_reader in = pl_reader_of(record);
  if (record.n < 2 || record.p[0] != PL_RECORD_VERSION)
    return pl_fail(err, PL_REJECT,
                   "state of %s: version %d; this program reads version %d: run the version that wrote it",
                   s->id, record.n ? record.p[0] : -1, PL_RECORD_VERSION);
  in.p++;
  s->offset = pl_read_zigzag(&in);
  s->newest = pl_record_instant(&in, PL_BEGINNING);
  s->judged = pl_record_instant(&in, PL_BEGINNING);
  s->held = pl_read_varint(&in) & 1;
  s->shape = pl_read_u64(&in);
  (void)!pl_dedupe_decode(&s->ids, &in, s->core->policy->dedupe_ids);
  decode_counters(s, &in);
  decode_things(s, &in);
  decode_words(s, &in);
  s->answers = (uint32_t)pl_read_varint(&in);
  for (uint64_t n = pl_read_varint(&in); n > 0 && !in.bad; n--) decode_goal(s, &in);
  decode_habit(s, &in);
  if (in.bad || in.p != in.end)
    return pl_fail(err, PL_REJECT, "state of %s: %zu bytes that do not decode; restore Redis from a backup",
                   s->id, record.n);
  return PL_OK;
}

bool pl_record_offset(pl_str record, int64_t *offset) {
  pl_reader in = pl_reader_of(record);
  if (record.n < 2 || record.p[0] != PL_RECORD_VERSION) return false;
  in.p++;
  *offset = pl_read_zigzag(&in);
  return !in.bad;
}
