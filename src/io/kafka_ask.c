#include "io/kafka_ask.h"

#include "base/clock.h"
#include "io/kafka_trouble.h"

enum { STEP_MS = 1000, SURE_MS = 2000 }; /* another broker may be one that can be talked to */

static void hear(rd_kafka_queue_t *queue, pl_trouble *trouble) {
  for (rd_kafka_event_t *event; (event = rd_kafka_queue_poll(queue, 0));) {
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR && pl_trouble_is(rd_kafka_event_error(event)))
      (void)pl_trouble_note(trouble, rd_kafka_event_error(event), rd_kafka_event_error_string(event));
    rd_kafka_event_destroy(event);
  }
}

static pl_status fail(const pl_trouble *trouble, const char *brokers, pl_err *err) {
  pl_buf text;
  pl_buf_init(&text, sizeof err->text);
  pl_trouble_say(trouble, brokers, &text);
  pl_status status =
      pl_fail(err, trouble->kind == PL_TROUBLE_SILENT ? PL_AGAIN : PL_REJECT, "%.*s", (int)text.n, text.p);
  pl_buf_fini(&text);
  return status;
}

pl_status pl_kafka_ask(rd_kafka_t *rk, const char *brokers, int patience_ms,
                       const struct rd_kafka_metadata **out, pl_err *err) {
  rd_kafka_queue_t *queue = rd_kafka_queue_get_main(rk);
  pl_trouble trouble = {PL_TROUBLE_SILENT, ""};
  int64_t began = pl_clock_mono().us;
  *out = NULL;
  for (int64_t waited_ms = 0; !*out && waited_ms < patience_ms;) {
    rd_kafka_resp_err_t code = rd_kafka_metadata(rk, 1, NULL, out, STEP_MS);
    if (code) *out = NULL;
    hear(queue, &trouble);
    if (!*out && !pl_trouble_is(code)) (void)pl_trouble_note(&trouble, code, rd_kafka_err2str(code));
    waited_ms = (pl_clock_mono().us - began) / 1000;
    if (trouble.kind != PL_TROUBLE_SILENT && waited_ms >= SURE_MS) break;
  }
  rd_kafka_queue_destroy(queue);
  return *out ? PL_OK : fail(&trouble, brokers, err);
}

int32_t pl_kafka_ask_partitions(const struct rd_kafka_metadata *all, const char *topic) {
  for (int t = 0; t < all->topic_cnt; t++)
    if (strcmp(all->topics[t].topic, topic) == 0) return all->topics[t].partition_cnt;
  return 0;
}
