#include "codec/mapping.h"

void pl_mapping_default(pl_mapping *out, const pl_policy *policy) {
  *out = (pl_mapping){.id = "event_id",
                      .rep = "rep",
                      .at = "occurred_at",
                      .at_of_day = -1,
                      .type_path = "type",
                      .retracts = "retracts",
                      .metric = "metric",
                      .amount = "amount",
                      .source = "source",
                      .complete_to = "complete_to",
                      .goal = "goal",
                      .answer = "answer"};
  for (size_t i = 0; i < policy->nfields; i++) out->fields[i] = policy->fields[i];
}
