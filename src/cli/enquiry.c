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
  bool answered, here, failed, interrupted;
  int32_t id;
  pl_buf text;
  pl_err why; /* there is none; failed: there is no answer */
};

static void on_told(void *ctx, const pl_schema_told *told) {
  pl_enquiry *e = ctx;
  e->answered = true, e->here = told->text.p != NULL, e->id = told->id;
  pl_buf_clear(&e->text);
  if (e->here) pl_buf_str_put(&e->text, told->text);
  (void)snprintf(e->why.text, sizeof e->why.text, "%s", told->why);
  pl_loop_wake(e->loop);
}

static void on_signal(void *ctx, int signal) {
  pl_enquiry *e = ctx;
  (void)signal;
  e->interrupted = true, e->until.us = 0;
}

static pl_dur tick(void *ctx) {
  const pl_enquiry *e = ctx;
  return e->answered || pl_clock_mono().us >= e->until.us ? (pl_dur){-1} : (pl_dur){50};
}

/* For what was asked just now. Who got no answer is not asked again before it is renewed: that answer might
 * still come. */
static pl_status await(pl_enquiry *e, pl_err *err) {
  e->until.us = pl_clock_mono().us + PL_ENQUIRY_S * INT64_C(1000000);
  e->answered = false;
  pl_loop_run(e->loop, &(pl_loop_config){tick, on_signal, e});
  if (!e->answered) {
    const char *why = e->registry->ops->why(e->registry);
    e->failed = true;
    (void)pl_fail(&e->why, PL_AGAIN, "the schema registry has not answered in %d s: %s", PL_ENQUIRY_S,
                  *why ? why : "it was interrupted");
  }
  *err = e->why;
  return e->failed ? PL_AGAIN : e->here ? PL_OK : PL_REJECT;
}

static void on_lack(void *ctx, pl_readers *readers, int32_t id) {
  pl_enquiry *e = ctx;
  pl_err why;
  if (e->failed) return;
  e->registry->ops->ask(e->registry, id, on_told, e);
  pl_status status = await(e, &why);
  if (status != PL_AGAIN)
    pl_readers_put(readers, id, status == PL_OK ? pl_buf_str(&e->text) : (pl_str){NULL, 0}, why.text,
                   pl_clock_mono());
}

pl_status pl_enquiry_readers(pl_enquiry *e, pl_readers **out, pl_err *err) {
  pl_status status = pl_readers_new(out, e->config, err);
  if (status == PL_OK && e->registry) pl_readers_on_lack(*out, on_lack, e);
  return status;
}

pl_status pl_enquiry_failed(const pl_enquiry *e, pl_err *err) {
  if (e->failed) *err = e->why;
  return e->failed ? PL_AGAIN : PL_OK;
}

bool pl_enquiry_interrupted(const pl_enquiry *e) { return e->interrupted; }

/* The questions that are still open go with who was asked. */
static void hang_up(pl_enquiry *e) {
  pl_http_client_free(&e->client);
  pl_registry_close(&e->registry);
}

static pl_status dial(pl_enquiry *e, pl_err *err) {
  e->client = pl_http_client_new(pl_loop_base(e->loop), &(pl_http_client_config){0});
  return pl_cli_registry(&e->registry, e->config, pl_loop_base(e->loop), e->client, err);
}

pl_status pl_enquiry_renew(pl_enquiry *e, pl_err *err) {
  hang_up(e);
  e->failed = false;
  return dial(e, err);
}

pl_status pl_enquiry_latest(pl_enquiry *e, pl_str subject, int32_t *id, pl_buf *text, pl_err *err) {
  if (e->failed) return pl_enquiry_failed(e, err);
  pl_registry_latest(e->registry, subject, on_told, e);
  pl_status status = await(e, err);
  *id = e->id;
  pl_buf_str_put(text, pl_buf_str(&e->text));
  return status;
}

pl_status pl_enquiry_find(pl_enquiry *e, pl_str subject, pl_str text, bool may_register, int32_t *id,
                          pl_err *err) {
  if (e->failed) return pl_enquiry_failed(e, err);
  pl_registry_find(e->registry, subject, text, may_register, on_told, e);
  pl_status status = await(e, err);
  *id = e->id;
  return status;
}

pl_status pl_enquiry_open(pl_enquiry **out, const pl_config *config, pl_err *err) {
  pl_enquiry *e = *out = PL_NEW(pl_enquiry);
  e->config = config;
  pl_buf_init(&e->text, PL_SCHEMA_BYTES);
  e->loop = pl_loop_new();
  pl_status status = dial(e, err);
  if (status != PL_OK) pl_enquiry_close(out);
  return status;
}

void pl_enquiry_close(pl_enquiry **enquiry) {
  pl_enquiry *e = *enquiry;
  if (!e) return;
  hang_up(e);
  pl_loop_free(&e->loop);
  pl_buf_fini(&e->text);
  PL_FREE(*enquiry);
}
