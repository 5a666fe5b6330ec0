/* What people read, of every kind and for every audience, as one text (tests/golden/telling.txt): written
 * again with PACELINE_GOLDEN=1, and looked at by a person. And what must be so of each message whatever it
 * says. */
#include <stdlib.h>

#include "base/random.h"
#include "codec/json.h"
#include "codec/telling_rig.h"
#include "config/config.h"

static pl_arena *arena;
static pl_config *config; /* examples/german.yaml */

static pl_telling reader(const pl_phrasebook *book, const char *audience, pl_wall now) {
  return (pl_telling){.audience = audience,
                      .book = book,
                      .zone = pl_almanac_default_zone(r.almanac),
                      .now = now,
                      .aged = PL_BEGINNING};
}

static pl_post *post_of(const char *json) {
  pl_post *post = NULL;
  pl_err err;
  assert_int_equal(pl_post_read(&post, pl_str_of(json), &err), PL_OK);
  return post;
}

static void line(pl_buf *out, const char *before, pl_str text) {
  pl_buf_text(out, before);
  for (size_t i = 0; i < text.n; i++) {
    pl_buf_char(out, text.p[i]);
    if (text.p[i] == '\n') pl_buf_text(out, "  ");
  }
  pl_buf_char(out, '\n');
}

static void print(const pl_message *m, pl_buf *out) {
  if (m->nitems != 1 || !pl_str_eq(m->subject, m->items[0].title)) line(out, "", m->subject);
  if (m->lead.n) line(out, "", m->lead);
  for (size_t i = 0; i < m->nitems; i++) {
    const pl_message_item *item = &m->items[i];
    line(out, "* ", item->title);
    if (item->text.n) line(out, "  ", item->text);
    for (size_t k = 0; k < item->nfacts; k++) {
      pl_buf_text(out, "    ");
      pl_buf_str_put(out, item->facts[k].label);
      line(out, ": ", item->facts[k].value);
    }
    if (item->link.n) {
      pl_buf_text(out, "  [");
      pl_buf_str_put(out, item->link_label);
      line(out, "] ", item->link);
    }
  }
  if (m->more.n) line(out, "", m->more);
  line(out, "-- ", m->footer);
}

static void tell(const pl_telling *to, const pl_post *const *posts, size_t n, pl_buf *out) {
  pl_message m;
  pl_err err = {{0}};
  pl_status status = pl_telling_compose(to, posts, n, arena, &m, &err);
  if (status == PL_OK)
    print(&m, out);
  else
    pl_buf_printf(out, "refused: %s\n", err.text);
  pl_arena_reset(arena);
}

/* --- the golden file */

static bool link_to(void *ctx, const pl_post *post, pl_buf *out) {
  (void)ctx;
  if (strcmp(pl_post_text(post, "kind"), "behind") != 0) return false;
  pl_buf_text(out, "https://pace.example.com/a/1");
  return true;
}

static void tell_cases(const pl_phrasebook *book, pl_buf *out) {
  for (size_t i = 0; i < PL_COUNT(told_cases); i++) {
    const told_case *c = &told_cases[i];
    pl_buf entry, body;
    pl_buf_init(&entry, 1 << 16), pl_buf_init(&body, 1 << 16);
    rig_entry(c, &entry, &body);
    pl_buf_char(&entry, 0);
    pl_post *post = post_of(entry.p);
    pl_wall now = pl_wall_s(pl_post_seconds(post, "at"));
    pl_telling to = reader(book, pl_audience_name(c->audience), now);
    to.link = c->audience == PL_TO_REP ? link_to : NULL;
    pl_buf_printf(out, "--- %s to %s%s%s\n", pl_alert_kind_name(c->kind), pl_audience_name(c->audience),
                  *c->title ? ": " : "", c->title);
    const pl_post *posts[] = {post};
    tell(&to, posts, 1, out);
    pl_buf_char(out, '\n');
    pl_post_free(&post);
    pl_buf_fini(&entry), pl_buf_fini(&body);
  }
}

