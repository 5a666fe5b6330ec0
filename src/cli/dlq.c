/* paceline dlq: what could not be counted, and the way back.
 *
 * A mapping that was wrong, or a schema that was not there, leaves letters in the dead-letter topic with the
 * bytes of what was refused. `list` says which, by reason; `show` opens one and says what the configuration
 * as it is now makes of it; `requeue` sends back what is mended (dlq_requeue.c). */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/map.h"
#include "base/mem.h"
#include "cli/becomes.h"
#include "cli/cli.h"
#include "cli/dlq_inside.h"
#include "codec/when.h"

static const char usage[] =
    "usage: paceline dlq -c CONFIG list [FILTER...] [--json]\n"
    "       paceline dlq -c CONFIG show PARTITION/OFFSET [--json]\n"
    "       paceline dlq -c CONFIG requeue (PARTITION/OFFSET... | FILTER... | --all) [--again] [--dry]\n"
    "  list     the letters of the dead-letter topic by reason, topic and schema: how many, from when to "
    "when, "
    "and\n"
    "           the newest of them as an example. What was sent back is left out\n"
    "  show     one: its headers, its bytes, and what this configuration makes of it now\n"
    "  requeue  writes what was refused once more into its topic, with its key, value and timestamp; each "
    "letter "
    "once,\n"
    "           whatever interrupts it. Mend the configuration first, and see with `show` that it is.\n"
    "           --again: also what was sent back before; --dry: only says what it would do\n"
    "  FILTER   --reason body, --topic crm.activities, --partition 3 (of that topic), --since, --until\n"
    "           2026-03-04T00:00:00Z (when it was refused)\n";

/* --- list */

typedef struct {
  int64_t n, schema_id;
  pl_wall first, last;
  char place[PL_PLACE_MAX]; /* of the newest */
  char why[256], topic[256], reason[32];
} group;

typedef struct {
  pl_map groups;
  int64_t n, requeued;
} listing;

static void copy(char *to, size_t room, pl_str s) {
  (void)snprintf(to, room, "%.*s", (int)(s.n < room ? s.n : room - 1), s.p);
}

static void count(void *ctx, const pl_letter *l) {
  listing *own = ctx;
  char key[400];
  own->requeued += l->requeued;
  if (l->requeued) return;
  own->n++;
  int n = snprintf(key, sizeof key, "%.*s %.*s %lld", (int)(l->topic.n < 249 ? l->topic.n : 249), l->topic.p,
                   (int)(l->reason.n < 31 ? l->reason.n : 31), l->reason.p, (long long)l->schema_id);
  void **slot = pl_map_put(&own->groups, (pl_str){key, (size_t)n});
  group *g = *slot;
  pl_wall at = l->record->stamp;
  if (!g) {
    g = *slot = PL_NEW(group);
    g->first = at, g->last = PL_BEGINNING, g->schema_id = l->schema_id;
    copy(g->topic, sizeof g->topic, l->topic), copy(g->reason, sizeof g->reason, l->reason);
  }
  g->n++, g->first = pl_earlier(g->first, at);
  if (pl_before(at, g->last)) return;
  g->last = at;
  memcpy(g->place, l->place, sizeof g->place);
  copy(g->why, sizeof g->why, l->why);
}

/* What is most comes first. */
static int by_count(const void *a, const void *b) {
  const group *x = *(group *const *)a, *y = *(group *const *)b;
  if (x->n != y->n) return x->n < y->n ? 1 : -1;
  int topic = strcmp(x->topic, y->topic);
  return topic ? topic : strcmp(x->reason, y->reason);
}

static void say_group(const group *g, bool json) {
  char first[PL_ISO_MAX], last[PL_ISO_MAX];
  pl_buf out;
  pl_buf_init(&out, 1 << 16);
  (void)pl_wall_iso(g->first, first), (void)pl_wall_iso(g->last, last);
  if (json) {
    pl_buf_text(&out, "{\"reason\":"), pl_buf_json(&out, pl_str_of(g->reason));
    pl_buf_text(&out, ",\"topic\":"), pl_buf_json(&out, pl_str_of(g->topic));
    if (g->schema_id >= 0) pl_buf_printf(&out, ",\"schema_id\":%lld", (long long)g->schema_id);
    pl_buf_printf(&out, ",\"letters\":%lld,\"first\":\"%s\",\"last\":\"%s\",\"example\":\"%s\",\"why\":",
                  (long long)g->n, first, last, g->place);
    pl_buf_json(&out, pl_str_of(g->why)), pl_buf_text(&out, "}\n");
  } else {
    pl_buf_printf(&out, "%8lld  %-12s  %s", (long long)g->n, g->reason, g->topic);
    if (g->schema_id >= 0) pl_buf_printf(&out, "  schema %lld", (long long)g->schema_id);
    pl_buf_printf(&out, "  %s to %s\n          %s: ", first, last, g->place);
    pl_becomes_clean(&out, pl_str_of(*g->why ? g->why : "-"));
    pl_buf_char(&out, '\n');
  }
  (void)fwrite(out.p, 1, out.n, stdout);
  pl_buf_fini(&out);
}

