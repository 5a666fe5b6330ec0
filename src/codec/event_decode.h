/* Event reader: the mappings of a topic, compiled, that turn a record into paceline's events.
 *
 * For Avro they are compiled against one writer's schema, and everything that can be known then is: which
 * bytes are skipped, which enum symbol is which event type, which mapping this writer cannot serve. The same
 * mappings read JSON objects, and rows of text through a callback. A record is read once, whatever is made of
 * it; it counts wholly or not at all: one event that cannot be made refuses the record. A text is composed
 * only on failure.
 *
 * Ids: text without control characters, integers as their digits, uuids as text. Times: timestamps; a plain
 * long in milliseconds, or in at_unit; ISO 8601 text with an offset; text by at_format; dates and local
 * timestamps, which leave `at_is_local` set. Numbers that metrics add up, and instants that they measure
 * from, may also come as text. What a person says in an answer may have several lines, ended by \n whatever
 * it came with; other control characters are refused. */
#ifndef PL_CODEC_EVENT_DECODE_H
#define PL_CODEC_EVENT_DECODE_H

#include "codec/mapping.h"
#include "codec/schema.h"

typedef enum { PL_FORM_AVRO, PL_FORM_JSON, PL_FORM_ROW /* a row of text */ } pl_form;

typedef struct pl_event_reader pl_event_reader;
typedef struct pl_json_room pl_json_room; /* codec/json_plan.h */

/* Where an event's composed texts live: ids from templates and from numbers. As long-lived as the event. */
typedef struct {
  char id[PL_ID_MAX + 1], retracts[PL_ID_MAX + 1];
  char rep[40], word[40];
  char things[PL_FIELDS_MAX][40]; /* fields that are words, of numbers */
  pl_goal_word goal;
  pl_answer_word answer;
  char said[2][PL_FIELD_MAX]; /* reason and plan */
} pl_event_room;

typedef struct {
  size_t mapping; /* which of the topic's made it */
  pl_str word;    /* its type in words: the policy's, or the record's own */
  pl_event event;
  pl_event_room room;
} pl_made;

/* `schema`: the writer's, of Avro; else NULL. All but `out` and `err` are borrowed and must outlive it. */
pl_status pl_event_reader_new(pl_event_reader **out, pl_form form, const pl_schema *schema,
                              const pl_mapping *mappings, size_t nmappings, const pl_policy *policy,
                              pl_err *err) PL_MUST_CHECK;
void pl_event_reader_free(pl_event_reader **reader);
/* Mapped fields that this schema does not have, and that are absent in all its events, "channel, product", or
 * "" when it has all; of a mapping that can make none without them, that mapping. A typing error or another
 * version of the schema: worth a warning. */
const char *pl_event_reader_missing(const pl_event_reader *reader);

/* PL_APPLIED: `n` events, none if no mapping makes one of it; they borrow from `body`, from their own rooms
 * and, of JSON, from `texts` (else NULL). `out` has room for pl_mappings_most of them; `why` may be NULL. */
pl_reason pl_events_decode(pl_event_reader *reader, pl_str body, pl_json_room *texts, pl_made *out, size_t *n,
                           pl_err *why);

/* Of the record that was read last, by mapping: the condition that kept it from making an event; NULL: none
 * did. */
const pl_condition *const *pl_events_unmet(const pl_event_reader *reader);

/* The row's text at a path; false, or an empty text: absent. */
typedef bool pl_lookup_fn(void *ctx, const char *path, pl_str *value);
pl_reason pl_events_from_fields(pl_event_reader *reader, pl_lookup_fn *lookup, void *ctx, pl_made *out,
                                size_t *n, pl_err *why);

/* A text as the instant in a field: ISO 8601 with an offset, or a day, which is its midnight where the rep
 * is.
 */
bool pl_event_instant(pl_str text, pl_value *out);

#endif
