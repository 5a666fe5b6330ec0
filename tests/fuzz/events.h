/* Events: what readers may say has happened, and the schemas and mappings that they say it by. */
#ifndef TESTS_FUZZ_EVENTS_H
#define TESTS_FUZZ_EVENTS_H

#include "codec/event_decode.h"

enum { EVENTS_SCHEMAS = 3, EVENTS_MAPPINGS = 3 };
extern const char
    *const events_schemas[]; /* of the first ones, in single quotes; the last is activity.avsc */
extern const pl_policy events_policy;
extern const pl_mapping events_mappings[], events_of_rows; /* of the first ones; of rows */

void events_check(const pl_event *event); /* is all that the header promises */

#endif
