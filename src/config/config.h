/* Config: one YAML file, checked as a whole, compiled into what the rooms need.
 *
 * The option table (table.c) is the language: it reads and checks the file, and writes the effective
 * configuration and the reference page. What the table cannot know, how things refer to each other, is
 * checked while compiling. A wrong file yields all its errors at once and no configuration. Everything here
 * lives in one arena and is immutable. */
#ifndef PL_CONFIG_CONFIG_H
#define PL_CONFIG_CONFIG_H

#include "base/mem.h"
#include "base/status.h"
#include "codec/mapping.h"
#include "codec/phrasebook.h"
#include "config/value.h"
#include "paceline/policy.h"
#include "paceline/zone.h"

typedef enum { PL_CLOCK_WALL, PL_CLOCK_STREAM } pl_clock_kind;
typedef enum { PL_PARTITIONER_MURMUR2, PL_PARTITIONER_CRC32 } pl_partitioner;
typedef enum { PL_START_EARLIEST, PL_START_LATEST } pl_start;

enum { PL_ENDPOINTS_MAX = 31, PL_SENTINELS_MAX = 16, PL_REGISTRIES_MAX = 16 };

typedef struct {
  pl_item item;
  int type;                   /* pl_sink_kind */
  const char *url, *url_file; /* one of them, the other is NULL */
  const char *key_file;       /* signing keys; NULL: not signed */
  const char *token_file, *ca_file;
  const char *from, *user, *password_file; /* of smtp */
  const char *to;                          /* for those who have no address of their own there */
  int starttls;                            /* 0: required, 1: never, -1: not given */
  bool open;                               /* compiled: mail is not encrypted */
} pl_endpoint;

typedef struct {
  const char *name; /* a topic or an import's source */
  const pl_mapping *items;
  size_t n;
} pl_mapping_set;

typedef struct {
  int32_t id;
  const char *path;
} pl_schema_file;

typedef struct {
  int clock;        /* pl_clock_kind */
  const char *zone; /* of those for whom nothing else is said */
  struct {
    pl_list brokers; /* host:port */
    const char *group;
    int partitioner, start; /* pl_partitioner, pl_start */
    pl_dur session_timeout;
    int64_t max_bytes; /* of one message's value */
    struct {
      const char *activities, *roster, *goals, *teams, *dead_letters, *alerts, *progress; /* "": not used */
    } topics;
    pl_pairs properties;     /* for librdkafka, as they are ... */
    pl_pairs property_files; /* ... and as their files say */
  } kafka;
  struct {
    const char *url, *password_file, *prefix;
    const char *socket; /* unix:// : its path; else NULL and ... */
    pl_address address;
    pl_list sentinels;          /* as written; ... */
    const pl_address *sentinel; /* ... and taken apart, as many; with them, `address` is not used */
    const char *master, *sentinel_user, *sentinel_password_file;
    const char *user, *password; /* NULL: none */
    int db;
  } redis;
  struct {
    const char *folder,
        *fixed; /* fixed: the schema of plain Avro without the wire format's header, or NULL */
    pl_pairs ids;
    const pl_schema_file *files;
    size_t nfiles;
    pl_list json; /* topics whose values are JSON */
    struct {
      pl_list urls; /* without slashes at their ends; none: there is no registry */
      const char *user, *password_file, *token_file, *ca_file;
      pl_dur timeout;
      bool registers; /* paceline's own schemas */
    } registry;
  } schemas;
  struct {
    int start, pattern, named; /* month from 0; pl_fiscal_pattern - 1 or -1; 0: by its end, 1: by its start */
    const char *ends;
  } fiscal;
  pl_dur source_delay, stale_after, feed_silence, future_tolerance, flush_interval, view_refresh;
  pl_list sources; /* compiled into policy.sources */
  int dedupe_ids, unknown_reps_max;
  pl_list boards, funnel; /* as written; compiled into the policy's */
  struct {
    pl_address listen;
    const char *key_file; /* NULL: no tokens */
  } http;
  const char *public_url; /* without a slash at its end; NULL: no links */
  struct {
    int level; /* pl_log_level */
  } log;
  struct {
    struct {
      double chance, leave;
      pl_work wait, repeat; /* `for` */
      const char *manager;  /* as written; compiled into the policy */
    } behind;
    pl_work silent_after;
    struct {
      int32_t at;        /* of the reader's day; -1: there is none */
      pl_list days;      /* as written */
      uint32_t weekdays; /* bit per weekday, from Monday */
    } digest;
    const char *quiet;   /* as written; NULL: none */
    pl_span quiet_hours; /* of the reader's day; from == to: none; from > to: over midnight */
    int budget;          /* messages to one person and day; 0: no limit */
    pl_dur group_wait;
  } alerts;
  struct {
    pl_list rep, manager, team, ops; /* names of endpoints */
  } receivers;
  pl_items endpoints; /* pl_endpoint, at most PL_ENDPOINTS_MAX */
  struct {
    const char *language;
    pl_items languages; /* as written */
  } messages;
  pl_phrasebooks books; /* what people read; English needs none */

  pl_items mapping, metrics, calendars, teams, reps, goals; /* as written (item.h) */

  struct pl_report *warnings; /* for pl_config_outlook */
  pl_policy policy;
  const pl_mapping_set *mappings; /* the activities' set is always there, first */
  size_t nmappings;
  pl_arena *arena;
} pl_config;

/* What the check asks of the machine; a NULL function is not asked. */
typedef struct {
  bool (*zone_exists)(const char *name, void *ctx);
  void *ctx;
} pl_config_world;

/* OK, or REJECT with every error as a line `FILE:LINE:COLUMN: option: found ..., expected ...; remedy`.
 * Relative paths are resolved against the file's folder. `over`: options of another file laid over it
 * (pl_yaml_lay), which must live as long; it and `world` may be NULL. */
pl_status pl_config_load(pl_config **out, const char *path, const struct pl_yaml *over,
                         const pl_config_world *world, pl_buf *errors) PL_MUST_CHECK;
/* The same from a text; `name` stands in the messages, paths stay as they are. */
pl_status pl_config_parse(pl_config **out, const char *name, pl_str text, const pl_config_world *world,
                          pl_buf *errors) PL_MUST_CHECK;
void pl_config_free(pl_config **config);

/* What is right and hardly meant, as such lines, `warning: ` before the option: goals of which one is part of
 * another; and from that day on periods of goals in which nobody works, and lists of holidays that end before
 * a period does which has begun. */
void pl_config_outlook(const pl_config *config, int32_t today, pl_buf *out);

/* The names of options in which they differ and whose change takes a restart, ", " between; true: none. */
bool pl_config_fixed_same(const pl_config *a, const pl_config *b, pl_buf *changed);

/* The effective configuration as YAML, every option with its value, secrets as ***. */
void pl_config_dump(const pl_config *config, pl_buf *out);
/* The reference page: every option with its documentation, type, unit, range and default; a valid file. */
void pl_config_reference(pl_buf *out);

const pl_endpoint *pl_config_endpoint(const pl_config *config, const char *name);   /* NULL: none */
const pl_mapping_set *pl_config_mapping(const pl_config *config, const char *name); /* NULL: none */
bool pl_config_json(const pl_config *config, const char *topic);                    /* its values are JSON */

/* The first digest that is due after an instant on a reader's clock, in seconds; INT64_MAX: there is none. */
int64_t pl_config_digest_after(const pl_config *config, const pl_zone *zone, int64_t t_s);

#endif
