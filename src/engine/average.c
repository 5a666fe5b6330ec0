/* Average: what the teams of this partition's reps show by member, for a rep to stand beside.
 *
 * A team's totals are known at its home only, perhaps in another process, and its home writes them into the
 * team's view. From there they are read, a slice of the teams at a time, each once a view_refresh; nothing
 * waits for them. Only public views are asked for: those of teams of three or more, in which nobody's own
 * figures can be worked out. */
#include <math.h>

#include "base/mem.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "core/reading.h"
#include "engine/inside.h"

enum { SLICES = 64 };

/* Each metric in each of its windows, in the order in which they are asked for. */
static bool shown(const pl_policy *policy, size_t at) {
  return pl_reading_given(policy, at / PL_WINDOWS, (pl_window)(at % PL_WINDOWS), PL_NOW);
}

static double number(const pl_reply *reply, const pl_metric *m) {
  int64_t scaled;
  if (reply->kind != PL_REPLY_TEXT || !pl_str_decimal(reply->s, m ? m->decimals : 0, &scaled)) return NAN;
  return pl_metric_unscaled(m, (double)scaled);
}

/* An answer finds its team again by the hash of the id. */
static void on_view(pl_tenure *t, const pl_reply *reply, int64_t hash) {
  const pl_policy *policy = t->core->policy;
  const pl_share *share = pl_map_guess(&t->core->shares, (uint64_t)hash);
  size_t n = policy->nmetrics * PL_WINDOWS, k = 1;
  if (!share || pl_reply_class(reply) != PL_ANSWER_OK || reply->kind != PL_REPLY_ARRAY || !reply->n) return;
  for (size_t i = 0; i < n; i++) k += shown(policy, i);
  double members = number(&reply->items[0], NULL);
  double *averages = members > 0 && reply->n == k ? pl_alloc(n * sizeof *averages) : NULL;
  k = 1;
  for (size_t i = 0; averages && i < n; i++) {
    const pl_metric *m = &policy->metrics[i / PL_WINDOWS];
    averages[i] = shown(policy, i) ? number(&reply->items[k++], m) : NAN;
    if (m->kind != PL_RATIO_OF) averages[i] /= members;
  }
  pl_core_put_team_average(t->core, (pl_str){share->team, share->team_len}, averages);
  pl_release(averages, n * sizeof *averages);
}

static void ask(pl_tenure *t, const pl_share *share, uint64_t hash) {
  pl_engine *e = t->engine;
  const pl_policy *policy = t->core->policy;
  size_t n = 0;
  for (size_t i = 0; i < policy->nmetrics * PL_WINDOWS; i++) n += shown(policy, i);
  pl_key key = pl_key_team(e->config->redis.prefix, (pl_str){share->team, share->team_len}, false);
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 3 + n);
  pl_resp_arg(&e->command, PL_STR("HMGET")), pl_resp_arg(&e->command, pl_key_str(&key));
  pl_resp_arg(&e->command, PL_STR("members"));
  for (size_t i = 0; i < policy->nmetrics * PL_WINDOWS; i++) {
    char text[PL_ID_MAX + 32];
    if (!shown(policy, i)) continue;
    pl_buf name = {text, 0, sizeof text, sizeof text, false};
    pl_buf_text(&name, policy->metrics[i / PL_WINDOWS].name), pl_buf_char(&name, ':');
    pl_buf_text(&name, pl_window_kinds[i % PL_WINDOWS].name);
    pl_resp_arg(&e->command, pl_buf_str(&name));
  }
  pl_tenure_ask(t, pl_buf_str(&e->command), on_view, (int64_t)hash);
}

pl_mono pl_average_tick(pl_tenure *t) {
  pl_engine *e = t->engine;
  pl_mono now = pl_engine_mono(e);
  if (t->phase != PL_TENURE_LIVE || !e->store_up || t->core->shares.n == 0) return (pl_mono){INT64_MAX};
  if (now.us < t->average.next.us) return t->average.next;
  t->average.next.us = now.us + e->policy->view_refresh.ms * 1000 / SLICES;
  for (pl_map_slot *s = NULL; (s = pl_map_next(&t->core->shares, s));)
    if ((s->hash >> 32) % SLICES == t->average.slice) ask(t, s->value, s->hash);
  t->average.slice = (t->average.slice + 1) % SLICES;
  return t->average.next;
}
