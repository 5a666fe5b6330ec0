/* paceline erase: a person goes, wherever paceline holds them.
 *
 * The roster says `status: erased`, for good, so that no replay brings the person back; the process that owns
 * them then deletes view, plans, closed periods, board entries and state, and refuses their events. What lies
 * elsewhere is removed here, when that is done and nothing puts it again: entries of all outboxes that are
 * about them or for them, their lines in the streams, older boards and closed periods. Deleting can be
 * repeated, and harms nobody who reads meanwhile: an outbox entry that is gone is given up by its home. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/query.h"
#include "codec/encode.h"
#include "codec/post.h"
#include "codec/schema.h"
#include "codec/wire.h"
#include "io/kafka_writer.h"

static const int64_t PATIENCE_US = 60000000;
enum { STEP = 1000 /* what one question looks at */ };

static const char usage[] =
    "usage: paceline erase -c CONFIG REP\n"
    "  Erases a person: writes `status: erased` into the roster, waits until Redis no longer holds them, "
    "removes\n"
    "  what is left in outboxes, streams and boards, and says what is gone. For good; may be repeated.\n";

typedef struct {
  const pl_config *config;
  const char *path, *rep;
  pl_query *redis;
  long long entries, alerts, news, boards, pasts;
} erasing;

static const char *prefix_of(const erasing *e) { return e->config->redis.prefix; }
static pl_str rep_of(const erasing *e) { return pl_str_of(e->rep); }

/* --- the roster */

static bool file_says_so(const erasing *e) {
  const pl_policy *p = &e->config->policy;
  for (size_t i = 0; i < p->nreps; i++)
    if (pl_str_eq(p->reps[i].id, rep_of(e))) return p->reps[i].erased;
  return false;
}

static bool is_roster(const char *path) {
  static const char *const names[] = {"rep",   "name",  "memberships", "zones",       "calendars",
                                      "email", "slack", "status",      "recognition", "time_off"};
  pl_buf text;
  pl_buf_init(&text, PL_SCHEMA_BYTES);
  pl_schema *schema = NULL;
  FILE *file = fopen(path, "re");
  char block[4096];
  for (size_t n; file && (n = fread(block, 1, sizeof block, file)) > 0;) pl_buf_put(&text, block, n);
  if (file) (void)fclose(file);
  bool is = !text.full && pl_schema_new(&schema, pl_buf_str(&text), NULL) == PL_OK;
  const pl_node *root = is ? pl_schema_root(schema) : NULL;
  is = is && root->type == PL_AVRO_RECORD && root->n == PL_COUNT(names);
  for (size_t i = 0; is && i < PL_COUNT(names); i++) is = pl_str_is(root->names[i], names[i]);
  pl_schema_free(&schema);
  pl_buf_fini(&text);
  return is;
}

static pl_status put_record(const erasing *e, pl_writer *writer, int32_t schema, pl_err *err) {
  const pl_rep_fact erased = {.id = rep_of(e), .erased = true};
  pl_buf value;
  pl_buf_init(&value, 4096);
  pl_wire_put(&value, schema);
  pl_rep_encode(&value, &erased);
  pl_status status = pl_writer_begin(writer, err);
  if (status == PL_OK)
    status = pl_writer_put(writer, -1, erased.id, pl_buf_str(&value), pl_clock_wall(), err);
  if (status == PL_OK) status = pl_writer_commit(writer, err);
  pl_buf_fini(&value);
  return status;
}

static pl_status write_roster(const erasing *e, pl_err *err) {
  const pl_config *c = e->config;
  const pl_schema_file *file = c->schemas.files, *end = file + c->schemas.nfiles;
  while (file < end && !is_roster(file->path)) file++;
  if (file == end)
    return pl_fail(
        err, PL_REJECT,
        "schemas: none of those configured is paceline's own roster.avsc, which is written here; add "
        "it, or let the CRM write `status: erased`, and run this again");
  const pl_kafka_config kafka = pl_cli_kafka(c);
  pl_writer *writer = NULL;
  pl_status status = pl_writer_new(&writer, &kafka, c->kafka.topics.roster, "paceline-erase", err);
  if (status == PL_OK) status = put_record(e, writer, file->id, err);
  pl_writer_free(&writer);
  if (status == PL_OK) (void)printf("%s: the roster says `status: erased`\n", e->rep);
  return status;
}

/* --- what the owner deletes */

static bool is_held(const erasing *e) {
  const pl_key rep = pl_key_rep(prefix_of(e), rep_of(e)), plan = pl_key_plan(prefix_of(e), rep_of(e));
  int32_t home = pl_query_home(e->redis, rep_of(e));
  const pl_key state = pl_key_state(prefix_of(e), home, pl_key_bucket(rep_of(e)));
  char field[PL_ID_MAX + 8];
  (void)snprintf(field, sizeof field, "r:%s", e->rep);
  bool held =
      pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("EXISTS"), pl_key_str(&rep), pl_key_str(&plan)})->i > 0;
  const pl_str ask[] = {PL_STR("HEXISTS"), pl_key_str(&state), pl_str_of(field)};
  return pl_query_ask(e->redis, PL_COUNT(ask), ask)->i > 0 || held;
}