/* Of an operator: not of the core. */
static const char *const notices[] = {
    "{'id':'1','kind':'feed_stale','audience':'ops','recipient':'','entity':'crm','entity_kind':'feed','"
    "reason':'source',"
    "'since':'2026-03-04T08:00:00Z','at':'2026-03-04T10:58:00Z','until':'2026-03-04T10:58:00Z','partition':"
    "3}",
    "{'id':'2','kind':'feed_stale','audience':'ops','recipient':'','entity':'crm','entity_kind':'feed','"
    "reason':'source',"
    "'since':'2026-03-04T10:58:00Z','never':true,'at':'2026-03-04T10:58:00Z','partition':0}",
    "{'id':'3','kind':'feed_stale','audience':'ops','recipient':'','entity':'crm.activities','entity_kind':'"
    "feed',"
    "'reason':'topic','since':'2026-03-04T10:00:00Z','at':'2026-03-04T10:58:00Z'}",
    "{'id':'4','kind':'feed_stale','audience':'ops','recipient':'','entity':'','entity_kind':'feed',"
    "'reason':'partition','since':'2026-03-03T10:00:00Z','at':'2026-03-04T10:58:00Z','partition':3}",
};

#define DIGEST(audience, sections)                                                                           \
  "{'id':'d','kind':'digest','audience':'" audience "','recipient':'x','team':'Team "                        \
  "North','period':'2026-03-04','at':'2026-03-04T15:30:00Z','sections':[" sections "]}"
static const char *const digests[] = {
    DIGEST(
        "manager",
        "{'key':'help','items':[{'name':'Ada Lovelace','goal':'daily_calls','metric':'calls','decimals':0,"
        "'period':'2026-03-04','due':'2026-03-04T16:00:00Z','plan':'Two follow-ups before lunch.','figures':"
        "{'actual':12,'target':40,'chance':0.11,'needed_today':28},'answer':{'reason':'The dialler was "
        "down.',"
        "'plan':'Calls until "
        "six.','at':'2026-03-04T12:00:00Z'}},{'name':'Ben','metric':'revenue','unit':'EUR',"
        "'decimals':2,'period':'2026-03','figures':{'actual':1200.5,'target':9000}}]},"
        "{'key':'on_pace','items':[{'name':'Cleo','metric':'calls','decimals':0,'period':'2026-03-04','"
        "figures':"
        "{'actual':31,'target':40}}]},"
        "{'key':'improved','items':[{'name':'Dora','metric':'demos','period':'2026-W10','decimals':0,'"
        "figures':"
        "{'actual':9,'line':5}}]},"
        "{'key':'initiative','items':[{'name':'Cleo','goal':'q_revenue','reason':'proposed'},{'name':'Dora','"
        "goal':"
        "'daily_calls','reason':'agreed'},{'name':'Ada Lovelace','reason':'answered','count':1}]},"
        "{'key':'gap','items':[{'name':'Team "
        "North','metric':'revenue','unit':'EUR','decimals':2,'period':'2026-Q1',"
        "'figures':{'target':900000,'gap':-100000}}]},"
        "{'key':'held','items':[{'id':'h','kind':'behind','audience':'manager','name':'Emil','metric':'calls'"
        ","
        "'decimals':0,'period':'2026-03-04','figures':{'actual':3,'target':40}}]},"
        "{'key':'on_pace','items':[]}"),
    DIGEST("manager", ""),
    DIGEST("rep",
           "{'key':'held','items':[{'id':'h','kind':'behind','audience':'rep','name':'Ada Lovelace','metric':"
           "'calls','decimals':0,'period':'2026-03-04','figures':{'actual':3,'target':40}}]}"),
};

#define ENTRY(id, kind, at, more)                                                                            \
  "{'id':'" id "','kind':'" kind "','audience':'manager','recipient':'boss','entity':'" id                   \
  "','name':'Rep " id "','metric':'calls','decimals':0,'period':'2026-03-04','at':'2026-03-04T" at           \
  "Z','until':'2026-03-04T23:00:00Z',"                                                                       \
  "'figures':{'actual':12,'target':40}" more "}"
/* Several at once; the first of them while messages could not be sent. */
static const char *const many[] = {
    ENTRY("a", "behind", "08:10:00", ""),
    ENTRY("b", "behind", "08:20:00", ""),
    ENTRY("b2", "recovered", "08:50:00", ",'about':'b','about_kind':'behind'"),
    ENTRY("c", "goal_met", "08:30:00", ""),
    ENTRY("d", "goal_met", "08:31:00", ""),
    ENTRY("e", "streak", "08:32:00", ",'count':5"),
    ENTRY("f", "goal_proposed", "08:33:00", ""),
    ENTRY("g", "behind", "10:50:00", ""),
    ENTRY("h", "goal_met", "10:51:00", ""),
};

