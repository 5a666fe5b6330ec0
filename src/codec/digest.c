#include "codec/digest.h"

#include "base/mem.h"
#include "codec/digest_inside.h"
#include "codec/layout.h"
#include "codec/telling.h"

enum { KNOWN_MAX = 4 << 20, OPEN_MAX = 8 << 20, ARENA_MAX = 1 << 20 };
/* An entry always fits, whatever people have written. */
enum { ITEM_MAX = 4096, TEXT_MAX = 280, NAME_MAX = 120, BODY_MAX = 49152, ESCAPED = 6, HEAD_MAX = 8192 };
_Static_assert(PL_DIGEST_SECTIONS *PL_DIGEST_ITEMS_MAX *(ITEM_MAX + 1) + ESCAPED * BODY_MAX + HEAD_MAX <=
                   PL_DIGEST_MAX,
               "an entry has room for all items that it can have");

pl_digest *pl_digest_new(const pl_policy *policy, pl_wall at, pl_digest_ask *may, void *ctx) {
  pl_digest *d = PL_NEW(pl_digest);
  d->policy = policy, d->at = at, d->may = may, d->ctx = ctx;
  pl_buf_init(&d->before, OPEN_MAX), pl_buf_init(&d->concerns, OPEN_MAX), pl_buf_init(&d->known, KNOWN_MAX);
  return d;
}

static void drop(pl_digest_item *item) { pl_text_free(&item->name), pl_text_free(&item->text); }

void pl_digest_free(pl_digest **digest) {
  pl_digest *d = *digest;
  if (!d) return;
  for (size_t s = 0; s < PL_DIGEST_SECTIONS; s++)
    for (size_t i = 0; i < d->sections[s].n; i++) drop(&d->sections[s].items[i]);
  pl_buf_fini(&d->before), pl_buf_fini(&d->concerns), pl_buf_fini(&d->known);
  PL_FREE(*digest);
}

void pl_digest_before(pl_digest *d, pl_str known) { pl_buf_str_put(&d->before, known); }
void pl_digest_open(pl_digest *d, pl_str concerns) { pl_buf_str_put(&d->concerns, concerns); }

/* --- sections */

static bool comes_before(const pl_digest_item *a, const pl_digest_item *b) {
  if (a->rank < b->rank || b->rank < a->rank) return a->rank < b->rank;
  return strcmp(a->name, b->name) < 0;
}

/* An item, its long texts cut when it is too long. NULL: it is even so. */
static char *cut(pl_str text) {
  char *out = NULL;
  pl_post *post = NULL;
  pl_buf room;
  if (text.n && text.n <= ITEM_MAX) return pl_text_new(text);
  if (pl_post_read(&post, text, NULL) != PL_OK) return NULL;
  pl_buf_init(&room, ITEM_MAX);
  pl_post_clip(post, TEXT_MAX), pl_post_write(post, &room);
  if (!room.full) out = pl_text_new(pl_buf_str(&room));
  pl_buf_fini(&room), pl_post_free(&post);
  return out;
}

void pl_digest_put(pl_digest *d, int section, double rank, pl_str name, pl_str text) {
  pl_digest_section *s = &d->sections[section];
  pl_digest_item item = {rank, pl_text_new(name), cut(text)};
  size_t at = s->n;
  if (!item.text) {
    s->more++;
    drop(&item);
    return;
  }
  while (at && comes_before(&item, &s->items[at - 1])) at--;
  if (s->n == PL_DIGEST_ITEMS_MAX) {
    s->more++;
    if (at == s->n) {
      drop(&item);
      return;
    }
    drop(&s->items[--s->n]);
  }
  memmove(&s->items[at + 1], &s->items[at], (s->n - at) * sizeof *s->items);
  s->items[at] = item, s->n++;
}

/* As they came; what became of them on the way is not said. */
void pl_digest_hold(pl_digest *d, pl_str entry) {
  static const char *const ours[] = {"status", "why", "held_until", "taken", "body"};
  const pl_digest_section *held = &d->sections[PL_DIGEST_HELD];
  pl_post *post = NULL;
  pl_buf text;
  if (pl_post_read(&post, entry, NULL) != PL_OK) return;
  pl_buf_init(&text, OPEN_MAX);
  for (size_t i = 0; i < PL_COUNT(ours); i++) pl_post_put(post, ours[i], "");
  pl_post_write(post, &text);
  pl_digest_put(d, PL_DIGEST_HELD, (double)held->n + (double)held->more, (pl_str){0}, pl_buf_str(&text));
  pl_buf_fini(&text), pl_post_free(&post);
}

/* --- for the next one */

void pl_digest_each_known(const pl_digest *d, pl_digest_known *fn, void *ctx) {
  pl_str rest = pl_buf_str(&d->known);
  while (rest.n) {
    pl_str pair[2];
    for (int i = 0; i < 2; i++) {
      const char *end = memchr(rest.p, 0, rest.n);
      pair[i] = (pl_str){rest.p, (size_t)(end - rest.p)};
      rest = (pl_str){end + 1, rest.n - pair[i].n - 1};
    }
    fn(ctx, pair[0], pair[1]);
  }
}

