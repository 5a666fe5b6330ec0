#include "codec/view.h"

#include "codec/part.h"
#include "codec/record.h"
#include "codec/view_inside.h"

enum { VIEW_MAX = 4 << 20 };

void pl_view_init(pl_view *view, const char *prefix, int32_t (*home)(void *ctx, pl_str id), void *ctx) {
  *view = (pl_view){.prefix = prefix, .home = home, .ctx = ctx};
  pl_buf_init(&view->changed, VIEW_MAX), pl_buf_init(&view->absent, VIEW_MAX),
      pl_buf_init(&view->scratch, VIEW_MAX);
}

void pl_view_fini(pl_view *view) {
  pl_buf_fini(&view->changed), pl_buf_fini(&view->absent), pl_buf_fini(&view->scratch);
}

/* A rep and a team may have the same id. */
static pl_str state_field(pl_view *view, const pl_subject *s) {
  pl_buf_clear(&view->scratch);
  pl_buf_text(&view->scratch, s->is_team ? "t:" : "r:");
  pl_buf_str_put(&view->scratch, pl_subject_id(s));
  return pl_buf_str(&view->scratch);
}

static void erase(pl_view *view, pl_batch *batch, const pl_subject *s) {
  if (s->is_team) {
    for (int is_private = 0; is_private <= 1; is_private++) {
      pl_key team = pl_key_team(view->prefix, pl_subject_id(s), is_private);
      pl_view_delete(batch, pl_key_str(&team));
    }
  } else {
    pl_key rep = pl_key_rep(view->prefix, pl_subject_id(s)),
           plan = pl_key_plan(view->prefix, pl_subject_id(s));
    pl_view_delete(batch, pl_key_str(&rep)), pl_view_delete(batch, pl_key_str(&plan));
  }
  pl_key state = pl_key_state(view->prefix, s->core->partition, pl_key_bucket(pl_subject_id(s)));
  pl_batch_begin(batch, "HDEL");
  pl_batch_arg(batch, pl_key_str(&state)), pl_batch_arg(batch, state_field(view, s));
  pl_batch_end(batch);
  pl_view_open(view, batch, s);
  if (!s->cal) return;
  if (!s->is_team) pl_view_erase_boards(view, batch, s);
  pl_view_erase_pasts(view, batch, s);
}

static void write_state(pl_view *view, pl_batch *batch, const pl_subject *s) {
  pl_key state = pl_key_state(view->prefix, s->core->partition, pl_key_bucket(pl_subject_id(s)));
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&state));
  pl_batch_arg(batch, state_field(view, s));
  pl_buf_clear(&view->scratch);
  pl_record_encode(s, &view->scratch);
  pl_batch_arg(batch, pl_buf_str(&view->scratch));
  pl_batch_end(batch);
}

static void write(pl_view *view, pl_batch *batch, const pl_subject *s) {
  write_state(view, batch, s);
  if (!s->begun) return; /* by which clock it goes is not known yet, or how many its members are */
  if (s->is_team) {
    bool small = s->members < PL_SMALL_TEAM;
    pl_key team = pl_key_team(view->prefix, pl_subject_id(s), small);
    pl_key other = pl_key_team(view->prefix, pl_subject_id(s), !small);
    if (s->touched_all) pl_view_delete(batch, pl_key_str(&other));
    pl_view_write(view, batch, s, pl_key_str(&team));
  } else {
    pl_key rep = pl_key_rep(view->prefix, pl_subject_id(s));
    pl_view_write(view, batch, s, pl_key_str(&rep));
    if (s->touched_all) pl_view_plans(view, batch, s);
    if (s->cal) pl_view_boards(view, batch, s);
  }
  if (s->touched_goals || s->touched_all) pl_view_open(view, batch, s);
  for (const pl_past *p = s->pasts; p; p = p->next) pl_view_past(view, batch, s, p);
  for (const pl_alert *a = s->told; a; a = a->next) pl_view_alert(view, batch, s, a);
}

/* A replay is at an earlier record than the one that was judged last before: the view stays at that. */
void pl_view_subject(pl_view *view, pl_batch *batch, const pl_subject *s) {
  pl_wall now = view->now;
  view->now = pl_later(now, s->judged);
  if (s->erased)
    erase(view, batch, s);
  else
    write(view, batch, s);
  view->now = now;
}

/* Who is in the team from here, whenever that is another list than was written last. */
static void list_members(pl_view *view, pl_batch *batch, pl_share *share, int32_t partition) {
  pl_buf *ids = &view->scratch;
  pl_buf_clear(ids);
  pl_part_members(share, ids);
  uint64_t listed = pl_hash(pl_buf_str(ids), 6) | 1;
  if (listed == share->listed) return;
  share->listed = listed;
  pl_key members = pl_key_members(view->prefix, (pl_str){share->team, share->team_len});
  pl_batch_begin(batch, ids->n ? "HSET" : "HDEL");
  pl_batch_arg(batch, pl_key_str(&members)), pl_batch_int(batch, partition);
  if (ids->n) pl_batch_arg(batch, pl_buf_str(ids));
  pl_batch_end(batch);
}

static void part(pl_view *view, pl_batch *batch, pl_share *share, int32_t partition,
                 const pl_policy *policy) {
  pl_str team = {share->team, share->team_len};
  pl_key key = pl_key_part(view->prefix, team);
  pl_buf_clear(&view->scratch);
  pl_part_encode(share, policy, &view->scratch);
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&key)), pl_batch_int(batch, partition);
  pl_batch_arg(batch, pl_buf_str(&view->scratch));
  pl_batch_end(batch);
  list_members(view, batch, share, partition);
}

typedef struct {
  pl_str team;
  int32_t home; /* -1: it was told */
} written_part;

/* The homes are told which teams' parts are others: each of them once. */
static void tell_homes(pl_view *view, pl_batch *batch, written_part *all, size_t n) {
  for (size_t i = 0; i < n; i++) {
    int32_t home = all[i].home;
    if (home < 0) continue;
    pl_key dirty = pl_key_dirty(view->prefix, home);
    pl_batch_begin(batch, "SADD");
    pl_batch_arg(batch, pl_key_str(&dirty));
    for (size_t k = i; k < n; k++) {
      if (all[k].home != home) continue;
      pl_batch_arg(batch, all[k].team);
      all[k].home = -1;
    }
    pl_batch_end(batch);
  }
}

void pl_view_parts(pl_view *view, pl_batch *batch, pl_share **shares, int32_t partition,
                   const pl_policy *policy) {
  written_part written[PL_VIEWS_AT_ONCE];
  size_t n = 0;
  while (n < PL_COUNT(written) && *shares && (!n || batch->body.n < PL_BATCH_MAX / 4)) {
    pl_share *share = *shares;
    *shares = share->next_dirty;
    part(view, batch, share, partition, policy);
    pl_share_written(share);
    pl_str team = {share->team, share->team_len};
    written[n++] = (written_part){team, view->home(view->ctx, team)};
  }
  tell_homes(view, batch, written, n);
}

void pl_view_changed(pl_view *view, pl_batch *batch) {
  if (view->changed.n == 0) return;
  pl_key key = pl_key_changed(view->prefix);
  pl_batch_begin(batch, "PUBLISH");
  pl_batch_arg(batch, pl_key_str(&key));
  pl_batch_arg(batch, (pl_str){view->changed.p, view->changed.n - 1});
  pl_batch_end(batch);
  pl_buf_clear(&view->changed);
}
