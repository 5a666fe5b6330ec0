/* Event reader: a mapping, compiled, that turns a record into paceline's event.
 *
 * For Avro it is compiled against one writer's schema, and everything that can be known then is: which bytes
 * are skipped, which enum symbol is which event type. The same mapping reads rows of text (an import) through
 * a callback. Either way the same code judges ids, times, types and texts; a text is composed only on
 * failure.
 *
 * Ids: text without control characters, integers as their digits, uuids as text. Times: timestamps; a plain
 * long in milliseconds; ISO 8601 text with an offset; text by at_format; dates and local timestamps, which
 * leave `at_is_local` set. Numbers that metrics add up, and instants that they measure from, may also come as
 * text. What a person says in an answer may have several lines, ended by \n whatever it came with; other
 * control characters are refused. */
#ifndef PL_CODEC_EVENT_DECODE_H
#define PL_CODEC_EVENT_DECODE_H

#include "codec/mapping.h"
#include "codec/schema.h"

typedef struct pl_event_reader pl_event_reader;

/* Where an event's composed texts live: ids from templates and from numbers. As long-lived as the event. */
typedef struct {
  char id[PL_ID_MAX + 1], rep[40];
  char retracts[40];
  pl_goal_word goal;
  pl_answer_word answer;
  char said[2][PL_FIELD_MAX]; /* reason and plan */
} pl_event_room;

/* `schema`: the writer's; NULL: rows of text. Schema, mapping and policy are borrowed and must outlive it. */
pl_status pl_event_reader_new(pl_event_reader **out, const pl_schema *schema, const pl_mapping *mapping,
                              const pl_policy *policy, pl_err *err) PL_MUST_CHECK;
void pl_event_reader_free(pl_event_reader **reader);
/* Mapped fields that this schema does not have, and that are absent in all its events: "channel, product", or
 * "" when it has all. A typing error or an older version of the schema: worth a warning. */
const char *pl_event_reader_missing(const pl_event_reader *reader);

/* PL_APPLIED: `out` is whole and borrows from `body` and `room`. `why` may be NULL. */
pl_reason pl_event_decode(const pl_event_reader *reader, pl_str body, pl_event_room *room, pl_event *out,
                          pl_err *why);

/* The row's text at a path; false, or an empty text: absent. */
typedef bool pl_lookup_fn(void *ctx, const char *path, pl_str *value);
pl_reason pl_event_from_fields(const pl_event_reader *reader, pl_lookup_fn *lookup, void *ctx,
                               pl_event_room *room, pl_event *out, pl_err *why);

/* A text as the instant in a field: ISO 8601 with an offset, or a day, which is its midnight where the rep
 * is.
 */
bool pl_event_instant(pl_str text, pl_value *out);

#endif
