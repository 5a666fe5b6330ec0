/* Place: where things are and who is told: brokers and topics, Redis, schema files, receivers, endpoints,
 * links.
 */
#include <stdio.h>

#include "config/item.h"
#include "config/option.h"

static const pl_address *read_addresses(pl_compiler *c, pl_list list, const pl_yaml *node, const char *such) {
  pl_address *addresses = pl_arena_alloc(c->arena, list.n * sizeof *addresses);
  for (size_t i = 0; i < list.n; i++)
    if (!pl_address_parse(c->arena, pl_str_of(list.items[i]), &addresses[i]) || addresses[i].port == 0)
      pl_complain(c->report, pl_yaml_holder(node, list.items[i]), "found '%s', expected host:port such as %s",
                  pl_quote(pl_str_of(list.items[i])).text, such);
  return addresses;
}

static void check_brokers(pl_compiler *c) {
  pl_list brokers = c->config->kafka.brokers;
  const pl_yaml *node = pl_yaml_nearest(c->root, "kafka.brokers");
  if (!brokers.n) pl_complain(c->report, node, "found no broker, expected at least one, as host:port");
  (void)read_addresses(c, brokers, node, "localhost:9092");
}

/* What the file does not name comes from Kafka, unless the file itself gives it. */
static void settle_topic(pl_compiler *c, const char *key, const char **topic, const char *usual, bool here,
                         bool other) {
  char path[64];
  (void)snprintf(path, sizeof path, "kafka.topics.%s", key);
  const char *section = strcmp(key, "roster") == 0 ? "reps" : key;
  if (*topic && (*topic)[0] && here)
    pl_complain(c->report, pl_yaml_nearest(c->root, path),
                "found '%s' beside `%s` in this file, expected one of the two; remove one, or write %s: \"\"",
                *topic, section, key);
  if (!*topic) *topic = here || other ? "" : usual;
}

static void settle_topics(pl_compiler *c) {
  pl_config *config = c->config;
  bool reps = config->reps.n > 0, teams = config->teams.n > 0, goals = config->goals.n > 0;
  settle_topic(c, "roster", &config->kafka.topics.roster, "crm.roster", reps, false);
  settle_topic(c, "teams", &config->kafka.topics.teams, "crm.teams", teams, reps);
  settle_topic(c, "goals", &config->kafka.topics.goals, "crm.goals", goals, reps);
  static const char *const keys[] = {"activities",   "roster", "goals",   "teams",
                                     "dead_letters", "alerts", "progress"};
  const char *const names[] = {config->kafka.topics.activities,   config->kafka.topics.roster,
                               config->kafka.topics.goals,        config->kafka.topics.teams,
                               config->kafka.topics.dead_letters, config->kafka.topics.alerts,
                               config->kafka.topics.progress};
  for (size_t i = 0; i < PL_COUNT(names); i++)
    for (size_t j = 0; j < i; j++)
      if (names[i][0] && strcmp(names[i], names[j]) == 0)
        pl_complain(c->report, pl_yaml_nearest(c->root, "kafka.topics"),
                    "found '%s' as both %s and %s, expected a topic of its own for each", names[i], keys[j],
                    keys[i]);
}

/* Properties that would carry a secret into this file, by the words in their names. */
static bool is_secret(const char *name) {
  static const char *const words[] = {"password", "passphrase", "secret",
                                      "key.pem",  "jaas",       "oauthbearer.config"};
  for (size_t i = 0; i < PL_COUNT(words); i++)
    if (strstr(name, words[i])) return true;
  return false;
}

static const char *ours(const char *name) {
  static const struct {
    const char *name, *remedy;
  } all[] = {{"plugin.library.paths", "it would load code into the process"},
             {"sasl.kerberos.kinit.cmd", "it would run a command"},
             {"bootstrap.servers", "it is kafka.brokers"},
             {"metadata.broker.list", "it is kafka.brokers"},
             {"group.id", "it is kafka.group"},
             {"partitioner", "it is kafka.partitioner"},
             {"session.timeout.ms", "it is kafka.session_timeout"},
             {"auto.offset.reset", "it is kafka.start"},
             {"enable.auto.commit", "paceline commits what Redis holds"},
             {"enable.auto.offset.store", "paceline commits what Redis holds"},
             {"isolation.level", "it is read_committed"},
             {"check.crcs", "it is true"},
             {"log.queue", "paceline reads it"},
             {"enable.partition.eof", "paceline reads it"}};
  for (size_t i = 0; i < PL_COUNT(all); i++)
    if (strcmp(name, all[i].name) == 0) return all[i].remedy;
  return NULL;
}