static pl_status wait(const erasing *e, pl_err *err) {
  int64_t until = pl_clock_mono().us + PATIENCE_US;
  while (is_held(e) && !pl_query_failed(e->redis, err)) {
    if (pl_clock_mono().us > until)
      return pl_fail(
          err, PL_AGAIN,
          "redis still holds %s after a minute; is `paceline run` up, and has it read the roster? Run "
          "this again then",
          e->rep);
    (void)nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
  }
  return pl_query_failed(e->redis, err) ? PL_AGAIN : PL_OK;
}

/* --- what lies elsewhere */

/* Steps through a SCAN or HSCAN; `each` gets the items of one step, copied. */
static void scan(erasing *e, pl_str command, pl_str key, pl_str match,
                 void (*each)(erasing *e, pl_str key, const pl_str *items, size_t n)) {
  char cursor[32] = "0", count[16];
  (void)snprintf(count, sizeof count, "%d", STEP);
  pl_err err;
  pl_arena *arena = pl_arena_new(1 << 28);
  do {
    pl_str words[7];
    size_t n = 0;
    words[n++] = command;
    if (key.n) words[n++] = key;
    words[n++] = pl_str_of(cursor);
    if (match.n) words[n++] = PL_STR("MATCH"), words[n++] = match;
    words[n++] = PL_STR("COUNT"), words[n++] = pl_str_of(count);
    const pl_reply *r = pl_query_ask(e->redis, n, words);
    if (r->kind != PL_REPLY_ARRAY || r->n != 2) break;
    (void)snprintf(cursor, sizeof cursor, "%.*s", (int)r->items[0].s.n, r->items[0].s.p);
    size_t found = r->items[1].n;
    pl_arena_reset(arena);
    pl_str *items = pl_arena_alloc(arena, (found + 1) * sizeof *items);
    for (size_t i = 0; i < found; i++) {
      pl_str s = r->items[1].items[i].s;
      items[i] = (pl_str){pl_arena_text(arena, s.p, s.n), s.n};
    }
    each(e, key, items, found);
  } while (strcmp(cursor, "0") != 0 && !pl_query_failed(e->redis, &err));
  pl_arena_free(&arena);
}

/* `<alert>:<audience>:<recipient>`: for them; or about them, as long as it holds more than its end. */
static bool is_theirs(const erasing *e, pl_str name, pl_str entry) {
  const char *audience = memchr(name.p, ':', name.n);
  pl_str rest = audience ? (pl_str){audience + 1, name.n - (size_t)(audience + 1 - name.p)} : (pl_str){0};
  if (rest.n > 4 && memcmp(rest.p, "rep:", 4) == 0 && pl_str_is((pl_str){rest.p + 4, rest.n - 4}, e->rep))
    return true;
  pl_post *post = NULL;
  bool is = pl_post_read(&post, entry, NULL) == PL_OK && strcmp(pl_post_text(post, "entity"), e->rep) == 0 &&
            strcmp(pl_post_text(post, "entity_kind"), "rep") == 0;
  pl_post_free(&post);
  return is;
}

static int32_t home_of_outbox(const erasing *e, pl_str key) {
  for (int32_t p = 0; p < pl_query_partitions(e->redis); p++) {
    pl_key own = pl_key_outbox(prefix_of(e), p);
    if (pl_str_eq(pl_key_str(&own), key)) return p;
  }
  return 0;
}

static void drop_entries(erasing *e, pl_str key, const pl_str *items, size_t n) {
  int32_t p = home_of_outbox(e, key);
  pl_key todo = pl_key_todo(prefix_of(e), p), done = pl_key_done(prefix_of(e), p);
  for (size_t i = 0; i + 1 < n; i += 2) {
    if (!is_theirs(e, items[i], items[i + 1])) continue;
    (void)pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("SREM"), pl_key_str(&todo), items[i]});
    (void)pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("HDEL"), key, items[i]});
    (void)pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("ZREM"), pl_key_str(&done), items[i]});
    e->entries++;
  }
}

static void drop_pasts(erasing *e, pl_str key, const pl_str *items, size_t n) {
  (void)key;
  for (size_t i = 0; i < n; i++)
    e->pasts += pl_query_ask(e->redis, 2, (pl_str[]){PL_STR("UNLINK"), items[i]})->i;
}

static void drop_from_boards(erasing *e, pl_str key, const pl_str *items, size_t n) {
  (void)key;
  for (size_t i = 0; i < n; i++)
    e->boards += pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("ZREM"), items[i], rep_of(e)})->i;
}

