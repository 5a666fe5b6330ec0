#include "codec/telling.h"

#include <stdio.h>

#include "codec/telling_inside.h"
#include "core/alert.h"

enum { TEXT_MAX = 16384, FACTS_MAX = 4, ITEMS_MAX = PL_MESSAGE_ITEMS_MAX };

/* A message being written; what was said so far lies in the arena. */
typedef struct {
  const pl_telling *to;
  pl_arena *arena;
  pl_teller teller;
  pl_buf buf;
  pl_message_item *items;
  size_t nitems, nmore;
} composer;

static pl_str keep(composer *c) {
  pl_str text = {pl_arena_text(c->arena, c->buf.p ? c->buf.p : "", c->buf.n), c->buf.n};
  pl_buf_clear(&c->buf);
  return text;
}

static pl_str say(composer *c, const char *text) {
  (void)pl_teller_say(&c->teller, text, &c->buf);
  return keep(c);
}

static const char *named(const composer *c, const char *phrase) {
  return pl_phrasebook_find(c->to->book, pl_str_of(phrase));
}

/* A part of what is said of a kind; a title is one line. */
static bool put_part(pl_teller *teller, pl_str kind, const char *part, pl_buf *out) {
  char name[64];
  (void)snprintf(name, sizeof name, "%.*s", (int)kind.n, kind.p);
  size_t mark = out->n;
  bool said =
      pl_teller_say(teller, pl_phrasebook_part(teller->to->book, name, teller->to->audience, part), out);
  for (size_t i = mark; i < out->n && strcmp(part, "title") == 0; i++)
    if (out->p[i] == '\n') out->p[i] = ' ';
  return said;
}

/* It always has one. */
static void put_title(pl_teller *teller, pl_str kind, pl_buf *out) {
  if (put_part(teller, kind, "title", out)) return;
  if (!pl_teller_say(teller, pl_phrasebook_find(teller->to->book, PL_STR("untitled")), out))
    pl_phrase_put(out, kind);
}

void pl_telling_say(const pl_telling *to, const pl_matter *matter, pl_buf *out) {
  pl_teller teller = {.to = to, .matter = matter};
  pl_buf text;
  pl_buf_init(&text, TEXT_MAX);
  put_title(&teller, matter->kind, out);
  if (out->n && !strchr(".!?", out->p[out->n - 1])) pl_buf_char(out, '.');
  if (put_part(&teller, matter->kind, "body", &text) || put_part(&teller, matter->kind, "text", &text))
    pl_buf_char(out, ' ');
  for (size_t i = 0; i < text.n; i++) pl_buf_char(out, text.p[i] == '\n' ? ' ' : text.p[i]);
  pl_buf_fini(&text);
}

/* --- kinds */

static bool among(pl_str kind, const pl_alert_kind *kinds, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (pl_str_is(kind, pl_alert_kind_name(kinds[i]))) return true;
  return false;
}

static pl_tone tone_of(pl_str kind) {
  static const pl_alert_kind concerns[] = {PL_ALERT_BEHIND, PL_ALERT_SLUMP, PL_ALERT_SILENT,
                                           PL_ALERT_GOAL_MISSED, PL_ALERT_MILESTONE_MISSED};
  static const pl_alert_kind good[] = {PL_ALERT_GOAL_MET, PL_ALERT_MILESTONE_REACHED, PL_ALERT_STREAK};
  return among(kind, concerns, PL_COUNT(concerns)) ? PL_TONE_CONCERN
         : among(kind, good, PL_COUNT(good))       ? PL_TONE_RECOGNITION
                                                   : PL_TONE_NOTICE;
}

bool pl_telling_is_recognition(pl_str kind) {
  return tone_of(kind) == PL_TONE_RECOGNITION || pl_str_is(kind, pl_alert_kind_name(PL_ALERT_CORRECTED));
}

/* --- items */

/* There is no room: it is counted. */
static bool is_full(composer *c) {
  size_t most = ITEMS_MAX - (c->to->aged.ms != INT64_MIN); /* one is for what has aged */
  c->nmore += c->nitems >= most;
  return c->nitems >= most;
}

static void put_facts(composer *c, pl_message_item *item) {
  static const char *const names[FACTS_MAX] = {"figures", "line", "needed", "chance"};
  pl_message_fact *facts = pl_arena_alloc(c->arena, FACTS_MAX * sizeof *facts);
  char name[32];
  for (size_t i = 0; i < FACTS_MAX; i++) {
    (void)snprintf(name, sizeof name, "value.%s", names[i]);
    pl_str value = say(c, named(c, name));
    (void)snprintf(name, sizeof name, "label.%s", names[i]);
    if (value.n) facts[item->nfacts++] = (pl_message_fact){say(c, named(c, name)), value};
  }
  item->facts = facts;
}

