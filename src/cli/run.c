/* paceline run: the daemon. Puts the adapters under the engine, turns the loop, and takes it apart again in
 * the reverse order. SIGHUP reads the file again: all of it or nothing. */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/door.h"
#include "engine/engine.h"
#include "engine/station.h"
#include "io/courier.h"
#include "io/http_server.h"
#include "io/linker.h"
#include "io/loop.h"
#include "io/redis.h"
#include "io/registry.h"

/* To endpoints, and to the schema registry. */
enum { CALLS_MAX = PL_ENDPOINTS_MAX * PL_STATION_FLYING_MAX + PL_HTTP_CONCURRENT };

typedef struct {
  const char *path;
  pl_config *config;  /* the adapters borrow it for their life */
  pl_config *current; /* the one in use: `config`, or a later one */
  struct {
    pl_config *config; /* NULL: none waits to be taken over */
    pl_sender *sender;
  } next;
  bool reload_failed;
  pl_wall reloaded; /* when the one in use was taken over */
  pl_loop *loop;
  pl_source *source;
  pl_store *store;
  pl_http_client *client;
  pl_registry *registry; /* NULL: schemas come from files alone */
  pl_sender *sender;
  pl_http_server *server;
  pl_engine *engine;
  pl_keyring *keys;
  pl_answer_linker linker;
  pl_door door;
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
  pl_buf_printf(
      &response->body,
      "# HELP paceline_turn_longest_seconds Longest turn of the loop, less waiting for a processor.\n"
      "# TYPE paceline_turn_longest_seconds gauge\npaceline_turn_longest_seconds %.6f\n"
      "# HELP paceline_turns_long_total Turns of more than 50 ms.\n"
      "# TYPE paceline_turns_long_total counter\npaceline_turns_long_total %lld\n",
      (double)pl_loop_longest_us(d->loop) / 1e6, (long long)pl_loop_overruns(d->loop));
  pl_buf_printf(&response->body,
                "# HELP paceline_memory_bytes Memory that paceline itself has allocated.\n"
                "# TYPE paceline_memory_bytes gauge\npaceline_memory_bytes %lld\n",
                (long long)pl_mem_bytes());
  pl_buf_printf(
      &response->body,
      "# HELP paceline_config_last_reload_successful 0 while the file could not be taken over.\n"
      "# TYPE paceline_config_last_reload_successful gauge\npaceline_config_last_reload_successful %d\n"
      "# HELP paceline_config_last_reload_success_timestamp_seconds When the configuration in use was "
      "taken over.\n# TYPE paceline_config_last_reload_success_timestamp_seconds gauge\n"
      "paceline_config_last_reload_success_timestamp_seconds %.3f\n",
      !d->reload_failed, (double)d->reloaded.ms / 1000);
  response->status = 200;
  response->type = "text/plain; version=0.0.4; charset=utf-8";
}

static void look(void *ctx, const pl_http_request *request, pl_http_response *response) {
  pl_door_look(&((daemon_parts *)ctx)->door, request, response);
}

static void answer(void *ctx, const pl_http_request *request, pl_http_response *response) {
  pl_door_answer(&((daemon_parts *)ctx)->door, request, response);
}

static void api(void *ctx, const pl_http_request *request, pl_http_response *response) {
  pl_door_api(&((daemon_parts *)ctx)->door, request, response);
}

static const pl_http_route routes[] = {{"GET", "/-/healthy", healthy}, {"GET", "/-/ready", ready},
                                       {"GET", "/metrics", metrics},   {"GET", "/answer/*", look},
                                       {"POST", "/answer/*", answer},  {"POST", "/api/v1/alerts/*", api}};

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
static void on_said(void *ctx, uint32_t number, bool taken) {
  pl_door_said(&((daemon_parts *)ctx)->door, number, taken);
}

/* --- taking the configuration apart */

