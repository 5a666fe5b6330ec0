/* paceline erase: a person goes, wherever paceline holds them.
 *
 * The roster says `status: erased`, for good, so that no replay brings the person back; the process that owns
 * them then deletes view, plans, closed periods, board entries and state, and refuses their events. What lies
 * elsewhere is removed here, when that is done and nothing puts it again: entries of all outboxes that are
 * about them or for them, items about them of digests that others wait for, open concerns with their answers,
 * what digests knew of them, silences of them or by them, their lines in the streams, older boards and closed
 * periods. Deleting can be repeated, and harms nobody who reads meanwhile: an outbox entry that is gone is
 * given up by its home. */
#include <stdio.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/contract.h"
#include "cli/query.h"
#include "codec/digest.h"
#include "codec/encode.h"
#include "codec/post.h"
#include "codec/silence.h"
#include "codec/wire.h"
#include "io/kafka_writer.h"

static const int64_t PATIENCE_US = 60000000;

/* KEYS: outbox, todo, done. ARGV: name, what it says, the new name, what that says. -> 0: it says something
 * else by now. */
static const char REWRITE[] =
    "if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end\n"
    "redis.call('HDEL', KEYS[1], ARGV[1]) redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])\n"
    "if redis.call('SREM', KEYS[2], ARGV[1]) == 1 then redis.call('SADD', KEYS[2], ARGV[3]) end\n"
    "local old = redis.call('ZSCORE', KEYS[3], ARGV[1])\n"
    "if old then redis.call('ZREM', KEYS[3], ARGV[1]) redis.call('ZADD', KEYS[3], old, ARGV[3]) end\n"
    "return 1\n";

static const char usage[] =
    "usage: paceline erase -c CONFIG REP\n"
    "  Erases a person: writes `status: erased` into the roster, waits until Redis no longer holds them, "
    "removes\n"
    "  what is left in outboxes, streams and boards, and says what is gone. For good; may be repeated.\n";

typedef struct {
  const pl_config *config;
  const char *path, *rep;
  pl_query *redis;
  int32_t home; /* whose outbox is looked through */
  bool changed; /* an entry was another when it was to be rewritten */
  long long entries, open, silences, alerts, news, boards, pasts;
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
  bool plain;
  int32_t schema;
  pl_status status = pl_contract_find(c, PL_WRITES_ROSTER, &plain, &schema, err);
  if (status != PL_OK) return status;
  pl_kafka_config kafka;
  pl_writer *writer = NULL;
  status = pl_cli_kafka(&kafka, c, err);
  if (status == PL_OK) status = pl_writer_new(&writer, &kafka, c->kafka.topics.roster, "paceline-erase", err);
  if (status == PL_OK) status = put_record(e, writer, schema, err);
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

/* `<alert>:<audience>:<recipient>`: for them, themselves or as somebody's manager; or about them, as long as
 * it holds more than its end. */
static bool is_theirs(const erasing *e, pl_str name, pl_str entry) {
  const char *audience = memchr(name.p, ':', name.n);
  pl_str rest = audience ? (pl_str){audience + 1, name.n - (size_t)(audience + 1 - name.p)} : (pl_str){0};
  const char *colon = rest.n ? memchr(rest.p, ':', rest.n) : NULL;
  pl_str to = {rest.p, colon ? (size_t)(colon - rest.p) : 0};
  if ((pl_str_is(to, "rep") || pl_str_is(to, "manager")) &&
      pl_str_eq((pl_str){colon + 1, rest.n - to.n - 1}, rep_of(e)))
    return true;
  pl_post *post = NULL;
  bool is = pl_post_read(&post, entry, NULL) == PL_OK && strcmp(pl_post_text(post, "entity"), e->rep) == 0 &&
            strcmp(pl_post_text(post, "entity_kind"), "rep") == 0;
  pl_post_free(&post);
  return is;
}

/* What is open about them, and how often they were told. */
static void drop_open(erasing *e) {
  pl_key open = pl_key_open(prefix_of(e), e->home), attention = pl_key_attention(prefix_of(e), e->home);
  (void)pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("HDEL"), pl_key_str(&attention), rep_of(e)});
  pl_buf field;
  pl_buf_init(&field, PL_ID_MAX + 8);
  pl_buf_printf(&field, "rep:%s", e->rep);
  e->open += pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("HDEL"), pl_key_str(&open), pl_buf_str(&field)})->i;
  pl_buf_fini(&field);
}

