/* Bodies of answers: as a form, and as JSON. What is taken is prose within its limits. */
#include "codec/answer.h"
#include "fuzz.h"

static void check(pl_str text) {
  PL_ASSERT(text.n <= PL_FIELD_MAX && pl_str_utf8(text));
  for (size_t i = 0; i < text.n; i++) PL_ASSERT((unsigned char)text.p[i] >= 0x20 || text.p[i] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t live = pl_mem_live();
  for (int as_json = 0; as_json < 2; as_json++) {
    pl_answer_said said;
    pl_answer_prose prose;
    pl_err err = {""};
    pl_answer_said_init(&said);
    bool is = as_json ? pl_answer_json(&said, fuzz_str(data, size), &err) == PL_OK
                      : pl_answer_form(&said, fuzz_str(data, size));
    PL_ASSERT(is || !as_json || *err.text);
    if (is && pl_answer_take(&prose, pl_buf_str(&said.reason), pl_buf_str(&said.plan), &err) == PL_OK) {
      check(prose.word.reason), check(prose.word.plan);
      PL_ASSERT(prose.word.reason.n || prose.word.plan.n);
    }
    pl_answer_said_fini(&said);
  }
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
