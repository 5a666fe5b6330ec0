/* An outbox entry as Redis may hold it: it makes a webhook's body and a Kafka record, or is refused; what is
 * made is JSON again, and says the same. */
#include "codec/sink.h"

#include "codec/telling.h"
#include "fuzz.h"

/* Whatever it holds, it is told whole, or not: to a team only what was reached. */
static void tell(const pl_post *post) {
  static const char *const audiences[] = {"rep", "manager", "team", "ops"};
  pl_arena *arena = pl_arena_new(1 << 20);
  for (size_t i = 0; i < PL_COUNT(audiences); i++) {
    pl_telling to = {.audience = audiences[i], .book = &pl_english, .now = {INT64_C(1772621880000)}};
    const pl_post *twice[] = {post, post};
    pl_message m;
    pl_err err;
    to.aged = i % 2 ? PL_BEGINNING : to.now;
    bool told = pl_telling_compose(&to, twice, 1 + i % 2, arena, &m, &err) == PL_OK;
    PL_ASSERT(!told || (m.nitems && m.nitems <= PL_MESSAGE_ITEMS_MAX && pl_str_utf8(m.subject)));
    for (size_t k = 0; told && k < m.nitems; k++)
      PL_ASSERT(pl_str_clean(m.items[k].title) && pl_str_utf8(m.items[k].text));
    if (told && i == 2) PL_ASSERT(pl_telling_is_recognition(pl_str_of(pl_post_text(post, "kind"))));
    pl_arena_reset(arena);
  }
  pl_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t live = pl_mem_live();
  pl_post *post = NULL, *again = NULL;
  pl_err err;
  if (pl_post_read(&post, fuzz_str(data, size), &err) != PL_OK) {
    PL_ASSERT(!post && *err.text && pl_mem_live() == live);
    return 0;
  }
  pl_buf entry, webhook, avro;
  pl_buf_init(&entry, 1 << 22), pl_buf_init(&webhook, 1 << 22), pl_buf_init(&avro, 1 << 22);
  (void)pl_post_seconds(post, "since");
  pl_post_put(post, "status", "sent"), pl_post_write(post, &entry),
      pl_sink_encode(PL_SINK_WEBHOOK, &(pl_parcel){.posts = (const pl_post *const[]){post}, .nposts = 1},
                     &webhook),
      pl_post_avro(post, &avro);
  PL_ASSERT(avro.n);
  tell(post);
  fuzz_need(pl_post_read(&again, pl_buf_str(&entry), &err), &err);
  PL_ASSERT(strcmp(pl_post_text(again, "status"), "sent") == 0);
  PL_ASSERT(strcmp(pl_post_text(again, "body"), pl_post_text(post, "body")) == 0);
  pl_post_free(&again);
  fuzz_need(pl_post_read(&again, pl_buf_str(&webhook), &err), &err);
  PL_ASSERT(strcmp(pl_post_text(again, "version"), "4") == 0);
  pl_post_free(&again), pl_post_free(&post);
  pl_buf_fini(&entry), pl_buf_fini(&webhook), pl_buf_fini(&avro);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