static void drop_silence(void *ctx, pl_str id, pl_str json) {
  erasing *e = ctx;
  pl_key silences = pl_key_silences(prefix_of(e));
  pl_silence *s;
  pl_err why;
  if (pl_silence_decode(&s, id, json, &why) != PL_OK) return;
  const char *rep = s->matchers[PL_MATCH_REP];
  if ((rep && strcmp(rep, e->rep) == 0) || strcmp(s->author, e->rep) == 0)
    e->silences += pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("HDEL"), pl_key_str(&silences), id})->i;
  pl_silence_free(&s);
}

/* `<alert>-<how often before>:<audience>:<recipient>`, one more than it was. */
static void name_anew(pl_str name, pl_buf *out) {
  const char *colon = memchr(name.p, ':', name.n);
  size_t head = colon ? (size_t)(colon - name.p) : name.n;
  const char *dash = memchr(name.p, '-', head);
  size_t id = dash ? (size_t)(dash - name.p) : head;
  int64_t before = 0;
  if (dash) (void)pl_str_int((pl_str){dash + 1, head - id - 1}, &before);
  pl_buf_put(out, name.p, id), pl_buf_char(out, '-'), pl_buf_int(out, before + 1);
  pl_buf_put(out, name.p + head, name.n - head);
}

/* A digest tells of many: without them it takes its place, as an entry of its own: whoever has the other one
 * in memory may note what becomes of it, and what is gone is not put back. */
static void rewrite(erasing *e, pl_str name, pl_str entry) {
  pl_key outbox = pl_key_outbox(prefix_of(e), e->home), todo = pl_key_todo(prefix_of(e), e->home),
         done = pl_key_done(prefix_of(e), e->home);
  pl_buf fresh, as;
  pl_buf_init(&fresh, 2 * PL_DIGEST_MAX), pl_buf_init(&as, PL_KEY_MAX + PL_ID_MAX);
  if (pl_digest_without(entry, rep_of(e), &fresh)) {
    name_anew(name, &as);
    const pl_str ask[] = {PL_STR("EVAL"),    pl_str_of(REWRITE), PL_STR("3"), pl_key_str(&outbox),
                          pl_key_str(&todo), pl_key_str(&done),  name,        entry,
                          pl_buf_str(&as),   pl_buf_str(&fresh)};
    if (pl_query_ask(e->redis, PL_COUNT(ask), ask)->i)
      e->entries++;
    else
      e->changed = true;
  }
  pl_buf_fini(&fresh), pl_buf_fini(&as);
}

static void drop_entry(void *ctx, pl_str name, pl_str entry) {
  erasing *e = ctx;
  if (!is_theirs(e, name, entry)) {
    rewrite(e, name, entry);
    return;
  }
  pl_key outbox = pl_key_outbox(prefix_of(e), e->home), todo = pl_key_todo(prefix_of(e), e->home),
         done = pl_key_done(prefix_of(e), e->home);
  (void)pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("SREM"), pl_key_str(&todo), name});
  (void)pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("HDEL"), pl_key_str(&outbox), name});
  (void)pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("ZREM"), pl_key_str(&done), name});
  e->entries++;
}

static void drop_past(void *ctx, pl_str key, pl_str none) {
  erasing *e = ctx;
  (void)none;
  e->pasts += pl_query_ask(e->redis, 2, (pl_str[]){PL_STR("UNLINK"), key})->i;
}

static void drop_from_board(void *ctx, pl_str key, pl_str none) {
  erasing *e = ctx;
  (void)none;
  e->boards += pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("ZREM"), key, rep_of(e)})->i;
}