static void tell_texts(const pl_phrasebook *book, const char *const *texts, size_t n, bool together,
                       pl_wall aged, pl_buf *out) {
  pl_post *posts[16];
  for (size_t i = 0; i < n; i++) posts[i] = post_of(json(texts[i]).p);
  for (size_t i = 0; i < (together ? 1 : n); i++) {
    pl_telling to = reader(book, pl_post_text(posts[i], "audience"), pl_wall_s(RIG_NOW));
    to.aged = aged;
    pl_buf_printf(out, "--- %s to %s\n", together ? "several" : pl_post_text(posts[i], "kind"), to.audience);
    tell(&to, (const pl_post *const *)&posts[i], together ? n : 1, out);
    pl_buf_char(out, '\n');
  }
  for (size_t i = 0; i < n; i++) pl_post_free(&posts[i]);
}

static void tell_all(const pl_phrasebook *book, pl_buf *out) {
  tell_cases(book, out);
  tell_texts(book, notices, PL_COUNT(notices), false, PL_BEGINNING, out);
  tell_texts(book, digests, PL_COUNT(digests), false, PL_BEGINNING, out);
  tell_texts(book, many, PL_COUNT(many), true, PL_BEGINNING, out);
  tell_texts(book, many, PL_COUNT(many), true, pl_wall_s(RIG_NOW - 1800), out);
}

static const pl_phrasebook *german(void) {
  const pl_phrasebook *book = pl_phrasebooks_find(&config->books, PL_STR("de-AT"));
  assert_string_equal(book->language, "de");
  return book;
}

static void a_person_can_read_what_is_told(void **state) {
  static char golden[1 << 18];
  (void)state;
  pl_buf text;
  pl_buf_init(&text, sizeof golden - 1);
  pl_buf_text(&text, "=== English\n\n");
  tell_all(&pl_english, &text);
  pl_buf_text(&text, "=== German (examples/german.yaml)\n\n");
  tell_all(german(), &text);
  pl_buf_char(&text, 0);
  FILE *f = fopen("tests/golden/telling.txt", getenv("PACELINE_GOLDEN") ? "w+" : "r");
  assert_non_null(f);
  if (getenv("PACELINE_GOLDEN")) (void)fputs(text.p, f), rewind(f);
  golden[fread(golden, 1, sizeof golden - 1, f)] = 0;
  (void)fclose(f);
  assert_false(text.full);
  assert_string_equal(text.p, golden);
  pl_buf_fini(&text);
}

/* --- what must be so of all of them */

/* What a reader would take for a mistake; NULL: nothing. */
static const char *broken(pl_str text) {
  static const char *const never[] = {
      "{",    "}",   "[",  "]",  "nan", "null", "inf", "  ",
      " .",   " ,",  " ;", " :", " !",  " ?",

      " )",   "( ",  "()", "..", ",,",  ";;",   "::",  ",.",
      ";.",   ":.",  ".,", ".;", ",;",  ": ,",  ": .", "\xE2\x80\x9C\xE2\x80\x9D",
      "\n\n", " \n", "\n "};
  for (size_t i = 0; i < PL_COUNT(never); i++)
    if (text.n && memmem(text.p, text.n, never[i], strlen(never[i]))) return never[i];
  if (text.n && strchr(" \n", text.p[0])) return "a blank at its beginning";
  if (text.n && strchr(" \n,;:(", text.p[text.n - 1])) return "its end";
  return pl_str_utf8(text) ? NULL : "no UTF-8";
}

static void look(const pl_str *texts, size_t n, pl_str entry) {
  for (size_t i = 0; i < n; i++) {
    const char *why = broken(texts[i]);
    if (why) fail_msg("'%s' in: %.*s\nof %.*s", why, (int)texts[i].n, texts[i].p, (int)entry.n, entry.p);
  }
}

static void look_at(const pl_message *m, pl_str entry) {
  const pl_str around[] = {m->subject, m->lead, m->more, m->footer};
  look(around, PL_COUNT(around), entry);
  assert_true(m->subject.n && m->nitems);
  for (size_t i = 0; i < m->nitems; i++) {
    const pl_message_item *item = &m->items[i];
    look(&item->title, 1, entry), look(&item->text, 1, entry);
    assert_true(item->title.n && !memchr(item->title.p, '\n', item->title.n));
    for (size_t k = 0; k < item->nfacts; k++)
      look(&item->facts[k].label, 1, entry), look(&item->facts[k].value, 1, entry);
  }
}