static bool has(const pl_pairs *pairs, const char *key) {
  for (size_t i = 0; i < pairs->n; i++)
    if (strcmp(pairs->items[i].key, key) == 0) return true;
  return false;
}

static void check_properties(pl_compiler *c) {
  const pl_pairs *plain = &c->config->kafka.properties, *files = &c->config->kafka.property_files;
  for (size_t i = 0; i < plain->n + files->n; i++) {
    const pl_pair *pair = i < plain->n ? &plain->items[i] : &files->items[i - plain->n];
    if (ours(pair->key))
      pl_complain_key(c->report, pair->node, "found a property that cannot be set here: %s; remove it",
                      ours(pair->key));
    else if (i < plain->n && is_secret(pair->key))
      pl_complain_key(c->report, pair->node,
                      "found a secret in the configuration, expected a file of its own; write it there, and "
                      "`property_files: {%s: FILE}`",
                      pair->key);
    else if (i >= plain->n && has(plain, pair->key))
      pl_complain_key(c->report, pair->node,
                      "found it in kafka.properties as well, expected one of the two; keep the file");
  }
}

/* redis://[user[:password]@]host[:port][/db], unix:///path; false: something else. */
static bool read_redis(pl_compiler *c, pl_str url) {
  pl_config *config = c->config;
  const char *p = strstr(url.p, "://") + 3, *end = url.p + url.n;
  if (url.p[0] == 'u') {
    config->redis.socket = p;
    return p[0] == '/' && p[1];
  }
  const char *slash = strchr(p, '/'), *host_end = slash ? slash : end;
  int64_t db = 0;
  if (slash && slash[1] &&
      (!pl_str_int((pl_str){slash + 1, (size_t)(end - slash - 1)}, &db) || db < 0 || db > 9999))
    return false;
  config->redis.db = (int)db;
  const char *at = NULL;
  for (const char *q = p; q < host_end; q++)
    if (*q == '@') at = q;
  if (at) {
    const char *colon = memchr(p, ':', (size_t)(at - p)), *user_end = colon ? colon : at;
    if (user_end > p) config->redis.user = pl_arena_text(c->arena, p, (size_t)(user_end - p));
    if (colon) config->redis.password = pl_arena_text(c->arena, colon + 1, (size_t)(at - colon - 1));
    p = at + 1;
  }
  pl_buf text;
  pl_buf_init(&text, 512);
  pl_buf_put(&text, p, (size_t)(host_end - p));
  const char *last = host_end;
  while (last > p && last[-1] != ':' && last[-1] != ']') last--;
  if (last == p || last[-1] != ':') pl_buf_text(&text, ":6379");
  bool good = !text.full && pl_address_parse(c->arena, pl_buf_str(&text), &config->redis.address) &&
              config->redis.address.port > 0;
  pl_buf_fini(&text);
  return good;
}

static void compile_sentinels(pl_compiler *c) {
  pl_config *config = c->config;
  bool any = config->redis.sentinels.n > 0;
  const pl_yaml *node = pl_yaml_nearest(c->root, "redis.sentinels");
  config->redis.sentinel = read_addresses(c, config->redis.sentinels, node, "localhost:26379");
  if (any && !config->redis.master)
    pl_complain(c->report, node,
                "found no name of what they watch over, expected `master: NAME` as in their "
                "`sentinel monitor`; add redis.master");
  if (any && config->redis.socket)
    pl_complain(c->report, node,
                "found a unix socket in redis.url, expected sentinels or a socket; remove one");
  if (!any && config->redis.master)
    pl_complain(
        c->report, pl_yaml_nearest(c->root, "redis.master"),
        "found a master's name without redis.sentinels, expected both; add the sentinels, or remove it");
  if (!any && config->redis.sentinel_password_file)
    pl_complain(c->report, pl_yaml_nearest(c->root, "redis.sentinel_password_file"),
                "found it without redis.sentinels, expected it with them; remove it");
  if (config->redis.sentinel_user && !config->redis.sentinel_password_file)
    pl_complain(c->report, pl_yaml_nearest(c->root, "redis.sentinel_user"),
                "found a user without a password, expected both; add redis.sentinel_password_file");
}

static void compile_redis(pl_compiler *c) {
  if (!read_redis(c, pl_str_of(c->config->redis.url)))
    pl_complain(c->report, pl_yaml_nearest(c->root, "redis.url"),
                "found another form, expected redis://[user[:password]@]host[:port][/db] or unix:///path");
  if (c->config->redis.password && c->config->redis.password_file)
    pl_complain(c->report, pl_yaml_nearest(c->root, "redis.password_file"),
                "found a password in redis.url as well, expected one of the two; keep the file");
  compile_sentinels(c);
}

