/* Boards: a team's members by a metric, for everybody to see. */
#include "codec/view_inside.h"

static const int64_t BOARD_S = 35LL * 86400; /* kept after the period's end */

/* On the boards of today's team with a score; off those of teams that were left, off all who opted out. */
static void write_board(pl_view *view, pl_batch *batch, const pl_subject *s, const pl_board_def *b,
                        const char *team) {
  const char *metric = s->core->policy->metrics[b->metric].name;
  const pl_window_kind *w = &pl_window_kinds[b->window];
  const char *now_in = pl_subject_team(s);
  bool on = now_in && !s->opted_out && strcmp(now_in, team) == 0;
  int32_t index = pl_subject_period(s, w->unit, pl_subject_day(s, view->now));
  pl_key key = pl_key_board(view->prefix, pl_str_of(team), pl_str_of(metric), w->unit, index);
  if (!on && !s->touched_all) return;
  pl_batch_begin(batch, on ? "ZADD" : "ZREM");
  pl_batch_arg(batch, pl_key_str(&key));
  if (on) {
    bool known = pl_view_value(view, s, (size_t)b->metric, b->window, PL_NOW);
    pl_batch_arg(batch,
                 known ? pl_buf_str(&view->scratch) : PL_STR("0")); /* of nothing: everybody is there */
  }
  pl_batch_arg(batch, pl_subject_id(s));
  pl_batch_end(batch);
  if (!on || !s->touched_all) return;
  /* a while after the period's end in real time, or after today where history is read */
  int64_t end = pl_period_start(pl_workcal_zone(s->cal), w->unit, index + 1), now = pl_seconds(view->wall);
  pl_batch_begin(batch, "EXPIREAT");
  pl_batch_arg(batch, pl_key_str(&key)), pl_batch_int(batch, (end > now ? end : now) + BOARD_S);
  pl_batch_end(batch);
}

void pl_view_boards(pl_view *view, pl_batch *batch, const pl_subject *s) {
  const pl_policy *policy = s->core->policy;
  for (size_t i = 0; i < policy->nboards; i++)
    for (uint16_t t = 0; t < s->nteams && pl_view_touched(s, (size_t)policy->boards[i].metric); t++)
      if (*s->teams[t]) write_board(view, batch, s, &policy->boards[i], s->teams[t]);
}

void pl_view_erase_boards(pl_view *view, pl_batch *batch, const pl_subject *s) {
  const pl_policy *policy = s->core->policy;
  for (size_t i = 0; i < policy->nboards; i++)
    for (uint16_t t = 0; t < s->nteams; t++) {
      pl_unit unit = pl_window_kinds[policy->boards[i].window].unit;
      int32_t index = pl_subject_period(s, unit, pl_subject_day(s, view->now));
      for (int32_t back = 0; back < 2 && *s->teams[t]; back++) {
        pl_key key =
            pl_key_board(view->prefix, pl_str_of(s->teams[t]),
                         pl_str_of(policy->metrics[policy->boards[i].metric].name), unit, index - back);
        pl_batch_begin(batch, "ZREM");
        pl_batch_arg(batch, pl_key_str(&key)), pl_batch_arg(batch, pl_subject_id(s));
        pl_batch_end(batch);
      }
    }
}