/* Anything may be absent but who it is about, and that it is told. */
static void random_entry(pl_random *random, const char *kind, const char *audience, pl_buf *out) {
  static const char *const texts[][5] = {{"name", "Ada Lovelace", "Zo\xC3\xAB", NULL},
                                         {"team", "Team North", NULL},
                                         {"goal", "daily_calls", "daily@12:00", "q@50%", NULL},
                                         {"metric", "calls", "win_rate", "revenue.gtx", NULL},
                                         {"unit", "EUR", "h", NULL},
                                         {"period", "2026-03-04", "2026-W10", "FY2026-Q1", NULL},
                                         {"period", "2025-03", "2026-Q1", "2025", NULL},
                                         {"reason", "left", "correction", "goal_changed", NULL},
                                         {"reason", "source", "topic", "partition", NULL},
                                         {"about_kind", "behind", "silent", "goal_missed", NULL},
                                         {"plan", "Two calls before noon", NULL},
                                         {"entity_kind", "rep", "team", NULL},
                                         {"until", "2026-03-04T23:00:00Z", "2026-03-01T00:00:00Z", NULL},
                                         {"since", "2026-03-04T08:00:00Z", "2025-12-24T08:00:00Z", NULL},
                                         {"due", "2026-03-04T16:00:00Z", "2026-03-09T16:00:00Z", NULL},
                                         {"turn", "2026-03-04T13:00:00Z", NULL},
                                         {"cause_unit", "EUR", NULL}};
  static const char *const figures[] = {"actual",
                                        "target",
                                        "line",
                                        "pace",
                                        "chance",
                                        "needed_today",
                                        "gap",
                                        "cause_actual",
                                        "cause_usual",
                                        "conversion_now",
                                        "conversion_before",
                                        "required_rate"};
  static const char *const numbers[] = {"decimals", "cause_decimals", "count", "partition"};
  static const char *const flags[] = {"lower", "gauge", "never"};
  pl_buf_printf(
      out,
      "{\"id\":\"x\",\"kind\":\"%s\",\"audience\":\"%s\",\"entity\":\"r1\",\"at\":\"2026-03-04T10:58:00Z\"",
      kind, audience);
  for (size_t i = 0; i < PL_COUNT(texts); i++) {
    int n = 1;
    while (texts[i][n + 1]) n++;
    if (pl_random_chance(random, 0.6))
      pl_buf_printf(out, ",\"%s\":\"%s\"", texts[i][0], texts[i][pl_random_in(random, 1, n)]);
  }
  for (size_t i = 0; i < PL_COUNT(numbers); i++)
    if (pl_random_chance(random, 0.5))
      pl_buf_printf(out, ",\"%s\":%d", numbers[i], (int)pl_random_in(random, 0, 6));
  for (size_t i = 0; i < PL_COUNT(flags); i++)
    if (pl_random_chance(random, 0.3)) pl_buf_printf(out, ",\"%s\":true", flags[i]);
  if (pl_random_chance(random, 0.4)) {
    pl_buf_text(out, ",\"answer\":{\"at\":\"2026-03-04T10:00:00Z\"");
    if (pl_random_chance(random, 0.5)) pl_buf_text(out, ",\"reason\":\"The dialler was down\"");
    if (pl_random_chance(random, 0.5)) pl_buf_text(out, ",\"plan\":\"Calls until six\"");
    pl_buf_char(out, '}');
  }
  pl_buf_text(out, ",\"figures\":{\"state\":\"behind\"");
  for (size_t i = 0; i < PL_COUNT(figures); i++)
    if (pl_random_chance(random, 0.6))
      pl_buf_printf(out, ",\"%s\":%.*f", figures[i], (int)pl_random_in(random, 0, 4),
                    pl_random_share(random) * pow(10, (double)pl_random_in(random, -3, 12)) - 1);
  if (pl_random_chance(random, 0.5)) pl_buf_text(out, ",\"cause\":\"calls\"");
  if (pl_random_chance(random, 0.5)) pl_buf_text(out, ",\"conversion\":\"demos\"");
  if (pl_random_chance(random, 0.5)) pl_buf_text(out, ",\"conversion_of\":\"calls\"");
  pl_buf_text(out, "}}");
}

