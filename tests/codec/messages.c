/* Messages: writes some, each as it is and as every sink for people lays it out, for test_messages.py to
 * judge.
 *
 *   messages FOLDER              those in tests/golden/messages
 *   messages FOLDER SEED COUNT   made-up ones: mark-up of every sink, long, empty, cut anywhere, not UTF-8
 *
 * FOLDER/NAME.message.json, and NAME.slack.json, .slack_bot.json, .teams.json, .smtp.eml */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "codec/sink.h"

static const char *folder;

static void write_file(const char *name, const char *kind, const char *end, pl_str text) {
  char path[4096];
  (void)snprintf(path, sizeof path, "%s/%s.%s.%s", folder, name, kind, end);
  FILE *f = fopen(path, "wb");
  PL_ASSERT(f && fwrite(text.p, 1, text.n, f) == text.n && fclose(f) == 0);
}

/* --- as it is */

static void member(pl_buf *out, const char *name, pl_str text) {
  pl_buf_printf(out, "\"%s\":", name);
  pl_buf_json(out, text);
  pl_buf_char(out, ',');
}

static void as_it_is(const pl_message *m, pl_buf *out) {
  pl_buf_char(out, '{');
  member(out, "id", m->id), member(out, "about", m->about), member(out, "subject", m->subject);
  member(out, "lead", m->lead), member(out, "more", m->more), member(out, "footer", m->footer);
  pl_buf_printf(out, "\"at_s\":%lld,\"items\":[", (long long)m->at_s);
  for (size_t i = 0; i < m->nitems; i++) {
    const pl_message_item *item = &m->items[i];
    pl_buf_text(out, i ? ",{" : "{");
    member(out, "title", item->title), member(out, "text", item->text);
    member(out, "link", item->link), member(out, "link_label", item->link_label);
    pl_buf_text(out, "\"facts\":[");
    for (size_t k = 0; k < item->nfacts; k++) {
      pl_buf_text(out, k ? ",[" : "[");
      pl_buf_json(out, item->facts[k].label), pl_buf_char(out, ',');
      pl_buf_json(out, item->facts[k].value), pl_buf_char(out, ']');
    }
    pl_buf_text(out, "]}");
  }
  pl_buf_text(out, "]}");
}

static void lay_out(const char *name, const pl_message *m) {
  static const pl_sink_kind kinds[] = {PL_SINK_SLACK, PL_SINK_SLACK_BOT, PL_SINK_TEAMS, PL_SINK_SMTP};
  pl_buf out;
  pl_buf_init(&out, 1 << 24);
  as_it_is(m, &out);
  PL_ASSERT(!out.full);
  write_file(name, "message", "json", pl_buf_str(&out));
  for (size_t i = 0; i < PL_COUNT(kinds); i++) {
    pl_parcel parcel = {.id = m->id, .from = PL_STR("pace@example.com"), .message = m};
    if (kinds[i] == PL_SINK_SLACK_BOT) parcel.address = PL_STR("U024BE7LH");
    if (kinds[i] == PL_SINK_SMTP) parcel.address = PL_STR("r.one@example.com");
    pl_buf_clear(&out);
    pl_sink_encode(kinds[i], &parcel, &out);
    PL_ASSERT(!out.full && out.n <= pl_sink_type_of(kinds[i])->body_max);
    write_file(name, pl_sink_type_of(kinds[i])->name, kinds[i] == PL_SINK_SMTP ? "eml" : "json",
               pl_buf_str(&out));
  }
  pl_buf_fini(&out);
}

/* --- what people get */

#define FACT(l, v)                                                                                           \
  { PL_STR(l), PL_STR(v) }
#define ANSWER PL_STR("https://pace.example.com/a/eyJhIjoiYjNmMSIsImUiOjE3NzI2NDM2MDB9.k3Jx0w")

static void show(void) {
  const pl_message_fact calls[] = {FACT("Calls today", "21 of 40"), FACT("On the line by now", "28"),
                                   FACT("Chance to reach it", "18 %")};
  const pl_message_fact revenue[] = {FACT("Revenue, Q1 2026", "412,500.00 of 900,000.00 EUR"),
                                     FACT("On the line by now", "470,000.00 EUR")};
  const pl_message_item mine = {
      PL_TONE_CONCERN,
      PL_STR("Calls today: 4 more bring you back"),
      PL_STR(
          "Your 3 calls before 11:00 are usually 6. 4 more calls by 18:00 bring the day back on its line.\n"
          "Your plan: \"Two follow-ups before lunch.\""),
      calls,
      PL_COUNT(calls),
      ANSWER,
      PL_STR("Say what helps")};
  lay_out("behind",
          &(pl_message){.id = PL_STR("b3f1c2"),
                        .subject = mine.title,
                        .items = &mine,
                        .nitems = 1,
                        .footer = PL_STR("As known at 11:05. Only you see this; your manager hears of it "
                                         "at 13:05, with your answer."),
                        .at_s = 1772622300});
  const pl_message_item team[] = {
      {PL_TONE_CONCERN, PL_STR("Zoë Łukasiewicz: calls today"),
       PL_STR("21 of 40, on the line it would be 28.\nHer answer, 11:20: \"Customer visit until 13:00, then "
              "calls.\""),
       calls, 2, ANSWER, PL_STR("Open")},
      {PL_TONE_CONCERN,
       PL_STR("R&D <North>: revenue this quarter"),
       PL_STR("412,500.00 of 900,000.00 EUR. Demos are short: 3 this week, usually 8."),
       revenue,
       PL_COUNT(revenue),
       {0},
       {0}}};
  lay_out("manager", &(pl_message){.id = PL_STR("b3f1c2:manager:r7"),
                                   .about = PL_STR("b3f1c2"),
                                   .subject = PL_STR("Two of your team are behind their goals"),
                                   .lead = PL_STR("Both have heard of it; what they plan comes with it."),
                                   .items = team,
                                   .nitems = 2,
                                   .more = PL_STR("and 1 more in the digest at 16:30"),
                                   .footer = PL_STR("As known at 13:05. For you as their manager."),
                                   .at_s = 1772629500});
  const pl_message_item met = {PL_TONE_RECOGNITION,
                               PL_STR("李小龍 has met today's goal: 40 calls 🎉"),
                               PL_STR("The fifth day in a row."),
                               NULL,
                               0,
                               {0},
                               {0}};
  lay_out("met",
          &(pl_message){
              .id = PL_STR("77aa01"), .subject = met.title, .items = &met, .nitems = 1, .at_s = 1772641020});
}