/* What a manager's last digest knew of them. */
static void drop_from_digest(void *ctx, pl_str key, pl_str none) {
  erasing *e = ctx;
  char field[PL_ID_MAX + 8];
  (void)none;
  (void)snprintf(field, sizeof field, "rep:%s", e->rep);
  (void)pl_query_ask(e->redis, 3, (pl_str[]){PL_STR("HDEL"), key, pl_str_of(field)});
}

/* What is added meanwhile is not about them any more. */
typedef struct {
  erasing *e;
  pl_key stream;
  long long dropped;
} lines;

static bool drop_line(void *ctx, pl_str id, const pl_reply *fields) {
  lines *l = ctx;
  const pl_str *entity = pl_reply_field(fields, "entity"), *kind = pl_reply_field(fields, "entity_kind");
  if (entity && kind && pl_str_eq(*entity, rep_of(l->e)) && pl_str_is(*kind, "rep"))
    l->dropped += pl_query_ask(l->e->redis, 3, (pl_str[]){PL_STR("XDEL"), pl_key_str(&l->stream), id})->i;
  return true;
}

static long long drop_lines(erasing *e, pl_key stream) {
  lines l = {e, stream, 0};
  pl_query_lines(e->redis, pl_key_str(&l.stream), false, drop_line, &l);
  return l.dropped;
}

static pl_status sweep(erasing *e, pl_err *err) {
  for (e->home = 0; e->home < pl_query_partitions(e->redis); e->home++) {
    pl_key outbox = pl_key_outbox(prefix_of(e), e->home);
    do {
      e->changed = false;
      pl_query_scan(e->redis, pl_key_str(&outbox), (pl_str){0}, drop_entry, e);
    } while (e->changed && !pl_query_failed(e->redis, err));
    drop_open(e);
  }
  pl_key silences = pl_key_silences(prefix_of(e));
  pl_query_scan(e->redis, pl_key_str(&silences), (pl_str){0}, drop_silence, e);
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
  pl_query_scan(e->redis, (pl_str){0}, pl_buf_str(&pattern), drop_past, e);
  pl_buf_clear(&pattern);
  pl_buf_printf(&pattern, "%s:board:*", prefix_of(e));
  pl_query_scan(e->redis, (pl_str){0}, pl_buf_str(&pattern), drop_from_board, e);
  pl_buf_clear(&pattern);
  pl_buf_printf(&pattern, "%s:digest:*", prefix_of(e));
  pl_query_scan(e->redis, (pl_str){0}, pl_buf_str(&pattern), drop_from_digest, e);
  pl_key digest = pl_key_digest(prefix_of(e), rep_of(e));
  (void)pl_query_ask(e->redis, 2, (pl_str[]){PL_STR("UNLINK"), pl_key_str(&digest)});
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
      "; further closed periods: %lld; entries of boards: %lld, of outboxes: %lld; open concerns: %lld; "
      "silences: %lld; lines of %s:alerts: %lld, of %s:news: %lld\n",
      e->pasts, e->boards, e->entries, e->open, e->silences, prefix_of(e), e->alerts, prefix_of(e), e->news);
  (void)printf(
      "%s: what remains: sums of teams; the events in Kafka, and alerts that were delivered, by their own "
      "retention\n",
      e->rep);
  return PL_OK;
}

int pl_cli_erase(int argc, char **argv) {
  erasing e = {0};
  char **words;
  int code, n = pl_arguments_read(argc, argv, usage, &e.path, &words, &code);
  if (n < 0) return code;
  e.rep = n == 1 ? words[0] : "";
  if (!*e.rep || strlen(e.rep) > PL_ID_MAX) return (void)fputs(usage, stderr), EX_USAGE;
  pl_config *config = pl_cli_config(e.path);
  if (!config) return EX_CONFIG;
  e.config = config;
  pl_err err = {""};
  pl_status status = erase(&e, &err);
  if (status != PL_OK) (void)fprintf(stderr, "paceline erase: %s: %s\n", e.path, err.text);
  pl_config_free(&config);
  return status == PL_OK ? EX_OK : status == PL_REJECT ? EX_CONFIG : EX_TEMPFAIL;
}
