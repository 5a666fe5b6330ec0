/* Alerts: into the outbox of the recipient's home, and into the streams. */
#include <stdio.h>

#include "codec/letter.h"
#include "codec/view_inside.h"

enum { NEWS_MAX = 10000, BODY_MAX = 16384 };

/* In the news nothing but what is recognised: a goal that is met no more may be at risk. */
static void append(pl_batch *batch, pl_key stream, int most, const pl_alert *a, const pl_subject *s,
                   pl_str body, bool news) {
  char at[PL_ISO_MAX], when[PL_PERIOD_TEXT_MAX];
  pl_batch_begin(batch, "XADD");
  pl_batch_arg(batch, pl_key_str(&stream));
  pl_batch_text(batch, "MAXLEN"), pl_batch_text(batch, "~"), pl_batch_int(batch, most),
      pl_batch_text(batch, "*");
  pl_view_field(batch, PL_STR("id"), pl_str_of(a->id));
  pl_view_field(batch, PL_STR("kind"), pl_str_of(pl_alert_kind_name(a->kind)));
  pl_view_field(batch, PL_STR("entity"), pl_subject_id(s));
  pl_view_field(batch, PL_STR("entity_kind"), s->is_team ? PL_STR("team") : PL_STR("rep"));
  pl_view_field(batch, PL_STR("goal"), pl_str_of(a->goal));
  pl_view_field(batch, PL_STR("period"), pl_str_of(pl_period_text(a->period, a->index, when)));
  if (!news) pl_view_field(batch, PL_STR("state"), pl_str_of(pl_pace_state_name(a->figures.state)));
  pl_view_field(batch, PL_STR("since"), pl_str_of(pl_wall_iso(a->since, at)));
  pl_view_field(batch, PL_STR("at"), pl_str_of(pl_wall_iso(a->at, at)));
  pl_view_field(batch, PL_STR("audience"), pl_str_of(pl_audience_name(a->audience)));
  pl_view_field(batch, PL_STR("body"), body);
  pl_batch_end(batch);
}

static int32_t home_of(pl_view *view, pl_str recipient) {
  return view->home(view->ctx, recipient.n ? recipient : PL_STR("ops"));
}

void pl_view_post_begin(pl_view *view, pl_batch *batch, pl_str recipient, pl_str name, pl_str entry) {
  pl_key outbox = pl_key_outbox(view->prefix, home_of(view, recipient));
  pl_batch_if_new(batch, pl_key_str(&outbox), name, entry);
}

void pl_view_post_end(pl_view *view, pl_batch *batch, pl_str recipient, pl_str name) {
  int32_t home = home_of(view, recipient);
  pl_key todo = pl_key_todo(view->prefix, home), wake = pl_key_wake(view->prefix, home);
  pl_batch_begin(batch, "SADD");
  pl_batch_arg(batch, pl_key_str(&todo)), pl_batch_arg(batch, name);
  pl_batch_end(batch);
  pl_batch_begin(batch, "PUBLISH");
  pl_batch_arg(batch, pl_key_str(&wake)), pl_batch_arg(batch, name);
  pl_batch_end(batch);
  pl_batch_if_end(batch);
}

/* A repetition has its number behind the id. */
static int name_of(const pl_alert *a, char *out, size_t room) {
  const char *to = pl_audience_name(a->audience);
  if (a->nth == 0) return snprintf(out, room, "%s:%s:%s", a->id, to, a->recipient);
  return snprintf(out, room, "%s-%u:%s:%s", a->id, (unsigned)a->nth, to, a->recipient);
}

/* The streams and the wake-up only if it was new. */
void pl_view_alert(pl_view *view, pl_batch *batch, const pl_subject *s, const pl_alert *a) {
  bool news = a->audience == PL_TO_TEAM;
  char text[PL_ALERT_ID_MAX + PL_ID_MAX + 32];
  int n = name_of(a, text, sizeof text);
  pl_str name = {text, (size_t)n}, recipient = pl_str_of(a->recipient);
  pl_buf body;
  pl_buf_init(&body, BODY_MAX);
  pl_letter_body(a, s, &body);
  pl_buf_clear(&view->scratch);
  pl_letter_entry(a, s, pl_buf_str(&body), &view->scratch);
  pl_view_post_begin(view, batch, recipient, name, pl_buf_str(&view->scratch));
  append(batch, pl_key_alerts(view->prefix), PL_ALERTS_MAX, a, s, pl_buf_str(&body), false);
  if (news) append(batch, pl_key_news(view->prefix), NEWS_MAX, a, s, pl_buf_str(&body), true);
  pl_view_post_end(view, batch, recipient, name);
  pl_buf_fini(&body);
}
