/* Phrasebook: all that a language says: its phrases, its nouns, how it writes numbers and days.
 *
 * English comes along (english.c). What the configuration says of a language is laid over it, phrase by
 * phrase, so that a language that lacks one still says something. A message's two parts are
 *
 *     <kind>.<audience>.title, <kind>.<audience>.text      such as behind.rep.title
 *     <kind>.title, <kind>.text                            for audiences without their own
 *
 * and a book's own phrase for any audience goes before English for this one; .body is what is said where the
 * figures are not shown beside the text. All other phrases are words and parts of sentences: `today`,
 * `stands`. */
#ifndef PL_CODEC_PHRASEBOOK_H
#define PL_CODEC_PHRASEBOOK_H

#include "codec/phrase.h"
#include "paceline/period.h"

typedef struct {
  const char *name, *text;
} pl_phrase;

/* What a metric, a goal or a unit is called: `calls` in the configuration, "Anruf", "Anrufe" in a message. */
typedef struct {
  const char *name;
  pl_str one, other;
} pl_noun;

typedef struct {
  const char *language;
  bool english;        /* it is laid over the same language, so nothing is missing */
  pl_str group, point; /* 1,234.5 */
  bool unit_first;     /* EUR 1: where a currency stands */
  const pl_phrase *phrases;
  size_t nphrases;
  const pl_noun *nouns;
  size_t nnouns;
} pl_phrasebook;

extern const pl_phrasebook pl_english;

typedef struct {
  const pl_phrasebook *items;
  size_t n;
  const char *language; /* of who says no other; NULL: English */
} pl_phrasebooks;
/* Of that language or a wider one, laid over English; NULL: there is none. */
const pl_phrasebook *pl_phrasebooks_own(const pl_phrasebooks *books, pl_str language);
/* Of a reader's language: `de-AT` finds de-AT, then de, then the one that is for all. Never NULL. */
const pl_phrasebook *pl_phrasebooks_find(const pl_phrasebooks *books, pl_str language);

/* NULL: there is none, in English neither. */
const char *pl_phrasebook_find(const pl_phrasebook *book, pl_str name);
/* A message's part; NULL: there is no such message. */
const char *pl_phrasebook_part(const pl_phrasebook *book, const char *kind, const char *audience,
                               const char *part);
/* Every phrase there is in English, which is every phrase there is; NULL ends. */
const char *pl_phrasebook_name(size_t i);
/* Does the book say it itself? */
bool pl_phrasebook_has(const pl_phrasebook *book, pl_str name);
/* What can be said of: `behind`, `digest.help`, each also for one audience. False: a word, or nothing. */
bool pl_phrasebook_is_message(pl_str name);
/* A phrase about time, filled with days and hours; all others are filled with what telling.h names. */
bool pl_phrasebook_is_time(pl_str name);
const char *pl_phrasebook_time_value(size_t i); /* NULL ends; all but weekday, month, date... are numbers */

/* `1,234.5 EUR`; decimals: of the metric, -1: as many as there are. */
void pl_phrasebook_amount(const pl_phrasebook *book, double v, int decimals, pl_str unit, pl_buf *out);
/* The noun, or what the name itself says: `win_rate` is win rate, and in English one of `calls` is a call. */
pl_phrase_value pl_phrasebook_noun(const pl_phrasebook *book, pl_str name, pl_buf *room);

/* How the reader's clock shows an instant, seen from `now`: `16:30`, `tomorrow 16:30`, `4 March 16:30`; where
 * there is no such clock, in ISO 8601. */
void pl_phrasebook_moment(const pl_phrasebook *book, const pl_zone *zone, pl_wall t, pl_wall now,
                          pl_buf *out);
/* A period as a message speaks of it: `today`, `this week`, `in March`. */
void pl_phrasebook_period(const pl_phrasebook *book, const pl_zone *zone, pl_str period, pl_wall now,
                          pl_buf *out);

#endif