static void compile_schemas(pl_compiler *c) {
  pl_pairs ids = c->config->schemas.ids;
  pl_schema_file *files = pl_arena_alloc(c->arena, ids.n * sizeof *files);
  for (size_t i = 0; i < ids.n; i++) {
    const pl_pair *pair = &ids.items[i];
    int64_t id = 0;
    if (!pl_str_int(pl_str_of(pair->key), &id) || id < 0 || id > INT32_MAX)
      pl_complain_key(c->report, pair->node, "found '%s', expected a schema id, a whole number from 0 to %d",
                      pl_quote(pl_str_of(pair->key)).text, INT32_MAX);
    pl_buf path;
    pl_buf_init(&path, 8192);
    const char *file = pair->values.items[0];
    if (file[0] != '/') pl_buf_text(&path, c->config->schemas.folder), pl_buf_char(&path, '/');
    pl_buf_text(&path, file);
    files[i] = (pl_schema_file){(int32_t)id, pl_arena_text(c->arena, path.p, path.n)};
    pl_buf_fini(&path);
  }
  c->config->schemas.files = files, c->config->schemas.nfiles = ids.n;
}

/* http[s]://host[:port][/path], without slashes at its end; NULL: another form. */
static const char *read_web(pl_compiler *c, const char *text) {
  pl_str url = pl_str_of(text);
  const char *mark = strstr(text, "://"), *host = mark ? mark + 3 : text;
  while (url.p + url.n > host && url.p[url.n - 1] == '/') url.n--;
  bool good = mark && url.p + url.n > host && *host != ':' && !strpbrk(host, "?#@\\\"<> ");
  good = good && (strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0);
  for (size_t i = 0; i < url.n; i++) good = good && url.p[i] > 0x20 && url.p[i] < 0x7F;
  return good ? pl_arena_text(c->arena, url.p, url.n) : NULL;
}

static void compile_registry(pl_compiler *c) {
  const pl_yaml *schemas = pl_yaml_find(c->root, "schemas");
  const pl_yaml *node = schemas ? pl_yaml_find(schemas, "registry") : NULL;
  if (!node) return;
  pl_list *urls = &c->config->schemas.registry.urls;
  const char **read = pl_arena_alloc(c->arena, urls->n * sizeof *read);
  for (size_t i = 0; i < urls->n; i++) {
    read[i] = read_web(c, urls->items[i]);
    if (!read[i])
      pl_complain(c->report, pl_yaml_holder(pl_yaml_find(node, "urls"), urls->items[i]), "found %s",
                  strchr(urls->items[i], '@')
                      ? "a user in it, expected the server alone; give user and password_file"
                      : "another form, expected where the registry is, such as https://registry.example.com");
  }
  *urls = (pl_list){read, urls->n};
  const char *user = c->config->schemas.registry.user, *password = c->config->schemas.registry.password_file;
  bool any = user || password || c->config->schemas.registry.token_file ||
             c->config->schemas.registry.ca_file || c->config->schemas.registry.registers;
  if (any && !urls->n)
    pl_complain_missing(c->report, node, "urls", "where it is; add `urls: [https://registry.example.com]`");
  if (urls->n && c->config->schemas.fixed)
    pl_complain_key(
        c->report, node,
        "found it beside schemas.fixed, whose activities name no schema, expected one of the two; "
        "remove one");
  if (!user != !password)
    pl_complain_missing(c->report, node, user ? "password_file" : "user",
                        "it beside `%s`; add it, or remove the other", user ? "user" : "password_file");
  if (user && c->config->schemas.registry.token_file)
    pl_complain_key(c->report, pl_yaml_find(node, "token_file"),
                    "found it beside `user`, expected one way to log in; remove one");
}

static void compile_public_url(pl_compiler *c) {
  pl_config *config = c->config;
  if (!config->public_url) return;
  const pl_yaml *node = pl_yaml_nearest(c->root, "public_url");
  const char *url = read_web(c, config->public_url);
  if (!url)
    pl_complain(c->report, node,
                "found another form, expected where people reach it, such as https://pace.example.com");
  if (!config->http.key_file)
    pl_complain(c->report, node,
                "found it without http.key_file, expected the keys that links are signed with; add it");
  config->public_url = url;
}

void pl_compile_places(pl_compiler *c) {
  check_brokers(c);
  settle_topics(c);
  check_properties(c);
  compile_redis(c);
  compile_schemas(c);
  compile_registry(c);
  compile_public_url(c);
}
