/* paceline run: the daemon. Puts the adapters under the engine, turns the loop, and takes it apart again in
 * the reverse order. */
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "engine/engine.h"
#include "io/http_server.h"
#include "io/loop.h"
#include "io/redis.h"
#include "io/webhook.h"

typedef struct {
  pl_config *config;
  pl_loop *loop;
  pl_source *source;
  pl_store *store;
  pl_http_client *client;
  pl_sender *sender;
  pl_http_server *server;
  pl_engine *engine;
} daemon_parts;

/* --- HTTP */

static void healthy(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)ctx, (void)request;
  pl_http_text(response, 200, PL_STR("ok\n"));
}

static void ready(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)request;
  daemon_parts *d = ctx;
  pl_buf reasons;
  pl_buf_init(&reasons, 1 << 16);
  bool is_ready = pl_engine_ready(d->engine, &reasons);
  const char *warnings = pl_redis_warnings(d->store), *why = pl_redis_why(d->store);
  if (*why) pl_buf_printf(&reasons, "redis: %s\n", why);
  if (*warnings) pl_buf_printf(&reasons, "warning: redis: %s\n", warnings);
  pl_buf text;
  pl_buf_init(&text, 1 << 17);
  pl_buf_text(&text, is_ready ? "ready\n" : "not ready\n");
  pl_buf_str_put(&text, pl_buf_str(&reasons));
  pl_http_text(response, is_ready ? 200 : 503, pl_buf_str(&text));
  pl_buf_fini(&text), pl_buf_fini(&reasons);
}

static void metrics(void *ctx, const pl_http_request *request, pl_http_response *response) {
  (void)request;
  daemon_parts *d = ctx;
  pl_engine_metrics(d->engine, &response->body);
  pl_buf_printf(&response->body,
                "# HELP paceline_chores_longest_seconds Longest run of the chores: flush, homes, outbox.\n"
                "# TYPE paceline_chores_longest_seconds gauge\npaceline_chores_longest_seconds %.3f\n",
                (double)pl_loop_longest(d->loop).ms / 1000);
  pl_buf_printf(&response->body,
                "# HELP paceline_memory_bytes Memory that paceline itself has allocated.\n"
                "# TYPE paceline_memory_bytes gauge\npaceline_memory_bytes %lld\n",
                (long long)pl_mem_bytes());
  response->status = 200;
  response->type = "text/plain; version=0.0.4; charset=utf-8";
}

static const pl_http_route routes[] = {
    {"GET", "/-/healthy", healthy}, {"GET", "/-/ready", ready}, {"GET", "/metrics", metrics}};

/* --- the engine's ports */

static pl_wall wall(void *ctx) {
  (void)ctx;
  return pl_clock_wall();
}

static pl_mono mono(void *ctx) {
  (void)ctx;
  return pl_clock_mono();
}

static void wake(void *ctx) { pl_loop_wake(((daemon_parts *)ctx)->loop); }

static pl_dur tick(void *ctx) {
  daemon_parts *d = ctx;
  pl_dur wait = pl_engine_tick(d->engine);
  return pl_engine_done(d->engine) ? (pl_dur){-1} : wait;
}

static void on_signal(void *ctx, int signal) {
  daemon_parts *d = ctx;
  if (signal == SIGHUP)
    pl_log(PL_LOG_WARN, "run.reload", "reloading is not there yet: restart to apply a changed file");
  else
    pl_engine_drain(d->engine);
}

/* --- taking the configuration apart */

static pl_status open_sender(daemon_parts *d, pl_err *err) {
  const pl_endpoint *from = d->config->endpoints.p;
  size_t n = d->config->endpoints.n;
  pl_webhook_endpoint *endpoints = pl_alloc(n * sizeof *endpoints);
  for (size_t i = 0; i < n; i++)
    endpoints[i] = (pl_webhook_endpoint){from[i].item.name, from[i].url, from[i].url_file, from[i].key_file};
  pl_status status = pl_webhook_new(&d->sender, d->client, endpoints, n, err);
  pl_release(endpoints, n * sizeof *endpoints);
  return status;
}

static pl_status open_parts(daemon_parts *d, pl_err *err) {
  d->loop = pl_loop_new();
  struct event_base *base = pl_loop_base(d->loop);
  d->client = pl_http_client_new(base, &(pl_http_client_config){0});
  pl_status status = open_sender(d, err);
  if (status == PL_OK) status = pl_cli_redis(&d->store, d->config, base, err);
  const pl_kafka_config kafka = pl_cli_kafka(d->config);
  if (status == PL_OK && !(d->source = pl_kafka_new(base, &kafka, err))) status = PL_REJECT;
  if (status != PL_OK) return status;
  const pl_engine_ports ports = {.config = d->config,
                                 .source = d->source,
                                 .store = d->store,
                                 .sender = d->sender,
                                 .clock = {wall, mono, d},
                                 .load_zone = pl_cli_zone,
                                 .wake = wake,
                                 .wake_ctx = d};
  status = pl_engine_new(&d->engine, &ports, err);
  if (status != PL_OK) return status;
  const pl_http_server_config http = {.host = d->config->http.listen.host,
                                      .port = d->config->http.listen.port,
                                      .routes = routes,
                                      .nroutes = PL_COUNT(routes),
                                      .ctx = d};
  return pl_http_server_new(&d->server, base, &http, err);
}

static void close_parts(daemon_parts *d) {
  pl_http_server_free(&d->server);
  if (d->source) pl_kafka_free(&d->source);
  if (d->store) {
    d->store->ops->stop(d->store);
    pl_redis_free(&d->store);
  }
  pl_http_client_free(&d->client);
  pl_engine_free(&d->engine);
  pl_webhook_free(&d->sender);
  pl_loop_free(&d->loop);
  pl_config_free(&d->config);
}

static const char usage[] = "usage: paceline run -c FILE\n"
                            "  Counts events from Kafka into Redis and raises alerts, until SIGTERM.\n";

int pl_cli_run(int argc, char **argv) {
  const char *path = NULL;
  for (int option; (option = getopt(argc, argv, "c:h")) != -1;) {
    if (option == 'c')
      path = optarg;
    else
      return (void)fputs(usage, option == 'h' ? stdout : stderr), option == 'h' ? EX_OK : EX_USAGE;
  }
  if (!path || optind != argc) return (void)fputs(usage, stderr), EX_USAGE;
  daemon_parts d = {.config = pl_cli_config(path)};
  if (!d.config) return EX_CONFIG;
  pl_log_set_level((pl_log_level)d.config->log.level);
  /* Fetches and flushes need megabytes again and again: pages that went back each time would come back
   * cleared. */
  (void)mallopt(M_MMAP_THRESHOLD, 32 << 20), (void)mallopt(M_TRIM_THRESHOLD, 256 << 20);
  pl_err err = {""};
  pl_status status = open_parts(&d, &err);
  if (status == PL_OK) status = pl_engine_start(d.engine, &err);
  if (status != PL_OK) {
    (void)fprintf(stderr, "paceline: %s\n", err.text);
    close_parts(&d);
    return EX_CONFIG;
  }
  pl_log(PL_LOG_INFO, "run", "listening on %s:%d", d.config->http.listen.host, pl_http_server_port(d.server));
  pl_loop_run(d.loop, &(pl_loop_config){tick, on_signal, &d});
  bool failed = pl_engine_failed(d.engine);
  pl_log(PL_LOG_INFO, "run", "stopped");
  close_parts(&d);
  return failed ? EX_UNAVAILABLE : EX_OK;
}
