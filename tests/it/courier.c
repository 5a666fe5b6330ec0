/* Courier: the real courier on a real loop, for test_endpoints.py.
 *
 *   courier CONFIG    with lines `ENDPOINT ADDRESS ID WHAT` as its input; ADDRESS `-`: none; WHAT: message,
 * firing, resolved, both (of machines' endpoints)
 *
 * All are sent at once; each answer is a line of JSON, when it comes; then the longest turn of the loop. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "codec/sink.h"
#include "config/config.h"
#include "io/courier.h"
#include "io/loop.h"

enum { ORDERS_MAX = 200 };

typedef struct {
  int number;
  size_t *left;
} order;

static void on_sent(void *ctx, pl_sent what, int status, int64_t retry_after_s, const char *why) {
  static const char *const names[] = {"taken", "again", "refused", "gone"};
  order *o = ctx;
  pl_buf line;
  pl_buf_init(&line, 8192);
  pl_buf_printf(&line, "{\"order\":%d,\"what\":\"%s\",\"status\":%d,\"retry\":%lld,\"why\":", o->number,
                names[what], status, (long long)retry_after_s);
  pl_buf_json(&line, pl_str_of(why));
  printf("%.*s}\n", (int)line.n, line.p);
  (void)fflush(stdout);
  pl_buf_fini(&line);
  --*o->left;
}

static pl_post *post_of(bool firing) {
  pl_wall now = pl_clock_wall();
  char since[PL_ISO_MAX], at[PL_ISO_MAX], until[PL_ISO_MAX], text[1024];
  pl_post *post;
  pl_err err;
  (void)pl_wall_iso(pl_wall_s(pl_seconds(now) - 60), since);
  (void)pl_wall_iso(pl_wall_s(pl_seconds(now) - (firing ? 60 : 1)), at);
  (void)pl_wall_iso(pl_wall_s(pl_seconds(now) + 3600), until);
  (void)snprintf(
      text, sizeof text,
      "{\"id\":\"%s\",\"kind\":\"%s\",%s\"entity\":\"r1\",\"entity_kind\":\"rep\",\"goal\":\"calls\","
      "\"metric\":\"calls\",\"period\":\"2026-03-04\",\"reason\":\"\",\"audience\":\"ops\",\"since\":\"%s\","
      "\"at\":\"%s\",\"until\":\"%s\",\"figures\":{\"actual\":%d,\"state\":\"behind\"},\"body\":\"R "
      "\\\"One\\\" <1>\"}",
      firing ? "i1" : "i2", firing ? "behind" : "recovered",
      firing ? "" : "\"about\":\"i1\",\"about_kind\":\"behind\",", since, at, until, firing ? 3 : 30);
  if (pl_post_read(&post, pl_str_of(text), &err) != PL_OK) pl_assert_failed(err.text, __FILE__, __LINE__);
  return post;
}

static void lay_out(const pl_endpoint *e, pl_str address, pl_str id, const char *what, pl_buf *out) {
  const pl_message_fact fact = {PL_STR("Calls"), PL_STR("21 of 40")};
  const pl_message_item item = {PL_TONE_CONCERN,
                                PL_STR("Calls today: 4 more, *R* <!channel> & Zo\xC3\xAB"),
                                PL_STR("Your 3 calls are usually 6.\n.\nGo."),
                                &fact,
                                1,
                                PL_STR("https://pace.example.com/a/x"),
                                PL_STR("Answer")};
  const pl_message message = {.id = id,
                              .about = PL_STR("i0"),
                              .subject = item.title,
                              .items = &item,
                              .nitems = 1,
                              .at_s = 1772622300};
  pl_post *firing = post_of(true), *resolved = post_of(false);
  const pl_post *const posts[] = {firing, resolved};
  bool one = strcmp(what, "both") != 0;
  const pl_parcel parcel = {.id = id,
                            .address = address,
                            .from = pl_str_of(e->from ? e->from : ""),
                            .message = &message,
                            .posts = posts + (strcmp(what, "resolved") == 0),
                            .nposts = one ? 1 : 2};
  pl_sink_encode((pl_sink_kind)e->type, &parcel, out);
  pl_post_free(&firing), pl_post_free(&resolved);
}

static pl_status open_courier(pl_sender **out, pl_http_client *client, const pl_config *config, pl_err *err) {
  const pl_endpoint *from = config->endpoints.p;
  pl_courier_endpoint endpoints[PL_ENDPOINTS_MAX];
  for (size_t i = 0; i < config->endpoints.n; i++)
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
  return pl_courier_new(out, client, endpoints, config->endpoints.n, err);
}

static void send_all(pl_sender *sender, const pl_config *config, order *orders, size_t *left) {
  char line[512], name[64], address[256], id[64], what[16];
  for (int n = 0; n < ORDERS_MAX && fgets(line, sizeof line, stdin); n++) {
    PL_ASSERT(sscanf(line, "%63s %255s %63s %15s", name, address, id, what) == 4);
    const pl_endpoint *e = pl_config_endpoint(config, name);
    PL_ASSERT(e);
    pl_str to = pl_str_of(strcmp(address, "-") == 0 ? "" : address);
    pl_buf body;
    pl_buf_init(&body, 1 << 20);
    lay_out(e, to, pl_str_of(id), what, &body);
    orders[n] = (order){n, left};
    ++*left;
    sender->ops->send(sender, (size_t)(e - (const pl_endpoint *)config->endpoints.p), to, pl_str_of(id),
                      pl_buf_str(&body), on_sent, &orders[n]);
    pl_buf_fini(&body);
  }
}

static pl_dur until_all_is_answered(void *ctx) { return (pl_dur){*(const size_t *)ctx ? 10 : -1}; }

int main(int argc, char **argv) {
  PL_ASSERT(argc == 2);
  order orders[ORDERS_MAX];
  size_t left = 0;
  pl_err err = {""};
  pl_config *config;
  pl_sender *sender = NULL;
  pl_buf errors;
  pl_buf_init(&errors, 1 << 20);
  if (pl_config_load(&config, argv[1], NULL, NULL, &errors) != PL_OK) {
    (void)fprintf(stderr, "%.*s", (int)errors.n, errors.p);
    return 78;
  }
  pl_loop *loop = pl_loop_new();
  pl_http_client *client = pl_http_client_new(pl_loop_base(loop), &(pl_http_client_config){.concurrent = 64});
  if (open_courier(&sender, client, config, &err) != PL_OK) {
    (void)fprintf(stderr, "%s\n", err.text);
    return 78;
  }
  send_all(sender, config, orders, &left);
  pl_loop_run(loop, &(pl_loop_config){.tick = until_all_is_answered, .ctx = &left});
  printf("{\"longest_us\":%" PRId64 "}\n", pl_loop_longest_us(loop));
  pl_courier_free(&sender);
  pl_http_client_free(&client);
  pl_loop_free(&loop);
  pl_config_free(&config);
  pl_buf_fini(&errors);
  return pl_mem_live() == 0 ? 0 : 70;
}
