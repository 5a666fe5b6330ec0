/* paceline alerts: what is open, and what is on its way, and why it is not there yet. Asked of Redis alone,
 * so it is as of the owners' last flush: open concerns with the step of their conversation, then the
 * outboxes' entries. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "cli/cli.h"
#include "cli/query.h"
#include "codec/matter.h"
#include "codec/post.h"

static const char usage[] =
    "usage: paceline alerts -c CONFIG [--rep ID] [--state STATE] [--json]\n"
    "  Lists what is open: pending, told, answered, manager (told, too); and what is on its way to "
    "somebody:\n"
    "  queued, held (quiet hours, a silence, a budget), parked (refused for good). Of a STATE of these, done "
    "and\n"
    "  dropped: only that one. --rep: about ID, or for ID. --json: an object a line.\n";

typedef struct {
  const char *path, *rep, *state;
  bool json;
  size_t n;
} listing;

static const char *const states[] = {"pending", "told",   "answered", "manager", "queued",
                                     "held",    "parked", "done",     "dropped"};
enum { SHOWN = 7 /* of these, unless one is asked for */ };

static bool is_state(const char *text, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(states[i], text) == 0) return true;
  return false;
}

static bool parse(int argc, char **argv, listing *l, int *code) {
  static const struct option longs[] = {{"rep", required_argument, NULL, 'r'},
                                        {"state", required_argument, NULL, 's'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  *l = (listing){0}, *code = EX_USAGE;
  for (int option; (option = getopt_long(argc, argv, "c:h", longs, NULL)) != -1;) {
    switch (option) {
    case 'c': l->path = optarg; break;
    case 'r': l->rep = optarg; break;
    case 's': l->state = optarg; break;
    case 'j': l->json = true; break;
    case 'h': *code = EX_OK; return (void)fputs(usage, stdout), false;
    default: return (void)fputs(usage, stderr), false;
    }
  }
  if (!l->path || optind < argc || (l->state && !is_state(l->state, PL_COUNT(states))))
    return (void)fputs(usage, stderr), false;
  return true;
}

/* --- a line */

/* `word: text` with what holds lines and control characters left out. */
static void say(const char *word, pl_str text) {
  if (!text.n) return;
  (void)printf("%s", word);
  for (size_t i = 0; i < text.n; i++) (void)putchar((unsigned char)text.p[i] < 0x20 ? ' ' : text.p[i]);
}

static void say_member(const pl_post *post, const char *word, const char *member) {
  say(word, pl_str_of(pl_post_text(post, member)));
}

/* Where it is about them, or for them. */
static bool is_wanted(const listing *l, const pl_post *post, const char *state, pl_str to) {
  if (l->state ? strcmp(l->state, state) != 0 : !is_state(state, SHOWN)) return false;
  return !l->rep || pl_str_is(to, l->rep) ||
         (strcmp(pl_post_text(post, "entity"), l->rep) == 0 &&
          strcmp(pl_post_text(post, "entity_kind"), "rep") == 0);
}

static void as_json(const char *state, const char *what, pl_str name, pl_str json) {
  pl_buf out;
  pl_buf_init(&out, 1 << 21);
  pl_buf_printf(&out, "{\"state\":\"%s\",\"%s\":", state, what);
  pl_buf_json(&out, name);
  pl_buf_text(&out, ",\"record\":");
  pl_buf_str_put(&out, json);
  (void)printf("%.*s}\n", (int)out.n, out.p);
  pl_buf_fini(&out);
}

static void say_open(const pl_post *post, const char *state) {
  pl_matter m;
  pl_post_matter(post, &m);
  (void)printf("%-8s", state);
  say_member(post, "  ", "since"), say_member(post, "  ", "entity"), say_member(post, " ", "goal");
  say_member(post, "  told ", "told"), say_member(post, "  due ", "due"), say_member(post, "  turn ", "turn");
  say("  why: ", m.answer), say("  plan: ", m.answer_plan), say_member(post, "  ", "alert");
  (void)putchar('\n');
}

static void say_entry(const pl_post *post, const char *state, pl_str name) {
  (void)printf("%-8s", state);
  say_member(post, "  ", "at"), say_member(post, "  ", "kind"), say_member(post, " ", "entity");
  say_member(post, " ", "goal"), say_member(post, "  ", "why");
  say("  ", name);
  (void)putchar('\n');
}

/* `field`, `json`: of either hash; what is no JSON is named. */
static void list_one(listing *l, bool open, pl_str field, pl_str json) {
  pl_post *post;
  pl_err err;
  pl_str to = field; /* in an entry's name: what is behind its second colon */
  for (int i = 0; i < 2 && to.n; i++) {
    const char *colon = memchr(to.p, ':', to.n);
    to = colon ? (pl_str){colon + 1, (size_t)(to.p + to.n - colon - 1)} : (pl_str){0};
  }
  if (pl_post_read(&post, json, &err) != PL_OK) {
    (void)fprintf(stderr, "paceline alerts: %.*s: %s\n", (int)field.n, field.p, err.text);
    return;
  }
  const char *state = pl_post_text(post, open ? "step" : "status");
  if (is_wanted(l, post, state, open ? (pl_str){0} : to)) {
    l->n++;
    if (l->json)
      as_json(state, open ? "of" : "entry", field, json);
    else if (open)
      say_open(post, state);
    else
      say_entry(post, state, field);
  }
  pl_post_free(&post);
}

/* One concern a line. */
static void list_open(void *ctx, pl_str field, pl_str lines) {
  while (lines.n) {
    const char *end = memchr(lines.p, '\n', lines.n);
    size_t n = end ? (size_t)(end - lines.p) : lines.n, gone = end ? n + 1 : n;
    list_one(ctx, true, field, (pl_str){lines.p, n});
    lines = (pl_str){lines.p + gone, lines.n - gone};
  }
}

static void list_entry(void *ctx, pl_str field, pl_str json) { list_one(ctx, false, field, json); }

static pl_status list(listing *l, const pl_config *config, pl_err *err) {
  pl_query *redis;
  pl_status status = pl_query_open(&redis, config, err);
  if (status != PL_OK) return status;
  const char *prefix = config->redis.prefix;
  int32_t n = pl_query_partitions(redis);
  for (int32_t p = 0; p < n; p++) {
    pl_key open = pl_key_open(prefix, p);
    pl_query_scan(redis, pl_key_str(&open), (pl_str){0}, list_open, l);
  }
  for (int32_t p = 0; p < n; p++) {
    pl_key outbox = pl_key_outbox(prefix, p);
    pl_query_scan(redis, pl_key_str(&outbox), (pl_str){0}, list_entry, l);
  }
  if (pl_query_failed(redis, err)) status = PL_AGAIN;
  pl_query_close(&redis);
  if (status == PL_OK && !l->n && !l->json) (void)puts("Nothing is open, and nothing on its way.");
  return status;
}

int pl_cli_alerts(int argc, char **argv) {
  listing l;
  pl_err err = {""};
  int code;
  if (!parse(argc, argv, &l, &code)) return code;
  pl_config *config = pl_cli_config(l.path);
  if (!config) return EX_CONFIG;
  pl_status status = list(&l, config, &err);
  if (status != PL_OK) (void)fprintf(stderr, "paceline alerts: %s\n", err.text);
  pl_config_free(&config);
  return status == PL_OK ? EX_OK : EX_TEMPFAIL;
}
