#include "cli/enquiry.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "codec/schema.h"
#include "io/loop.h"
#include "io/registry.h"

struct pl_enquiry {
  const pl_config *config;
  pl_loop *loop;
  pl_http_client *client;
  pl_registry *registry; /* NULL: there is none */
  pl_mono until;
  bool answered, here, failed;
  int32_t id;
  pl_buf text;
  pl_err why; /* there is none; failed: there is no answer */
};

static void on_told(void *ctx, const pl_schema_told *told) {
  pl_enquiry *q = ctx;
  q->answered = true, q->here = told->text.p != NULL, q->id = told->id;
  pl_buf_clear(&q->text);
  if (q->here) pl_buf_str_put(&q->text, told->text);
  (void)snprintf(q->why.text, sizeof q->why.text, "%s", told->why);
  pl_loop_wake(q->loop);
}

static void on_signal(void *ctx, int signal) { (void)signal, ((pl_enquiry *)ctx)->until.us = 0; }

static pl_dur tick(void *ctx) {
  const pl_enquiry *q = ctx;
  return q->answered || pl_clock_mono().us >= q->until.us ? (pl_dur){-1} : (pl_dur){50};
}

/* For what was asked just now. Who got no answer once is not asked again: it may be told of that later. */
static pl_status await(pl_enquiry *q, pl_err *err) {
  q->until.us = pl_clock_mono().us + PL_ENQUIRY_S * INT64_C(1000000);
  q->answered = false;
  pl_loop_run(q->loop, &(pl_loop_config){tick, on_signal, q});
  if (!q->answered) {
    const char *why = q->registry->ops->why(q->registry);
    q->failed = true;
    (void)pl_fail(&q->why, PL_AGAIN, "the schema registry has not answered in %d s: %s", PL_ENQUIRY_S,
                  *why ? why : "it was interrupted");
  }
  *err = q->why;
  return q->failed ? PL_AGAIN : q->here ? PL_OK : PL_REJECT;
}

static void on_lack(void *ctx, pl_readers *readers, int32_t id) {
  pl_enquiry *q = ctx;
  pl_err why;
  if (q->failed) return;
  q->registry->ops->ask(q->registry, id, on_told, q);
  pl_status status = await(q, &why);
  if (status != PL_AGAIN)
    pl_readers_put(readers, id, status == PL_OK ? pl_buf_str(&q->text) : (pl_str){NULL, 0}, why.text);
}

pl_status pl_enquiry_readers(pl_enquiry *q, pl_readers **out, pl_err *err) {
  pl_status status = pl_readers_new(out, q->config, err);
  if (status == PL_OK && q->registry) pl_readers_on_lack(*out, on_lack, q);
  return status;
}

pl_status pl_enquiry_failed(const pl_enquiry *q, pl_err *err) {
  if (q->failed) *err = q->why;
  return q->failed ? PL_AGAIN : PL_OK;
}

pl_status pl_enquiry_latest(pl_enquiry *q, pl_str subject, int32_t *id, pl_buf *text, pl_err *err) {
  if (q->failed) return pl_enquiry_failed(q, err);
  pl_registry_latest(q->registry, subject, on_told, q);
  pl_status status = await(q, err);
  *id = q->id;
  pl_buf_str_put(text, pl_buf_str(&q->text));
  return status;
}

pl_status pl_enquiry_find(pl_enquiry *q, pl_str subject, pl_str text, bool may_register, int32_t *id,
                          pl_err *err) {
  if (q->failed) return pl_enquiry_failed(q, err);
  pl_registry_find(q->registry, subject, text, may_register, on_told, q);
  pl_status status = await(q, err);
  *id = q->id;
  return status;
}

pl_status pl_enquiry_open(pl_enquiry **out, const pl_config *config, pl_err *err) {
  pl_enquiry *q = *out = PL_NEW(pl_enquiry);
  q->config = config;
  pl_buf_init(&q->text, PL_SCHEMA_BYTES);
  q->loop = pl_loop_new();
  q->client = pl_http_client_new(pl_loop_base(q->loop), &(pl_http_client_config){0});
  pl_status status = pl_cli_registry(&q->registry, config, pl_loop_base(q->loop), q->client, err);
  if (status != PL_OK) pl_enquiry_close(out);
  return status;
}

void pl_enquiry_close(pl_enquiry **enquiry) {
  pl_enquiry *q = *enquiry;
  if (!q) return;
  pl_http_client_free(&q->client);
  pl_registry_close(&q->registry);
  pl_loop_free(&q->loop);
  pl_buf_fini(&q->text);
  PL_FREE(*enquiry);
}
