/* Servers: the Kafka, the Redis and the registry that a configuration names, with the secrets from their
 * files. */
#include <stdio.h>

#include "base/secret.h"
#include "cli/cli.h"
#include "io/redis.h"
#include "io/registry.h"

enum { PASSWORD_MAX = 512, PROPERTY_MAX = 64 * 1024 }; /* a property may be a key and its certificates */

/* --- Kafka */

static pl_status read_property(pl_kafka_property *out, const pl_pair *pair, pl_arena *arena, char *text,
                               pl_err *err) {
  pl_err why = {""};
  if (pl_secret_read(pair->values.items[0], text, PROPERTY_MAX, &why) != PL_OK)
    return pl_fail(err, PL_REJECT, "kafka.property_files: %s: %.900s", pair->key, why.text);
  *out = (pl_kafka_property){pair->key, pl_arena_text(arena, text, strlen(text)), true};
  return PL_OK;
}

static pl_status read_properties(pl_kafka_config *k, const pl_config *c, pl_err *err) {
  const pl_pairs *plain = &c->kafka.properties, *files = &c->kafka.property_files;
  pl_kafka_property *properties = pl_arena_alloc(c->arena, (plain->n + files->n) * sizeof *properties);
  for (size_t i = 0; i < plain->n; i++)
    properties[i] = (pl_kafka_property){plain->items[i].key, plain->items[i].values.items[0], false};
  char *text = pl_alloc(PROPERTY_MAX);
  pl_status status = PL_OK;
  for (size_t i = 0; i < files->n && status == PL_OK; i++)
    status = read_property(&properties[plain->n + i], &files->items[i], c->arena, text, err);
  pl_release(text, PROPERTY_MAX);
  k->properties = properties, k->nproperties = plain->n + files->n;
  return status;
}

pl_config pl_cli_as_read(const pl_config *c, const pl_mapping_set *set) {
  pl_config as_read = *c;
  as_read.kafka.topics.activities = set->name;
  as_read.mappings = set, as_read.nmappings = 1;
  return as_read;
}

pl_status pl_cli_kafka(pl_kafka_config *out, const pl_config *c, pl_err *err) {
  pl_buf brokers;
  pl_buf_init(&brokers, 1 << 16);
  for (size_t i = 0; i < c->kafka.brokers.n; i++)
    pl_buf_printf(&brokers, "%s%s", i ? "," : "", c->kafka.brokers.items[i]);
  *out = (pl_kafka_config){
      .brokers = pl_arena_text(c->arena, brokers.p, brokers.n),
      .group = c->kafka.group,
      .partitioner = c->kafka.partitioner == PL_PARTITIONER_CRC32 ? "crc32" : "murmur2",
      .topics = {c->kafka.topics.activities, c->kafka.topics.roster, c->kafka.topics.goals,
                 c->kafka.topics.teams},
      .session_timeout_ms = (int)c->kafka.session_timeout.ms,
  };
  pl_buf_fini(&brokers);
  return read_properties(out, c, err);
}

/* --- Redis */

/* Of the file that `option` names; empty if none does. */
static pl_status read_password(char *password, const char *option, const char *path, pl_err *err) {
  password[0] = 0;
  pl_err why = {""};
  if (!path || pl_secret_read(path, password, PASSWORD_MAX, &why) == PL_OK) return PL_OK;
  return pl_fail(err, PL_REJECT, "redis.%s: %.900s; expected one line", option, why.text);
}

pl_status pl_cli_redis(pl_store **out, const pl_config *c, struct event_base *base, pl_err *err) {
  char password[PASSWORD_MAX], sentinel_password[PASSWORD_MAX];
  pl_status status = read_password(password, "password_file", c->redis.password_file, err);
  if (status == PL_OK)
    status = read_password(sentinel_password, "sentinel_password_file", c->redis.sentinel_password_file, err);
  if (status != PL_OK) return status;
  pl_redis_place sentinels[PL_SENTINELS_MAX];
  for (size_t i = 0; i < c->redis.sentinels.n; i++)
    sentinels[i] = (pl_redis_place){c->redis.sentinel[i].host, c->redis.sentinel[i].port};
  const pl_redis_config r = {.host = c->redis.address.host,
                             .port = c->redis.address.port,
                             .unix_path = c->redis.socket,
                             .sentinels = sentinels,
                             .nsentinels = c->redis.sentinels.n,
                             .master = c->redis.master,
                             .sentinel_user = c->redis.sentinel_user,
                             .sentinel_password = *sentinel_password ? sentinel_password : NULL,
                             .user = c->redis.user,
                             .password = *password ? password : c->redis.password,
                             .db = c->redis.db};
  *out = pl_redis_new(base, &r);
  return PL_OK;
}

/* --- the schema registry */

pl_status pl_cli_registry(pl_registry **out, const pl_config *c, struct event_base *base,
                          struct pl_http_client *client, pl_err *err) {
  *out = NULL;
  if (!c->schemas.registry.urls.n) return PL_OK;
  const pl_registry_config registry = {.urls = c->schemas.registry.urls.items,
                                       .nurls = c->schemas.registry.urls.n,
                                       .user = c->schemas.registry.user,
                                       .password_file = c->schemas.registry.password_file,
                                       .token_file = c->schemas.registry.token_file,
                                       .ca_file = c->schemas.registry.ca_file,
                                       .timeout = c->schemas.registry.timeout};
  return pl_registry_open(out, base, client, &registry, err);
}
