/* A digest of whatever Redis may hold, \xFE between: `b` what the digest before knew, `o` what is open, `r`
 * and `t` the view of a rep or a team, \xFD between its words, `h` an entry that waited. Its entry has room
 * for all that it says, and is JSON; so it is without one whom it tells of; the next digest can read what it
 * knew. */
#include "codec/digest.h"

#include "codec/telling.h"
#include "fuzz.h"

enum { OFTEN = PL_DIGEST_ITEMS_MAX + 5, WORDS_MAX = 512 };

static const pl_metric metrics[] = {{.name = "calls"},
                                    {.name = "revenue", .unit_text = "EUR", .decimals = 2}};
static const pl_policy policy = {
    .metrics = metrics, .nmetrics = PL_COUNT(metrics), .alerts.turn = PL_TURN_DIGEST};
static const pl_wall at = {INT64_C(1772638200000)};

static pl_str field(pl_str *rest, char until) {
  const char *end = rest->n ? memchr(rest->p, until, rest->n) : NULL;
  pl_str head = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
  size_t gone = head.n + (end != NULL);
  if (gone) rest->p += gone, rest->n -= gone;
  return head;
}

static void take(pl_digest *d, bool is_team, pl_str view) {
  static pl_reply words[WORDS_MAX];
  pl_reply all = {.kind = PL_REPLY_ARRAY, .items = words};
  while (view.n && all.n < WORDS_MAX)
    words[all.n++] = (pl_reply){.kind = PL_REPLY_TEXT, .s = field(&view, '\xFD')};
  pl_digest_take(d, is_team ? PL_STR("north") : PL_STR("ada"), is_team, &all);
}

static void fill(pl_digest *d, pl_str rest) {
  while (rest.n) {
    pl_str part = field(&rest, '\xFE');
    if (!part.n) continue;
    char kind = *part.p;
    part.p++, part.n--;
    if (kind == 'b') pl_digest_before(d, part);
    if (kind == 'o') pl_digest_open(d, part);
    if (kind == 'h') pl_digest_hold(d, part);
    if (kind == 'r' || kind == 't') take(d, kind == 't', part);
  }
}

static void before(void *ctx, pl_str whose, pl_str known) {
  PL_ASSERT(pl_str_is(whose, "rep:ada") || pl_str_is(whose, "team:north"));
  pl_digest_before(ctx, known);
}

static void check(pl_str entry) {
  pl_post *post = NULL;
  pl_message m;
  pl_matter matter;
  pl_err err;
  pl_arena *arena = pl_arena_new(1 << 20);
  const pl_telling to = {.audience = "manager", .book = &pl_english, .now = at, .aged = PL_BEGINNING};
  fuzz_need(pl_post_read(&post, entry, &err), &err);
  const pl_post *posts[] = {post};
  PL_ASSERT(strcmp(pl_post_text(post, "kind"), "digest") == 0 && *pl_post_text(post, "body"));
  fuzz_need(pl_telling_compose(&to, posts, 1, arena, &m, &err), &err);
  for (size_t s = 0; pl_post_section(post, s); s++)
    PL_ASSERT(!pl_post_item(post, s, PL_DIGEST_ITEMS_MAX, &matter));
  pl_post_free(&post), pl_arena_free(&arena);
}

static void write(const pl_digest *d) {
  const pl_digest_head head = {
      .id = "d", .audience = PL_TO_MANAGER, .recipient = {"boss", 4}, .day = 20516, .due = at, .until = at};
  pl_buf entry, without, again;
  pl_buf_init(&entry, PL_DIGEST_MAX), pl_buf_init(&without, 2 * PL_DIGEST_MAX), pl_buf_init(&again, 1);
  pl_digest_write(d, &head, &entry);
  PL_ASSERT(!entry.full);
  check(pl_buf_str(&entry));
  if (pl_digest_without(pl_buf_str(&entry), PL_STR("ada"), &without)) {
    PL_ASSERT(!without.full);
    check(pl_buf_str(&without));
    PL_ASSERT(!pl_digest_without(pl_buf_str(&without), PL_STR("ada"), &again));
  }
  pl_buf_fini(&entry), pl_buf_fini(&without), pl_buf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t live = pl_mem_live();
  pl_digest *first = pl_digest_new(&policy, at, NULL, NULL), *next = pl_digest_new(&policy, at, NULL, NULL);
  for (int i = 0; i < OFTEN; i++) fill(first, fuzz_str(data, size));
  write(first);
  pl_digest_each_known(first, before, next);
  fill(next, fuzz_str(data, size));
  write(next);
  pl_digest_free(&first), pl_digest_free(&next);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