/* From the beginning, a step at a time: what is added meanwhile is not about them any more. */
static long long drop_lines(erasing *e, pl_key stream) {
  enum { LINE_ID_MAX = 48 };
  char from[1 + LINE_ID_MAX] = "-", count[16];
  (void)snprintf(count, sizeof count, "%d", STEP);
  long long dropped = 0;
  for (size_t n = STEP; n == STEP;) {
    const pl_reply *r = pl_query_ask(e->redis, 6,
                                     (pl_str[]){PL_STR("XRANGE"), pl_key_str(&stream), pl_str_of(from),
                                                PL_STR("+"), PL_STR("COUNT"), pl_str_of(count)});
    char ids[STEP][LINE_ID_MAX];
    size_t theirs = 0;
    n = r->n;
    for (size_t i = 0; i < n && i < STEP; i++) {
      const pl_reply *line = &r->items[i];
      if (line->n != 2) continue;
      const pl_str *entity = pl_reply_field(&line->items[1], "entity");
      (void)snprintf(from, sizeof from, "(%.*s", (int)line->items[0].s.n, line->items[0].s.p);
      if (entity && pl_str_eq(*entity, rep_of(e)))
        (void)snprintf(ids[theirs++], sizeof ids[0], "%s", from + 1);
    }
    for (size_t i = 0; i < theirs; i++)
      dropped +=
          pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("XDEL"), pl_key_str(&stream), pl_str_of(ids[i])})->i;
  }
  return dropped;
}

static pl_status sweep(erasing *e, pl_err *err) {
  for (int32_t p = 0; p < pl_query_partitions(e->redis); p++) {
    pl_key outbox = pl_key_outbox(prefix_of(e), p);
    scan(e, PL_STR("HSCAN"), pl_key_str(&outbox), (pl_str){0}, drop_entries);
  }
  e->alerts = drop_lines(e, pl_key_alerts(prefix_of(e)));
  e->news = drop_lines(e, pl_key_news(prefix_of(e)));
  const char *last = NULL;
  pl_key past = pl_key_past(prefix_of(e), false, rep_of(e), PL_YEAR, 2000);
  for (size_t i = 0; i < past.n; i++)
    if (past.text[i] == ':') last = past.text + i;
  PL_ASSERT(last);
  pl_buf pattern;
  pl_buf_init(&pattern, PL_KEY_MAX + 16);
  pl_buf_put(&pattern, past.text, (size_t)(last + 1 - past.text)), pl_buf_char(&pattern, '*');
  scan(e, PL_STR("SCAN"), (pl_str){0}, pl_buf_str(&pattern), drop_pasts);
  pl_buf_clear(&pattern);
  pl_buf_printf(&pattern, "%s:board:*", prefix_of(e));
  scan(e, PL_STR("SCAN"), (pl_str){0}, pl_buf_str(&pattern), drop_from_boards);
  pl_buf_fini(&pattern);
  return pl_query_failed(e->redis, err) ? PL_AGAIN : PL_OK;
}

/* --- the verb */

static pl_status erase(erasing *e, pl_err *err) {
  bool in_file = !*e->config->kafka.topics.roster;
  if (in_file && !file_says_so(e))
    return pl_fail(
        err, PL_REJECT,
        "the reps are in this file: write `%s: {erased: true}` among its `reps`, send `paceline run` a "
        "SIGHUP, and run this again",
        e->rep);
  pl_status status = in_file ? PL_OK : write_roster(e, err);
  if (status == PL_OK) status = pl_query_open(&e->redis, e->config, err);
  if (status == PL_OK) status = wait(e, err);
  if (status == PL_OK) status = sweep(e, err);
  pl_query_close(&e->redis);
  if (status != PL_OK) return status;
  (void)printf("%s: gone are the view, the plans, the state", e->rep);
  (void)printf(
      "; further closed periods: %lld; entries of boards: %lld, of outboxes: %lld; lines of %s:alerts: "
      "%lld, of %s:news: %lld\n",
      e->pasts, e->boards, e->entries, prefix_of(e), e->alerts, prefix_of(e), e->news);
  (void)printf(
      "%s: what remains: sums of teams; the events in Kafka, and alerts that were delivered, by their own "
      "retention\n",
      e->rep);
  return PL_OK;
}

int pl_cli_erase(int argc, char **argv) {
  erasing e = {0};
  for (int option; (option = getopt(argc, argv, "c:h")) != -1;) {
    if (option == 'c')
      e.path = optarg;
    else
      return (void)fputs(usage, option == 'h' ? stdout : stderr), option == 'h' ? EX_OK : EX_USAGE;
  }
  e.rep = argv[optind];
  if (!e.path || optind + 1 != argc || !*e.rep || strlen(e.rep) > PL_ID_MAX)
    return (void)fputs(usage, stderr), EX_USAGE;
  pl_config *config = pl_cli_config(e.path);
  if (!config) return EX_CONFIG;
  e.config = config;
  pl_err err = {""};
  pl_status status = erase(&e, &err);
  if (status != PL_OK) (void)fprintf(stderr, "paceline erase: %s: %s\n", e.path, err.text);
  pl_config_free(&config);
  return status == PL_OK ? EX_OK : status == PL_REJECT ? EX_CONFIG : EX_TEMPFAIL;
}
