#include "cli/inbox.h"

#include <event2/event.h>
#include <jansson.h>

#include "base/mem.h"
#include "codec/when.h"
#include "io/http_server.h"

struct pl_inbox {
  struct event_base *base;
  pl_http_server *server;
  pl_inbox_fn *fn;
  void *ctx;
};

static const char *text(const json_t *of, const char *member) {
  const char *value = json_string_value(json_object_get(of, member));
  return value ? value : "";
}

static void on_post(void *ctx, const pl_http_request *request, pl_http_response *response) {
  const pl_inbox *inbox = ctx;
  json_t *root = json_loadb(request->body.p, request->body.n, 0, NULL);
  const json_t *alert = json_array_get(json_object_get(root, "alerts"), 0),
               *labels = json_object_get(alert, "labels");
  pl_when at;
  if (strcmp(text(labels, "kind"), "digest") == 0 && pl_when_iso(pl_str_of(text(alert, "startsAt")), &at))
    inbox->fn(inbox->ctx, text(labels, "entity"), (pl_wall){at.ms},
              text(json_object_get(alert, "annotations"), "summary"));
  json_decref(root);
  pl_http_text(response, 200, PL_STR("ok\n"));
}

static const pl_http_route routes[] = {{"POST", "/", on_post}};

pl_status pl_inbox_new(pl_inbox **out, pl_inbox_fn *fn, void *ctx, pl_err *err) {
  pl_inbox *inbox = *out = PL_NEW(pl_inbox);
  *inbox = (pl_inbox){.base = event_base_new(), .fn = fn, .ctx = ctx};
  PL_ASSERT(inbox->base);
  const pl_http_server_config config = {
      .host = "127.0.0.1", .routes = routes, .nroutes = PL_COUNT(routes), .ctx = inbox};
  pl_status status = pl_http_server_new(&inbox->server, inbox->base, &config, err);
  if (status != PL_OK) pl_inbox_free(out);
  return status;
}

void pl_inbox_free(pl_inbox **inbox) {
  if (!*inbox) return;
  pl_http_server_free(&(*inbox)->server);
  event_base_free((*inbox)->base);
  PL_FREE(*inbox);
}

int pl_inbox_port(const pl_inbox *inbox) { return pl_http_server_port(inbox->server); }
void pl_inbox_look(pl_inbox *inbox) { (void)event_base_loop(inbox->base, EVLOOP_NONBLOCK); }
