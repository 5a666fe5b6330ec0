/* paceline silence: what is not to be told for a while. It is written into Redis, where whoever delivers
 * looks before telling; an alert that is silenced is held, and told when the silence ends if it is still so.
 *
 * Adding and expiring remove what ended more than a week ago. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/query.h"
#include "codec/silence.h"
#include "codec/when.h"
#include "config/option.h"

static const char usage[] =
    "usage: paceline silence -c CONFIG add MATCHER... --comment TEXT (--for TIME | --until WHEN) [--from "
    "WHEN]\n"
    "                        [--author WHO]\n"
    "       paceline silence -c CONFIG query [MATCHER...] [--all] [--json]\n"
    "       paceline silence -c CONFIG expire ID...\n"
    "  add     holds back alerts that all matchers match: rep=, team=, goal=, kind=, audience=, whole or "
    "with a\n"
    "          star at the end, such as goal=calls*. TIME: 2h, 3d; WHEN: 2026-03-04T18:00:00+01:00. Without\n"
    "          --author it is yours ($USER). Prints its id\n"
    "  query   those that hold, or will; --all: also those that ended in the last week\n"
    "  expire  ends them now\n";

typedef struct {
  const char *path, *comment, *author, *from, *until, *length;
  bool all, json;
  char **words; /* the verb's own first */
  int n;
} options;

typedef struct {
  const options *o;
  pl_query *redis;
  pl_key key;
  pl_wall now;
  const pl_silence *pattern; /* query */
  size_t n, changed;
} asking;

