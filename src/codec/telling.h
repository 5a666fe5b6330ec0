/* Telling: outbox entries as a message for one reader: in their language, by their clock, in their numbers.
 *
 * An entry is one line of JSON (letter.c writes those of alerts, view_notice.c those for operators):
 *
 *     {"id", "kind", "audience", "recipient", "entity", "entity_kind", "name", "team", "goal", "metric",
 * "unit", "decimals", "period", "reason", "since", "at", "until", "due", "plan", "lower", "gauge",
 * "partition", "never", "turn": instant at which the manager hears, "answer": {"reason", "plan", "at"},
 * "figures": {"actual", "target", "line", "chance", "needed_today", ...}}
 *
 * A digest is an entry of its own kind. Each item has what an alert's entry has, as far as it is known, so
 * that the same words can be made of it:
 *
 *     {"id", "kind": "digest", "audience": "manager" or "rep", "recipient", "team", "period": of a day, "at",
 *      "sections": [{"key": "help", "items": [{"name", "goal", "metric", "decimals", "unit", "period", "due",
 *                                              "figures": {"actual", "target", "chance", "needed_today"},
 *                                              "answer": {"reason", "plan", "at"}}, ...]},
 *                   {"key": "on_pace",    "items": [{"name", "goal", "metric", "period", "figures"}]},
 *                   {"key": "improved",   "items": [{"name", "metric", "period", "figures": {"actual",
 * "line"}}]},
 *                   {"key": "initiative", "items": [{"name", "goal", "reason": "proposed"}, {"name",
 * "reason": "agreed"}, {"name", "reason": "answered", "count": 2}]},
 *                   {"key": "gap",        "items": [{"name", "metric", "period", "figures": {"target",
 * "gap"}}]},
 *                   {"key": "held",       "items": [entries of alerts that waited for the digest],
 *                    "more": how many there are besides}]}
 *
 * `improved`: line is what it was before. A section of another key needs the phrases digest.<key>.title and
 * .text; one without items is not shown, and a digest without any says that all is well.
 *
 * What is told to a team names recognition only: entries of other kinds are refused for it, and of what they
 * hold only who, which goal and how much can be said. */
#ifndef PL_CODEC_TELLING_H
#define PL_CODEC_TELLING_H

#include "base/mem.h"
#include "codec/matter.h"
#include "codec/message.h"
#include "codec/phrasebook.h"
#include "codec/post.h"
#include "paceline/zone.h"

/* Who reads, and when. */
typedef struct {
  const char *audience; /* "rep", "manager", "team", "ops" */
  const pl_phrasebook *book;
  const pl_zone *zone; /* NULL: instants are said in ISO 8601, in UTC */
  pl_wall now;
  pl_wall aged; /* told before: only counted, but for concerns that still stand; PL_BEGINNING: nothing is */
  bool (*link)(void *ctx, const pl_post *post,
               pl_buf *out); /* where to answer; false: nowhere; may be NULL */
  void *ctx;
} pl_telling;

/* Of a digest's section; more are counted. */
enum { PL_TELLING_LINES_MAX = 20 };

/* Some entries as one message, whose texts lie in the arena (1 MiB is enough). Its id is the first entry's.
 * REJECT: there is nothing to say, or an entry may not be told to this audience. */
pl_status pl_telling_compose(const pl_telling *to, const pl_post *const *posts, size_t n, pl_arena *arena,
                             pl_message *out, pl_err *err) PL_MUST_CHECK;

/* The title and the text as one paragraph. */
void pl_telling_say(const pl_telling *to, const pl_matter *matter, pl_buf *out);

/* May it be told to a team? */
bool pl_telling_is_recognition(pl_str kind);

/* What a phrase of a message, or of time, can name, for `check`; NULL ends. */
typedef enum { PL_VALUE_TEXT, PL_VALUE_NUMBER, PL_VALUE_NOUN } pl_value_is;
const char *pl_telling_value(size_t i, pl_value_is *is);

#endif