static void put_item(composer *c, const pl_post *post, const pl_matter *matter) {
  if (is_full(c)) return;
  pl_message_item *item = &c->items[c->nitems++];
  c->teller.matter = matter;
  item->tone = tone_of(matter->kind);
  put_title(&c->teller, matter->kind, &c->buf);
  item->title = keep(c);
  (void)put_part(&c->teller, matter->kind, "text", &c->buf);
  item->text = keep(c);
  if (pl_str_is(matter->kind, pl_alert_kind_name(PL_ALERT_BEHIND))) put_facts(c, item);
  if (c->to->link && c->to->link(c->to->ctx, post, &c->buf))
    item->link = keep(c), item->link_label = say(c, named(c, "answer"));
  pl_buf_clear(&c->buf);
}

/* --- a digest */

/* False: there is no room for it. */
static bool put_line(composer *c, const char *key, const pl_matter *matter) {
  char name[64];
  (void)snprintf(name, sizeof name, "digest.%s", key);
  size_t mark = c->buf.n;
  pl_buf_text(&c->buf, mark ? "\n\xE2\x80\xA2 " : "\xE2\x80\xA2 ");
  c->teller.matter = matter;
  if (matter->kind.n)
    put_title(&c->teller, matter->kind, &c->buf);
  else if (!put_part(&c->teller, pl_str_of(name), "text", &c->buf))
    c->buf.n = mark;
  bool room = !c->buf.full;
  if (!room) c->buf.n = mark, c->buf.full = false;
  return room;
}

static void put_section(composer *c, const pl_post *post, size_t section, const pl_matter *whole) {
  const char *key = pl_post_section(post, section);
  pl_matter matter, rest = *whole;
  char name[64];
  size_t n = 0;
  int64_t more = pl_post_more(post, section);
  if (!pl_post_item(post, section, 0, &matter) || is_full(c)) return;
  while (n < PL_TELLING_LINES_MAX && pl_post_item(post, section, n, &matter) && put_line(c, key, &matter))
    n++;
  for (size_t i = n; pl_post_item(post, section, i, &matter); i++) more++;
  rest.count = more, c->teller.matter = &rest;
  if (more) pl_buf_char(&c->buf, '\n'), (void)pl_teller_say(&c->teller, named(c, "many.more"), &c->buf);
  pl_str text = keep(c);
  (void)snprintf(name, sizeof name, "digest.%s", key);
  if (!put_part(&c->teller, pl_str_of(name), "title", &c->buf)) pl_phrase_put(&c->buf, pl_str_of(key));
  c->items[c->nitems++] = (pl_message_item){.tone = PL_TONE_NOTICE, .title = keep(c), .text = text};
}

static void put_digest(composer *c, const pl_post *post, const pl_matter *matter) {
  size_t before = c->nitems;
  for (size_t i = 0; pl_post_section(post, i); i++) put_section(c, post, i, matter);
  if (c->nitems == before) put_item(c, post, matter);
}

/* --- what has aged */

static bool is_aged(const pl_telling *to, const pl_matter *m) { return pl_before(m->at, to->aged); }

/* Is one of them told to be over by another? */
static bool is_healed(const pl_post *const *posts, size_t n, size_t at) {
  const char *id = pl_post_text(posts[at], "id");
  for (size_t i = 0; i < n; i++)
    if (i != at && *id && strcmp(pl_post_text(posts[i], "about"), id) == 0) return true;
  return false;
}

typedef struct {
  int64_t healed, other, kinds[PL_ALERT_KINDS];
} aged;

/* What has been overtaken is counted, and so is what took it back. True: nothing else is to be said of it. */
static bool count_aged(const composer *c, const pl_post *const *posts, size_t n, size_t at,
                       const pl_matter *m, aged *sum) {
  if (!is_aged(c->to, m)) return false;
  bool concern = tone_of(m->kind) == PL_TONE_CONCERN;
  if (concern && is_healed(posts, n, at)) return ++sum->healed;
  for (size_t i = 0; i < n && m->about.n; i++)
    if (pl_str_is(m->about, pl_post_text(posts[i], "id"))) return true;
  bool waits = concern || pl_str_is(m->kind, pl_alert_kind_name(PL_ALERT_GOAL_PROPOSED));
  bool stands = waits && pl_before(c->to->now, m->until);
  if (stands || pl_str_is(m->kind, "digest")) return false;
  char name[64];
  for (int k = 0; k < PL_ALERT_KINDS; k++) {
    (void)snprintf(name, sizeof name, "aged.%s", pl_alert_kind_name((pl_alert_kind)k));
    if (pl_str_is(m->kind, pl_alert_kind_name((pl_alert_kind)k)) && named(c, name)) return ++sum->kinds[k];
  }
  return ++sum->other;
}