static bool parse(int argc, char **argv, options *o, int *code) {
  static const struct option longs[] = {{"comment", required_argument, NULL, 'm'},
                                        {"author", required_argument, NULL, 'a'},
                                        {"from", required_argument, NULL, 'f'},
                                        {"until", required_argument, NULL, 'u'},
                                        {"for", required_argument, NULL, 'l'},
                                        {"all", no_argument, NULL, 'A'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  *o = (options){.comment = "", .author = getenv("USER")}, *code = EX_USAGE;
  for (int option; (option = getopt_long(argc, argv, "c:h", longs, NULL)) != -1;) {
    switch (option) {
    case 'c': o->path = optarg; break;
    case 'm': o->comment = optarg; break;
    case 'a': o->author = optarg; break;
    case 'f': o->from = optarg; break;
    case 'u': o->until = optarg; break;
    case 'l': o->length = optarg; break;
    case 'A': o->all = true; break;
    case 'j': o->json = true; break;
    case 'h': *code = EX_OK; return (void)fputs(usage, stdout), false;
    default: return (void)fputs(usage, stderr), false;
    }
  }
  o->words = argv + optind, o->n = argc - optind;
  const char *verb = o->n ? o->words[0] : "";
  bool adds = strcmp(verb, "add") == 0, asks = strcmp(verb, "query") == 0,
       known = asks || ((adds || strcmp(verb, "expire") == 0) && o->n > 1);
  bool more = *o->comment || o->from || o->until || o->length, shows = o->all || o->json;
  if (!o->path || !known || (more && !adds) || (shows && !asks)) return (void)fputs(usage, stderr), false;
  return true;
}

/* --- what is given */

static pl_status read_when(const char *name, const char *text, pl_wall *out, pl_err *err) {
  pl_when when;
  if (!pl_when_iso(pl_str_of(text), &when) || when.local)
    return pl_fail(err, PL_REJECT, "%s: found '%s', expected an instant such as 2026-03-04T18:00:00+01:00",
                   name, pl_quote(pl_str_of(text)).text);
  out->ms = when.ms;
  return PL_OK;
}

static pl_status read_span(const options *o, pl_silence *s, pl_wall now, pl_err *err) {
  static const pl_option length = {.kind = PL_OPT_TIME, .min = 1000, .max = 400LL * 86400000};
  const pl_options_reader reader = {0};
  pl_dur span = {0};
  s->from = now;
  if (!o->until == !o->length)
    return pl_fail(err, PL_REJECT, "found %s of --for and --until, expected one of the two",
                   o->until ? "both" : "none");
  if (o->length && !pl_scalar_read(&reader, &length, pl_str_of(o->length), &span))
    return pl_fail(err, PL_REJECT, "--for: found '%s', expected a time such as 2h or 3d, at most 400d",
                   pl_quote(pl_str_of(o->length)).text);
  if (o->from && read_when("--from", o->from, &s->from, err) != PL_OK) return PL_REJECT;
  s->until = pl_wall_plus(s->from, span);
  if (o->until && read_when("--until", o->until, &s->until, err) != PL_OK) return PL_REJECT;
  return pl_before(now, s->until) && pl_before(s->from, s->until)
             ? PL_OK
             : pl_fail(err, PL_REJECT,
                       "found an end that is over, or not after the beginning, expected it later");
}

static pl_status read_matchers(const options *o, pl_silence *s, pl_err *err) {
  pl_status status = PL_OK;
  for (int i = 1; i < o->n && status == PL_OK; i++) status = pl_silence_match(s, pl_str_of(o->words[i]), err);
  return status;
}

static pl_status read_silence(const options *o, pl_silence *s, pl_wall now, pl_err *err) {
  uint64_t id;
  char text[24];
  if (getrandom(&id, sizeof id, 0) != sizeof id)
    return pl_fail(err, PL_AGAIN, "the machine has no random numbers");
  (void)snprintf(text, sizeof text, "%016llx", (unsigned long long)id);
  s->id = pl_text_new(pl_str_of(text));
  s->author = pl_text_new(pl_str_of(o->author)), s->comment = pl_text_new(pl_str_of(o->comment));
  pl_status status = read_matchers(o, s, err);
  if (status == PL_OK) status = read_span(o, s, now, err);
  return status == PL_OK ? pl_silence_check(s, err) : status;
}

/* --- what Redis holds */

static void put(const asking *a, const pl_silence *s) {
  pl_buf json;
  pl_buf_init(&json, 1 << 16);
  pl_silence_encode(s, &json);
  (void)pl_query_ask(a->redis, 4,
                     (pl_str[]){PL_STR("HSET"), pl_key_str(&a->key), pl_str_of(s->id), pl_buf_str(&json)});
  pl_buf_fini(&json);
}

/* What has long ended goes, and what cannot be read: it silences nothing. */
static void sweep(void *ctx, pl_str id, pl_str json) {
  asking *a = ctx;
  pl_silence *s;
  pl_err err;
  bool good = pl_silence_decode(&s, id, json, &err) == PL_OK;
  if (good && pl_seconds(a->now) - pl_seconds(s->until) < PL_SILENCE_KEPT_S)
    a->n++;
  else
    (void)pl_query_ask(a->redis, 3, (pl_str[]){PL_STR("HDEL"), pl_key_str(&a->key), id});
  if (good) pl_silence_free(&s);
}

static pl_status add(asking *a, pl_err *err) {
  pl_silence *s = PL_NEW(pl_silence);
  pl_status status = read_silence(a->o, s, a->now, err);
  pl_query_scan(a->redis, pl_key_str(&a->key), (pl_str){0}, sweep, a);
  if (status == PL_OK && a->n >= PL_SILENCES_MAX)
    status = pl_fail(err, PL_REJECT, "there are %d silences already; expire some", PL_SILENCES_MAX);
  if (status == PL_OK) put(a, s);
  if (status == PL_OK && !pl_query_failed(a->redis, err)) (void)printf("%s\n", s->id);
  pl_silence_free(&s);
  return status;
}

static pl_status expire(asking *a, pl_err *err) {
  pl_status status = PL_OK;
  for (int i = 1; i < a->o->n && status == PL_OK; i++) {
    pl_str id = pl_str_of(a->o->words[i]);
    const pl_reply *r = pl_query_ask(a->redis, 3, (pl_str[]){PL_STR("HGET"), pl_key_str(&a->key), id});
    pl_silence *s = NULL;
    if (pl_query_failed(a->redis, err)) return PL_AGAIN;
    status = r->kind == PL_REPLY_TEXT
                 ? pl_silence_decode(&s, id, r->s, err)
                 : pl_fail(err, PL_REJECT, "there is no silence '%s'; `query` names them", pl_quote(id).text);
    if (s && pl_before(a->now, s->until)) {
      s->until = a->now, s->from = pl_earlier(s->from, a->now);
      put(a, s);
    }
    pl_silence_free(&s);
  }
  pl_query_scan(a->redis, pl_key_str(&a->key), (pl_str){0}, sweep, a);
  return status;
}

static bool same_matchers(const pl_silence *pattern, const pl_silence *s) {
  for (int m = 0; m < PL_MATCHES; m++)
    if (pattern->matchers[m] && (!s->matchers[m] || strcmp(pattern->matchers[m], s->matchers[m]) != 0))
      return false;
  return true;
}

static void show(void *ctx, pl_str id, pl_str json) {
  const asking *a = ctx;
  pl_silence *s;
  pl_err err;
  char from[PL_ISO_MAX], until[PL_ISO_MAX];
  if (pl_silence_decode(&s, id, json, &err) != PL_OK) {
    (void)fprintf(stderr, "paceline silence: %s\n", err.text);
    return;
  }
  bool over = !pl_before(a->now, s->until);
  if ((!over || a->o->all) && same_matchers(a->pattern, s)) {
    if (a->o->json) {
      (void)printf("%.*s\n", (int)json.n, json.p);
    } else {
      (void)printf("%-16s  %-7s  %s .. %s ", s->id,
                   over                          ? "expired"
                   : pl_silence_holds(s, a->now) ? "active"
                                                 : "pending",
                   pl_wall_iso(s->from, from), pl_wall_iso(s->until, until));
      for (int m = 0; m < PL_MATCHES; m++)
        if (s->matchers[m]) (void)printf(" %s=%s", pl_match_name((pl_match)m), s->matchers[m]);
      (void)printf("  %s: %s\n", s->author, s->comment);
    }
  }
  pl_silence_free(&s);
}

static pl_status query(asking *a, pl_err *err) {
  pl_silence *pattern = PL_NEW(pl_silence);
  pl_status status = read_matchers(a->o, pattern, err);
  a->pattern = pattern;
  if (status == PL_OK) pl_query_scan(a->redis, pl_key_str(&a->key), (pl_str){0}, show, a);
  pl_silence_free(&pattern);
  return status;
}

int pl_cli_silence(int argc, char **argv) {
  options o;
  pl_err err = {""};
  int code;
  if (!parse(argc, argv, &o, &code)) return code;
  pl_config *config = pl_cli_config(o.path);
  if (!config) return EX_CONFIG;
  asking a = {.o = &o, .key = pl_key_silences(config->redis.prefix), .now = pl_clock_wall()};
  pl_status status = pl_query_open(&a.redis, config, &err);
  if (status == PL_OK)
    status = o.words[0][0] == 'a' ? add(&a, &err) : o.words[0][0] == 'e' ? expire(&a, &err) : query(&a, &err);
  if (a.redis && pl_query_failed(a.redis, &err)) status = PL_AGAIN;
  if (status != PL_OK) (void)fprintf(stderr, "paceline silence: %s\n", err.text);
  pl_query_close(&a.redis);
  pl_config_free(&config);
  return status == PL_OK ? EX_OK : status == PL_AGAIN ? EX_TEMPFAIL : EX_USAGE;
}