static void check_random(const pl_phrasebook *book, pl_random *random) {
  static const char *const audiences[] = {"rep", "manager", "team", "ops"};
  const char *kind = pl_alert_kind_name((pl_alert_kind)pl_random_in(random, 0, PL_ALERT_KINDS - 1));
  const char *audience = audiences[pl_random_in(random, 0, 3)];
  pl_buf entry, body;
  pl_buf_init(&entry, 1 << 16), pl_buf_init(&body, 1 << 16);
  random_entry(random, kind, audience, &entry);
  pl_buf_char(&entry, 0);
  pl_post *post = post_of(entry.p);
  const pl_post *posts[] = {post};
  pl_telling to = reader(book, audience, pl_wall_s(RIG_NOW));
  pl_message m;
  pl_err err = {{0}};
  bool told = pl_telling_compose(&to, posts, 1, arena, &m, &err) == PL_OK;
  bool is_public = strcmp(audience, "team") == 0;
  assert_int_equal(told, !is_public || pl_telling_is_recognition(pl_str_of(kind)));
  if (told) look_at(&m, pl_buf_str(&entry));
  pl_matter matter;
  pl_post_matter(post, &matter);
  pl_telling_say(&to, &matter, &body);
  pl_str said = pl_buf_str(&body);
  look(&said, 1, pl_buf_str(&entry));
  pl_post_free(&post);
  pl_buf_fini(&entry), pl_buf_fini(&body);
  pl_arena_reset(arena);
}

static void whatever_is_absent_leaves_a_whole_sentence(void **state) {
  (void)state;
  pl_random random = pl_random_of(pl_random_seed(20260304));
  for (int i = 0; i < 20000; i++) check_random(i % 2 ? &pl_english : german(), &random);
}

static void the_german_example_has_every_phrase(void **state) {
  (void)state;
  const char *name;
  for (size_t i = 0; (name = pl_phrasebook_name(i)); i++)
    if (!strstr(name, ".body") && !pl_phrasebook_has(german(), pl_str_of(name))) fail_msg("no %s", name);
}

static void an_entry_says_by_itself_what_is_made_of_it_at_delivery(void **state) {
  (void)state;
  for (size_t i = 0; i < PL_COUNT(told_cases); i++) {
    pl_buf entry, body, again;
    pl_buf_init(&entry, 1 << 16), pl_buf_init(&body, 1 << 16), pl_buf_init(&again, 1 << 16);
    rig_entry(&told_cases[i], &entry, &body);
    pl_buf_char(&entry, 0), pl_buf_char(&body, 0);
    pl_post *post = post_of(entry.p);
    pl_telling to =
        reader(&pl_english, pl_post_text(post, "audience"), pl_wall_s(pl_post_seconds(post, "at")));
    pl_matter matter;
    pl_post_matter(post, &matter);
    pl_telling_say(&to, &matter, &again);
    pl_buf_char(&again, 0);
    assert_string_equal(body.p, again.p);
    assert_string_equal(body.p, pl_post_text(post, "body"));
    pl_post_free(&post);
    pl_buf_fini(&entry), pl_buf_fini(&body), pl_buf_fini(&again);
  }
}

/* Every kind with everything that is nobody else's business. */
static void what_a_team_reads_names_what_was_reached_and_nothing_else(void **state) {
  (void)state;
  int told = 0;
  for (int kind = 0; kind < PL_ALERT_KINDS + 1; kind++)
    for (int own = 0; own < 2; own++) {
      pl_buf text, out;
      pl_buf_init(&text, 1 << 16), pl_buf_init(&out, 1 << 16);
      pl_buf_printf(
          &text,
          "{'id':'x','kind':'%s','audience':'%s','entity':'r1','name':'Ada','goal':'daily','metric':'calls',"
          "'period':'2026-03-04','decimals':0,'count':5,'plan':'SECRET','turn':'2026-03-04T13:00:00Z','since'"
          ":"
          "'2026-03-04T09:09:00Z','due':'2026-03-04T09:09:00Z','at':'2026-03-04T10:58:00Z','answer':{'reason'"
          ":"
          "'SECRET','plan':'SECRET','at':'2026-03-04T09:09:00Z'},'figures':{'actual':40,'target':40,'line':"
          "777,"
          "'chance':0.77,'pace':7.77,'needed_today':777,'cause':'SECRET','cause_actual':777,'cause_usual':"
          "777,"
          "'conversion':'SECRET','conversion_of':'SECRET','conversion_now':0.77,'conversion_before':0.77}}",
          kind < PL_ALERT_KINDS ? pl_alert_kind_name((pl_alert_kind)kind) : "digest", own ? "team" : "rep");
      pl_buf_char(&text, 0);
      pl_post *post = post_of(json(text.p).p);
      const pl_post *posts[] = {post};
      pl_telling to = reader(&pl_english, "team", pl_wall_s(RIG_NOW));
      tell(&to, posts, 1, &out);
      bool good = kind == PL_ALERT_GOAL_MET || kind == PL_ALERT_MILESTONE_REACHED ||
                  kind == PL_ALERT_STREAK || kind == PL_ALERT_CORRECTED;
      bool refused = memmem(out.p, out.n, "refused: ", 9) != NULL;
      assert_int_equal(refused, !(good && own));
      assert_null(memmem(out.p, out.n, "SECRET", 6));
      assert_null(memmem(out.p, out.n, "77", 2));
      assert_null(memmem(out.p, out.n, "10:09", 5));
      told += !refused;
      pl_post_free(&post);
      pl_buf_fini(&text), pl_buf_fini(&out);
    }
  assert_int_equal(told, 4);
}