static void list(composer *c, const char *phrase, int64_t count, pl_buf *out) {
  pl_matter matter = pl_matter_none();
  if (!count) return;
  if (out->n) pl_buf_text(out, ", ");
  matter.count = count, c->teller.matter = &matter;
  (void)pl_teller_say(&c->teller, named(c, phrase), out);
}

static void put_aged(composer *c, const aged *sum) {
  pl_buf all;
  char name[64];
  pl_matter matter = pl_matter_none();
  pl_buf_init(&all, 1024);
  for (int k = 0; k < PL_ALERT_KINDS; k++) {
    (void)snprintf(name, sizeof name, "aged.%s", pl_alert_kind_name((pl_alert_kind)k));
    list(c, name, sum->kinds[k], &all);
  }
  list(c, "aged.other", sum->other, &all);
  list(c, "aged.healed", sum->healed, &all);
  if (all.n) {
    c->teller.matter = &matter, c->teller.list = pl_buf_str(&all);
    pl_message_item *item = &c->items[c->nitems++];
    *item = (pl_message_item){.tone = PL_TONE_NOTICE,
                              .title = say(c, named(c, "aged.title")),
                              .text = say(c, named(c, "aged.text"))};
  }
  pl_buf_fini(&all);
}

/* --- the whole */

static pl_status may_be_told(const pl_telling *to, const pl_matter *m, pl_err *err) {
  const char *team = pl_audience_name(PL_TO_TEAM);
  if (strcmp(to->audience, team) != 0) return PL_OK;
  if (pl_telling_is_recognition(m->kind) && pl_str_is(m->audience, team)) return PL_OK;
  return pl_fail(err, PL_REJECT,
                 "entry %.*s: found the kind %.*s for %.*s, expected recognition for the team", (int)m->id.n,
                 m->id.p, (int)m->kind.n, m->kind.p, (int)m->audience.n, m->audience.p);
}

/* What is said around the items, of the newest entry's time. */
static void frame(composer *c, pl_message *out, pl_matter *around, size_t n) {
  c->teller.matter = around;
  c->teller.first = out->nitems ? out->items[0].title : (pl_str){0};
  around->count = (int64_t)n - 1;
  bool digest = pl_str_is(around->kind, "digest");
  if (digest && put_part(&c->teller, around->kind, "title", &c->buf))
    out->subject = keep(c);
  else
    out->subject = n > 1 ? say(c, named(c, "many.subject")) : c->teller.first;
  around->count = (int64_t)n;
  if (n > 1 && !digest) out->lead = say(c, named(c, "many.lead"));
  around->count = (int64_t)c->nmore;
  if (c->nmore) out->more = say(c, named(c, "many.more"));
  out->footer = say(c, named(c, "footer"));
}

pl_status pl_telling_compose(const pl_telling *to, const pl_post *const *posts, size_t n, pl_arena *arena,
                             pl_message *out, pl_err *err) {
  composer c = {.to = to, .arena = arena, .teller = {.to = to}};
  aged sum = {0};
  pl_matter matter, around = pl_matter_none();
  pl_status status = PL_OK;
  *out = (pl_message){0};
  pl_buf_init(&c.buf, TEXT_MAX);
  c.items = pl_arena_alloc(arena, ITEMS_MAX * sizeof *c.items);
  for (size_t i = 0; i < n && status == PL_OK; i++) {
    pl_post_matter(posts[i], &matter);
    status = may_be_told(to, &matter, err);
    if (status != PL_OK) break;
    if (!i || pl_before(around.at, matter.at)) around = matter;
    if (count_aged(&c, posts, n, i, &matter, &sum)) continue;
    if (pl_str_is(matter.kind, "digest"))
      put_digest(&c, posts[i], &matter);
    else
      put_item(&c, posts[i], &matter);
  }
  if (status == PL_OK) put_aged(&c, &sum);
  if (status == PL_OK && !c.nitems) status = pl_fail(err, PL_REJECT, "found no entry that says anything");
  out->items = c.items, out->nitems = c.nitems;
  if (status == PL_OK) {
    out->id = pl_str_of(pl_post_text(posts[0], "id"));
    if (n == 1) out->about = pl_str_of(pl_post_text(posts[0], "about"));
    out->at_s = pl_seconds(around.at);
    frame(&c, out, &around, c.nitems + c.nmore);
  }
  pl_buf_fini(&c.buf);
  return status;
}