static void say_list(listing *own, bool json) {
  group **all = pl_alloc((own->groups.n + 1) * sizeof(group *));
  size_t n = 0;
  for (pl_map_slot *s = NULL; (s = pl_map_next(&own->groups, s));) all[n++] = s->value;
  qsort(all, n, sizeof *all, by_count);
  for (size_t i = 0; i < n; i++) say_group(all[i], json);
  if (!json)
    (void)printf("%lld letters%s; %lld others were sent back\n", (long long)own->n,
                 own->n ? "" : ": everything was counted", (long long)own->requeued);
  for (size_t i = 0; i < n; i++) PL_FREE(all[i]);
  pl_release(all, (own->groups.n + 1) * sizeof(group *));
}

static pl_status list(const pl_dlq_options *o, const pl_config *config, pl_err *err) {
  listing own = {.n = 0};
  pl_letterbox *box = NULL;
  pl_map_init(&own.groups);
  pl_status status = pl_letterbox_open(&box, config, false, err);
  if (status == PL_OK) status = pl_letterbox_each(box, &o->filter, count, &own, err);
  if (status == PL_OK) say_list(&own, o->json);
  if (status != PL_OK)
    for (pl_map_slot *s = NULL; (s = pl_map_next(&own.groups, s));) pl_release(s->value, sizeof(group));
  pl_letterbox_close(&box);
  pl_map_fini(&own.groups);
  return status;
}

/* --- the verb */

static const struct option longs[] = {{"reason", required_argument, NULL, 'r'},
                                      {"topic", required_argument, NULL, 't'},
                                      {"partition", required_argument, NULL, 'p'},
                                      {"since", required_argument, NULL, 's'},
                                      {"until", required_argument, NULL, 'u'},
                                      {"all", no_argument, NULL, 'A'},
                                      {"again", no_argument, NULL, 'a'},
                                      {"dry", no_argument, NULL, 'd'},
                                      {"json", no_argument, NULL, 'j'},
                                      {"help", no_argument, NULL, 'h'},
                                      {0}};

static bool instant(const char *text, pl_wall *out) {
  pl_when when;
  if (!pl_when_iso(pl_str_of(text), &when)) return false;
  out->ms = when.ms;
  return true;
}

/* One option; false: it is none, or its argument is of no use. */
static bool take(int option, pl_dlq_options *o) {
  o->selects |=
      option == 'r' || option == 't' || option == 'p' || option == 's' || option == 'u' || option == 'A';
  switch (option) {
  case 'c': o->path = optarg; return true;
  case 'r': o->filter.reason = optarg; return true;
  case 't': o->filter.topic = optarg; return true;
  case 'p': return pl_str_int(pl_str_of(optarg), &o->filter.partition) && o->filter.partition >= 0;
  case 's': return instant(optarg, &o->filter.since);
  case 'u': return instant(optarg, &o->filter.until);
  case 'A': return true;
  case 'a': return o->again = true;
  case 'd': return o->dry = true;
  case 'j': return o->json = true;
  default: return false;
  }
}

static bool are_places(char **words, int n) {
  int32_t partition;
  int64_t offset;
  for (int i = 0; i < n; i++)
    if (!pl_letter_place(words[i], &partition, &offset)) return false;
  return true;
}

int pl_cli_dlq(int argc, char **argv) {
  pl_dlq_options o = {.filter = {.partition = -1, .since = PL_BEGINNING, .until = PL_NEVER}};
  for (int option; (option = getopt_long(argc, argv, "c:h", longs, NULL)) != -1;) {
    if (option == 'h') return (void)fputs(usage, stdout), EX_OK;
    if (!take(option, &o)) return (void)fputs(usage, stderr), EX_USAGE;
  }
  const char *verb = optind < argc ? argv[optind++] : "";
  o.filter.places = argv + optind, o.filter.nplaces = argc - optind;
  const bool lists = strcmp(verb, "list") == 0, shows = strcmp(verb, "show") == 0,
             sends = strcmp(verb, "requeue") == 0, places = o.filter.nplaces > 0;
  if (!o.path || !are_places(o.filter.places, o.filter.nplaces) || (o.json && sends) ||
      ((o.again || o.dry) && !sends) || (lists && places) ||
      (shows && (o.selects || o.filter.nplaces != 1)) || (sends && o.selects == places) ||
      !(lists || shows || sends))
    return (void)fputs(usage, stderr), EX_USAGE;
  pl_config *config = pl_cli_config(o.path);
  if (!config) return EX_CONFIG;
  pl_err err = {""};
  pl_status status = lists   ? list(&o, config, &err)
                     : shows ? pl_dlq_show(&o, config, &err)
                             : pl_dlq_requeue(&o, config, &err);
  if (status != PL_OK) (void)fprintf(stderr, "paceline dlq: %s\n", err.text);
  pl_config_free(&config);
  return status == PL_OK ? EX_OK : status == PL_REJECT ? EX_DATAERR : EX_TEMPFAIL;
}