static void a_name_is_never_more_than_a_name(void **state) {
  (void)state;
  pl_buf out;
  pl_buf_init(&out, 1 << 16);
  pl_post *post =
      post_of("{\"id\":\"x\",\"kind\":\"goal_met\",\"audience\":\"team\",\"entity\":\"r1\",\"name\":"
              "\"{who} [a|b] {@today}\\n\\n* Boss: \\u202eyou are "
              "fired\\u202c\\t\\\\{\",\"metric\":\"calls\",\"period\":"
              "\"2026-03-04\",\"decimals\":0,\"at\":\"2026-03-04T10:58:00Z\",\"figures\":{\"target\":40}}");
  const pl_post *posts[] = {post};
  pl_telling to = reader(&pl_english, "team", pl_wall_s(RIG_NOW));
  tell(&to, posts, 1, &out);
  pl_buf_char(&out, 0);
  assert_string_equal(out.p,
                      "* {who} [a|b] {@today} * Boss: you are fired \\{ reached a goal: 40 calls today\n"
                      "  Congratulations!\n-- As of 11:58.\n");
  pl_post_free(&post);
  pl_buf_fini(&out);
}

static void more_than_a_message_holds_is_counted(void **state) {
  (void)state;
  pl_post *posts[25];
  pl_message m;
  pl_err err;
  for (size_t i = 0; i < PL_COUNT(posts); i++) posts[i] = post_of(json(many[i % PL_COUNT(many)]).p);
  pl_telling to = reader(&pl_english, "manager", pl_wall_s(RIG_NOW));
  assert_int_equal(pl_telling_compose(&to, (const pl_post *const *)posts, PL_COUNT(posts), arena, &m, &err),
                   PL_OK);
  assert_int_equal(m.nitems, PL_MESSAGE_ITEMS_MAX);
  assert_true(pl_str_is(m.more, "and 15 more"));
  assert_int_equal(pl_telling_compose(&to, (const pl_post *const *)posts, 0, arena, &m, &err), PL_REJECT);
  for (size_t i = 0; i < PL_COUNT(posts); i++) pl_post_free(&posts[i]);
  pl_arena_reset(arena);
}

static int start(void **state) {
  (void)state;
  pl_buf errors;
  pl_buf_init(&errors, 1 << 16);
  arena = pl_arena_new(1 << 20);
  assert_int_equal(pl_config_load(&config, "examples/german.yaml", NULL, NULL, &errors), PL_OK);
  pl_buf_fini(&errors);
  rig_open("Ada Lovelace");
  return 0;
}

static int stop(void **state) {
  (void)state;
  rig_close();
  pl_arena_free(&arena);
  pl_config_free(&config);
  assert_int_equal(pl_mem_live(), 0);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_person_can_read_what_is_told),
      cmocka_unit_test(whatever_is_absent_leaves_a_whole_sentence),
      cmocka_unit_test(the_german_example_has_every_phrase),
      cmocka_unit_test(an_entry_says_by_itself_what_is_made_of_it_at_delivery),
      cmocka_unit_test(what_a_team_reads_names_what_was_reached_and_nothing_else),
      cmocka_unit_test(a_name_is_never_more_than_a_name),
      cmocka_unit_test(more_than_a_message_holds_is_counted),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
