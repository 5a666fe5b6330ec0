/* An outbox entry as Redis may hold it: it makes a webhook's body and a Kafka record, or is refused; what is
 * made is JSON again, and says the same. */
#include "codec/sink.h"

#include "fuzz.h"

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
  pl_post_entry(post, "sent", &entry),
      pl_sink_encode(PL_SINK_WEBHOOK, &(pl_parcel){.posts = (const pl_post *const[]){post}, .nposts = 1},
                     &webhook),
      pl_post_avro(post, &avro);
  PL_ASSERT(avro.n);
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