/* --- the entry */

static void put_sections(const pl_digest *d, pl_buf *out) {
  static const char *const keys[] = {"help", "on_pace", "improved", "initiative", "gap", "held"};
  const char *comma = "";
  pl_buf_text(out, "\"sections\":[");
  for (size_t k = 0; k < PL_DIGEST_SECTIONS; k++) {
    const pl_digest_section *s = &d->sections[k];
    if (!s->n) continue;
    pl_buf_printf(out, "%s{\"key\":\"%s\",\"items\":", comma, keys[k]);
    for (size_t i = 0; i < s->n; i++) pl_buf_char(out, i ? ',' : '['), pl_buf_text(out, s->items[i].text);
    pl_buf_char(out, ']');
    if (s->more) pl_buf_text(out, ",\"more\":"), pl_buf_int(out, s->more);
    pl_buf_char(out, '}');
    comma = ",";
  }
  pl_buf_char(out, ']');
}

static void put_text(pl_buf *out, const char *name, pl_str text) {
  pl_buf_printf(out, "\"%s\":", name);
  pl_buf_json(out, text);
  pl_buf_char(out, ',');
}

static void put_instant(pl_buf *out, const char *name, pl_wall t) {
  char iso[PL_ISO_MAX];
  put_text(out, name, pl_str_of(pl_wall_iso(t, iso)));
}

/* What it says to whoever reads the record itself: titles and texts, each in a line of its own. */
static void put_body(const pl_post *post, const pl_zone *zone, pl_buf *out) {
  pl_message message;
  pl_err err;
  pl_arena *arena = pl_arena_new(ARENA_MAX);
  const pl_telling telling = {.audience = pl_post_text(post, "audience"),
                              .book = &pl_english,
                              .zone = zone,
                              .now = pl_wall_s(pl_post_seconds(post, "since")),
                              .aged = PL_BEGINNING};
  if (pl_telling_compose(&telling, &post, 1, arena, &message, &err) == PL_OK) {
    pl_buf_str_put(out, message.subject);
    for (size_t i = 0; i < message.nitems; i++) {
      const pl_message_item *item = &message.items[i];
      if (!pl_str_eq(item->title, message.subject)) pl_buf_char(out, '\n'), pl_buf_str_put(out, item->title);
      pl_buf_char(out, '\n'), pl_buf_str_put(out, item->text);
    }
  }
  pl_arena_free(&arena);
}

void pl_digest_write(const pl_digest *d, const pl_digest_head *head, pl_buf *out) {
  char day[PL_PERIOD_TEXT_MAX];
  const char *audience = pl_audience_name(head->audience);
  pl_post *post = NULL;
  pl_buf body;
  pl_buf_init(&body, BODY_MAX);
  size_t from = out->n;
  pl_buf_char(out, '{');
  put_text(out, "status", PL_STR("queued"));
  put_text(out, "id", pl_str_of(head->id)), put_text(out, "kind", PL_STR("digest"));
  put_text(out, "entity", head->recipient), put_text(out, "entity_kind", pl_str_of(audience));
  put_text(out, "audience", pl_str_of(audience)), put_text(out, "recipient", head->recipient);
  pl_buf_text(out, "\"team\":"), pl_clip_json(out, head->team, NAME_MAX, NULL), pl_buf_char(out, ',');
  put_text(out, "period", pl_str_of(pl_period_text(PL_DAY, head->day, day)));
  if (head->zone) put_text(out, "zone", pl_str_of(pl_zone_name(head->zone)));
  put_instant(out, "since", head->due), put_instant(out, "at", d->at), put_instant(out, "until", head->until);
  put_sections(d, out);
  pl_buf_char(out, '}');
  if (pl_post_read(&post, (pl_str){out->p + from, out->n - from}, NULL) == PL_OK)
    put_body(post, head->zone, &body);
  out->n--;
  pl_buf_text(out, ",\"body\":"), pl_buf_json(out, pl_buf_str(&body)), pl_buf_char(out, '}');
  pl_post_free(&post), pl_buf_fini(&body);
}

bool pl_digest_without(pl_str entry, pl_str rep, pl_buf *out) {
  pl_post *post = NULL;
  if (pl_post_read(&post, entry, NULL) != PL_OK) return false;
  bool any = pl_post_forget(post, rep);
  if (any) {
    pl_buf body;
    pl_buf_init(&body, BODY_MAX);
    put_body(post, NULL, &body);
    char *text = pl_text_new(pl_buf_str(&body));
    pl_post_put(post, "body", text), pl_post_write(post, out);
    pl_text_free(&text), pl_buf_fini(&body);
  }
  pl_post_free(&post);
  return any;
}