static pl_status open_sender(pl_sender **out, const daemon_parts *d, const pl_config *config, pl_err *err) {
  const pl_endpoint *from = config->endpoints.p;
  size_t n = config->endpoints.n;
  pl_courier_endpoint *endpoints = pl_alloc(n * sizeof *endpoints);
  for (size_t i = 0; i < n; i++)
    endpoints[i] = (pl_courier_endpoint){.name = from[i].item.name,
                                         .kind = (pl_sink_kind)from[i].type,
                                         .url = from[i].url,
                                         .url_file = from[i].url_file,
                                         .key_file = from[i].key_file,
                                         .token_file = from[i].token_file,
                                         .ca_file = from[i].ca_file,
                                         .from = from[i].from,
                                         .user = from[i].user,
                                         .password_file = from[i].password_file,
                                         .open = from[i].open};
  pl_status status = pl_courier_new(out, d->client, endpoints, n, err);
  pl_release(endpoints, n * sizeof *endpoints);
  return status;
}

static pl_status read_keys(pl_keyring *keys, const pl_config *config, pl_err *err) {
  pl_err why;
  if (!config->http.key_file || pl_keyring_read(keys, config->http.key_file, &why) == PL_OK) return PL_OK;
  return pl_fail(err, PL_REJECT, "http.key_file: %.800s", why.text);
}

/* Who may come in, and by which links. */
static pl_status open_keys(daemon_parts *d, pl_err *err) {
  const pl_config *c = d->config;
  d->keys = pl_keyring_new();
  pl_answer_linker_init(&d->linker, d->keys, c->public_url);
  d->door.keys = d->keys, d->door.registry = d->registry;
  pl_door_set(&d->door, c);
  if (read_keys(d->keys, c, err) != PL_OK) return PL_REJECT;
  if (c->public_url && *d->door.why.text && !d->door.asks)
    return pl_fail(err, PL_REJECT, "public_url: links would lead to nowhere: %.800s", d->door.why.text);
  return PL_OK;
}

static pl_status open_parts(daemon_parts *d, pl_err *err) {
  d->loop = pl_loop_new();
  struct event_base *base = pl_loop_base(d->loop);
  d->client = pl_http_client_new(base, &(pl_http_client_config){.concurrent = CALLS_MAX});
  pl_status status = pl_cli_registry(&d->registry, d->config, base, d->client, err);
  if (status == PL_OK) status = open_keys(d, err);
  if (status == PL_OK) status = open_sender(&d->sender, d, d->config, err);
  if (status == PL_OK) status = pl_cli_redis(&d->store, d->config, base, err);
  pl_kafka_config kafka;
  if (status == PL_OK) status = pl_cli_kafka(&kafka, d->config, err);
  if (status == PL_OK && !(d->source = pl_kafka_new(base, &kafka, err))) status = PL_REJECT;
  if (status != PL_OK) return status;
  const pl_engine_ports ports = {.config = d->config,
                                 .source = d->source,
                                 .store = d->store,
                                 .sender = d->sender,
                                 .registry = d->registry,
                                 .linker = &d->linker.linker,
                                 .clock = {wall, mono, d},
                                 .load_zone = pl_cli_zone,
                                 .wake = wake,
                                 .wake_ctx = d,
                                 .on_said = on_said,
                                 .said_ctx = d};
  status = pl_engine_new(&d->engine, &ports, err);
  if (status != PL_OK) return status;
  const pl_http_server_config http = {.host = d->config->http.listen.host,
                                      .port = d->config->http.listen.port,
                                      .routes = routes,
                                      .nroutes = PL_COUNT(routes),
                                      .ctx = d};
  status = pl_http_server_new(&d->server, base, &http, err);
  d->door.engine = d->engine, d->door.server = d->server;
  return status;
}

/* --- another configuration */

static void drop_next(daemon_parts *d) {
  pl_courier_free(&d->next.sender);
  pl_config_free(&d->next.config);
}

static void log_lines(pl_str text) {
  for (const char *p = text.p, *end = p + text.n, *line = p; p < end; p++)
    if (*p == '\n') {
      pl_log(PL_LOG_ERROR, "run.reload", "%.*s", (int)(p - line), line);
      line = p + 1;
    }
}