/* --- what nobody should get */

static pl_random dice;

static const char *const pieces[] = {"<!channel>",
                                     "<@U024BE7LH>",
                                     "*bold*",
                                     "_it_",
                                     "`code`",
                                     "~gone~",
                                     "&amp;",
                                     "&",
                                     "<b>",
                                     "</a>",
                                     "[x](http://e.example)",
                                     "\"",
                                     "'",
                                     "\\",
                                     "{{DATE(1)}}",
                                     "- list",
                                     "1. list",
                                     "# head",
                                     "| a |",
                                     "http://e.example/",
                                     "@here",
                                     "\xC3\xA9",
                                     "e\xCC\x81",
                                     "\xE6\x9D\x8E",
                                     "\xF0\x9F\x8E\x89",
                                     "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB",
                                     "\xFF",
                                     "\xC3",
                                     "\x01",
                                     "\r\nBcc: x@e.example\r\n",
                                     "\n",
                                     "\n.\n",
                                     ". ",
                                     " ",
                                     "words ",
                                     "a",
                                     "=?UTF-8?B?",
                                     "--=_paceline",
                                     "\xC2\x85",
                                     "]]>",
                                     "=20",
                                     "\t"};

/* Its bytes are in `arena` as long as the message. */
static pl_str made_up(pl_arena *arena, size_t longest) {
  pl_buf out;
  pl_buf_init(&out, 1 << 20);
  size_t max = pl_random_chance(&dice, 0.1)   ? 0
               : pl_random_chance(&dice, 0.2) ? longest
                                              : (size_t)pl_random_in(&dice, 0, 120);
  const char *only =
      pl_random_chance(&dice, 0.2) ? pieces[pl_random_in(&dice, 0, PL_COUNT(pieces) - 1)] : NULL;
  while (out.n < max) pl_buf_text(&out, only ? only : pieces[pl_random_in(&dice, 0, PL_COUNT(pieces) - 1)]);
  pl_str text = {pl_arena_text(arena, out.p ? out.p : "", out.n), out.n};
  pl_buf_fini(&out);
  return text;
}

static void make_up(const char *name) {
  pl_arena *arena = pl_arena_new(1 << 26);
  pl_message_fact facts[PL_MESSAGE_ITEMS_MAX][12];
  pl_message_item items[PL_MESSAGE_ITEMS_MAX];
  size_t longest = pl_random_chance(&dice, 0.3) ? 8000 : 200;
  size_t nitems = pl_random_chance(&dice, 0.3) ? PL_MESSAGE_ITEMS_MAX : (size_t)pl_random_in(&dice, 0, 3);
  for (size_t i = 0; i < nitems; i++) {
    size_t nfacts = (size_t)pl_random_in(&dice, 0, 12);
    for (size_t k = 0; k < nfacts; k++)
      facts[i][k] = (pl_message_fact){made_up(arena, longest), made_up(arena, longest)};
    pl_str link = pl_random_chance(&dice, 0.3)   ? made_up(arena, longest)
                  : pl_random_chance(&dice, 0.8) ? ANSWER
                                                 : (pl_str){0};
    items[i] =
        (pl_message_item){PL_TONE_NOTICE, made_up(arena, longest), made_up(arena, longest), facts[i], nfacts,
                          link,           made_up(arena, longest)};
  }
  lay_out(name, &(pl_message){.id = made_up(arena, 200),
                              .about = made_up(arena, 200),
                              .subject = made_up(arena, longest),
                              .lead = made_up(arena, longest),
                              .items = items,
                              .nitems = nitems,
                              .more = made_up(arena, longest),
                              .footer = made_up(arena, longest),
                              .at_s = pl_random_in(&dice, -1000, INT64_C(300000000000))});
  pl_arena_free(&arena);
}

int main(int argc, char **argv) {
  if (argc != 2 && argc != 4) return 64;
  folder = argv[1];
  if (argc == 2) {
    show();
    return 0;
  }
  dice = pl_random_of(strtoull(argv[2], NULL, 10));
  for (int i = 0, n = (int)strtol(argv[3], NULL, 10); i < n; i++) {
    char name[16];
    (void)snprintf(name, sizeof name, "%05d", i);
    make_up(name);
  }
  return 0;
}
