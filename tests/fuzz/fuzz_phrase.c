/* A phrase of the configuration: refused with its place, or said of any values, whole or not at all, in what
 * is text whatever the values are. The bytes are the phrase, then behind a line's end a value. */
#include "codec/phrase.h"

#include "codec/phrasebook.h"
#include "fuzz.h"

static pl_str value;

static bool value_of(void *ctx, pl_str name, pl_phrase_value *out) {
  (void)ctx;
  *out = (pl_phrase_value){.text = value, .one = PL_STR("call"), .number = true, .is_one = name.n % 2};
  return name.n % 3 > 0;
}

static const char *phrase_of(void *ctx, pl_str name) {
  return name.n % 2 ? (const char *)ctx : pl_phrasebook_find(&pl_english, name);
}

static bool knows(void *ctx, pl_phrase_of of, pl_str name) {
  (void)ctx;
  return of != PL_PHRASE_OF_NUMBER || name.n < 12;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t live = pl_mem_live();
  const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
  size_t n = end ? (size_t)(end - data) : size;
  char *text = pl_alloc(n + 1);
  if (n) memcpy(text, data, n);
  value = end ? fuzz_str(end + 1, size - n - 1) : PL_STR("x");
  pl_phrase_source from = {value_of, phrase_of, text};
  pl_phrase_wrong wrong = {0};
  pl_buf out;
  pl_buf_init(&out, 1 << 22);
  pl_buf_text(&out, "before ");
  bool good = pl_phrase_check(text, knows, NULL, &wrong);
  PL_ASSERT(good || (wrong.at <= strlen(text) && (wrong.name.n || *wrong.why)));
  bool said = pl_phrase_say(text, &from, &out);
  PL_ASSERT(said == (out.n > 7) && memcmp(out.p, "before ", 7) == 0);
  if (pl_str_clean(pl_str_of(text))) PL_ASSERT(pl_str_utf8(pl_buf_str(&out)));
  for (size_t i = 7; i < out.n; i++) {
    PL_ASSERT((unsigned char)out.p[i] >= 0x20 || out.p[i] == '\n');
    PL_ASSERT(out.p[i] != ' ' || (out.p[i - 1] != '\n' && (i == 7 || out.p[i - 1] != ' ')));
  }
  pl_buf_fini(&out);
  pl_release(text, n + 1);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