/* Reads the file again; what is wrong goes to `errors`, a line each. */
static bool read_again(daemon_parts *d, pl_config **config, pl_sender **sender, pl_keyring *keys,
                       pl_buf *errors) {
  pl_err err = {""};
  pl_buf changed;
  pl_buf_init(&changed, 1 << 16);
  *config = pl_cli_config_with(d->path, NULL, errors);
  bool good = *config && pl_config_fixed_same(d->config, *config, &changed);
  if (*config && !good)
    pl_buf_printf(errors,
                  "%s: %.*s: found a change, which takes a restart; restart paceline, or take it back\n",
                  d->path, (int)changed.n, changed.p);
  if (good) good = open_sender(sender, d, *config, &err) == PL_OK;
  if (good) good = read_keys(keys, d->config, &err) == PL_OK;
  if (good) good = pl_engine_reload(d->engine, *config, *sender, &err) == PL_OK;
  if (!good && *err.text) pl_buf_printf(errors, "%s: %s\n", d->path, err.text);
  pl_buf_fini(&changed);
  return good;
}

static void reload(daemon_parts *d) {
  pl_config *config = NULL;
  pl_sender *sender = NULL;
  pl_buf errors;
  pl_buf_init(&errors, 1 << 20);
  pl_keyring *keys = pl_keyring_new();
  d->reload_failed = !read_again(d, &config, &sender, keys, &errors);
  log_lines(pl_buf_str(&errors));
  if (d->reload_failed) {
    pl_log(PL_LOG_ERROR, "run.reload", "%s was not taken over: nothing has changed", d->path);
    pl_courier_free(&sender);
    pl_config_free(&config);
  } else {
    drop_next(d);
    d->next.config = config, d->next.sender = sender;
    pl_keyring_take(d->keys, keys);
  }
  pl_keyring_free(&keys);
  pl_buf_fini(&errors);
}

/* The engine has taken over what waited: what it used before is nobody's any more. */
static void settle_reload(daemon_parts *d) {
  if (!d->next.config || pl_engine_config(d->engine) != d->next.config) return;
  if (d->current != d->config) pl_config_free(&d->current);
  pl_courier_free(&d->sender);
  d->current = d->next.config, d->sender = d->next.sender;
  d->next.config = NULL, d->next.sender = NULL;
  pl_door_set(&d->door, d->current);
  d->reloaded = pl_clock_wall();
  pl_log_set_level((pl_log_level)d->current->log.level);
}

static pl_dur tick(void *ctx) {
  daemon_parts *d = ctx;
  pl_dur wait = pl_engine_tick(d->engine);
  settle_reload(d);
  return pl_engine_done(d->engine) ? (pl_dur){-1} : wait;
}

static void on_signal(void *ctx, int signal) {
  daemon_parts *d = ctx;
  if (signal == SIGHUP)
    reload(d);
  else
    pl_engine_drain(d->engine);
}

static void close_parts(daemon_parts *d) {
  d->door.server = NULL;
  pl_http_server_free(&d->server);
  if (d->source) pl_kafka_free(&d->source);
  if (d->store) {
    d->store->ops->stop(d->store);
    pl_redis_free(&d->store);
  }
  pl_http_client_free(&d->client);
  pl_registry_close(&d->registry);
  pl_engine_free(&d->engine);
  pl_courier_free(&d->sender);
  pl_keyring_free(&d->keys);
  pl_loop_free(&d->loop);
  drop_next(d);
  if (d->current != d->config) pl_config_free(&d->current);
  pl_config_free(&d->config);
}

static const char usage[] =
    "usage: paceline run -c FILE\n"
    "  Counts events from Kafka into Redis and raises alerts, until SIGTERM. SIGHUP reads FILE\n"
    "  again and takes it over as a whole, or says in the log why it does not.\n";

/* A core file would hold passwords and names; nobody but root may look into the process either. */
static void keep_to_itself(void) {
  (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  (void)prctl(PR_SET_DUMPABLE, 0);
}

int pl_cli_run(int argc, char **argv) {
  const char *path;
  char **words;
  int code, n = pl_arguments_read(argc, argv, usage, &path, &words, &code);
  if (n < 0) return code;
  if (n > 0) return (void)fputs(usage, stderr), EX_USAGE;
  keep_to_itself();
  daemon_parts d = {.path = path, .config = pl_cli_config(path), .reloaded = pl_clock_wall()};
  if (!d.config) return EX_CONFIG;
  d.current = d.config;
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
