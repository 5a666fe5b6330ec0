/* What a token would say, were it signed: a pass, which is written again as it is, or none. */
#include "codec/pass.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  pl_pass pass, again;
  pl_buf text;
  if (!pl_pass_decode(fuzz_str(data, size), &pass)) return 0;
  PL_ASSERT(pass.role < PL_ROLES && pass.until_s >= 0 && pass.alert.n <= PL_PASS_ALERT_MAX);
  PL_ASSERT(pass.subject.n <= PL_ID_MAX && pl_str_clean(pass.subject) && pl_str_clean(pass.alert));
  pl_buf_init(&text, PL_PASS_MAX);
  pl_pass_encode(&pass, &text);
  PL_ASSERT(!text.full && pl_pass_decode(pl_buf_str(&text), &again));
  PL_ASSERT(pl_str_eq(pass.goal, again.goal) && pl_str_eq(pass.alert, again.alert) &&
            pl_str_eq(pass.subject, again.subject));
  PL_ASSERT(pass.role == again.role && pass.until_s == again.until_s);
  pl_buf_fini(&text);
  return 0;
}
