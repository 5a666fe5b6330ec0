/* Inside the record: what its files share. Nobody else includes this.
 *
 *   record.c        a subject: where it stands, its goals, the words on them, its habits
 *   part.c          what a partition contributes to a team
 *   record_cells.c  counters, and the values that all of them are written with */
#ifndef PL_CODEC_RECORD_INSIDE_H
#define PL_CODEC_RECORD_INSIDE_H

#include "core/partition.h"

enum { PL_RECORD_VERSION = 1 }; /* the first byte of each */

void pl_record_put_text(pl_buf *out, const char *text);
pl_str pl_record_text(pl_reader *in);
/* A double as the bits of its value; never NAN. */
void pl_record_put_double(pl_buf *out, double v);
double pl_record_double(pl_reader *in);
/* What a working core cannot have written is bad. An instant of the years 1 to 9999, or `none`. */
pl_wall pl_record_instant(pl_reader *in, pl_wall none);
int32_t pl_record_day(pl_reader *in);                  /* of these years, or PL_DAY_ALWAYS */
int32_t pl_record_period(pl_reader *in, pl_unit unit); /* the number of one that lies in these years */
/* The metric whose definition has the hash that comes next; -1: there is none any more. */
int pl_record_metric(const pl_policy *policy, pl_reader *in);

void pl_record_put_cells(const pl_policy *policy, pl_cell *const *cells, pl_buf *out);
/* A rep's by the record's team slots; a team's are added to those that it has. */
void pl_record_cells(pl_subject *subject, pl_reader *in);

#endif
