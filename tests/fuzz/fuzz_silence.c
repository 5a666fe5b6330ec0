/* Silences as Redis holds them: one that is right, and is written again as it is, or words that say why not.
 */
#include "codec/silence.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char entry[] =
      "{\"kind\":\"behind\",\"entity\":\"ada\",\"entity_kind\":\"rep\",\"goal\":\"calls\"}";
  int64_t live = pl_mem_live();
  pl_silence *s, *again;
  pl_err err = {""};
  if (pl_silence_decode(&s, PL_STR("id"), fuzz_str(data, size), &err) != PL_OK) {
    PL_ASSERT(!s && *err.text && pl_mem_live() == live);
    return 0;
  }
  pl_buf text;
  pl_buf_init(&text, 1 << 20);
  pl_silence_encode(s, &text);
  PL_ASSERT(pl_silence_check(s, &err) == PL_OK);
  PL_ASSERT(pl_silence_decode(&again, PL_STR("id"), pl_buf_str(&text), &err) == PL_OK);
  PL_ASSERT(strcmp(s->author, again->author) == 0 && strcmp(s->comment, again->comment) == 0);
  PL_ASSERT(s->from.ms == again->from.ms && s->until.ms == again->until.ms);
  pl_post *post;
  PL_ASSERT(pl_post_read(&post, pl_str_of(entry), &err) == PL_OK);
  PL_ASSERT(pl_silence_matches(s, post) == pl_silence_matches(again, post));
  pl_post_free(&post);
  pl_silence_free(&s), pl_silence_free(&again);
  pl_buf_fini(&text);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
