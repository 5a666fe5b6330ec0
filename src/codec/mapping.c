#include "codec/mapping.h"

void pl_mapping_default(pl_mapping *out, const pl_policy *policy) {
  *out = (pl_mapping){.id = "event_id",
                      .rep = {.paths = {"rep"}},
                      .at = {.paths = {"occurred_at"}},
                      .at_of_day = -1,
                      .type = {.paths = {"type"}},
                      .currency = {.paths = {"currency"}},
                      .retracts = "retracts",
                      .more = "more",
                      .metric = "metric",
                      .amount = "amount",
                      .source = "source",
                      .complete_to = "complete_to",
                      .goal = "goal",
                      .answer = "answer"};
  for (size_t i = 0; i < policy->nfields; i++) out->fields[i].paths[0] = policy->fields[i];
}

size_t pl_mappings_most(const pl_mapping *mappings, size_t n) {
  size_t most = 0;
  for (size_t i = 0; i < n; i++)
    most += (size_t)(mappings[i].after ? 2 : 1) * (mappings[i].each ? PL_EACH_MAX : 1);
  return most < PL_EVENTS_MAX ? most : PL_EVENTS_MAX;
}
