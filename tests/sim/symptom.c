#include "symptom.h"

#include "base/status.h"

static const int64_t S = 1000000;

const symptom symptoms[] = {
    {"state was read after Redis had been emptied, and belonged to no mark: events were lost",
     0,
     false,
     false,
     {{FAULT_KILL, 4 * S}, {FAULT_REDIS_FLUSH_AT_CLAIM, 3 * S}}},
    {"batches that were executed twice made the mark's count run ahead: a lost tail went unseen",
     0,
     false,
     false,
     {{FAULT_REDIS_DEAF, 3 * S}, {FAULT_REDIS_TAIL, 9 * S}}},
    {"what an old connection brought late undid what a newer one had written: events were lost",
     0,
     false,
     false,
     {{FAULT_REDIS_LATE, 4 * S}}},
    {"an owner with nothing to write did not notice that it was fenced, and delivered an alert each second",
     0.5,
     false,
     false,
     {{FAULT_REDIS_CLAIM, 4 * S}}},
    {"a tenure that started over waited for a list that had been dropped: alerts were not delivered",
     0,
     false,
     false,
     {{FAULT_RELOAD, 2 * S}, {FAULT_REDIS_SLOW, 4 * S}}},
    {"a mark that was taken again, and not yet written, passed for a lost tail: what Kafka had dropped was "
     "lost",
     0,
     false,
     false,
     {{FAULT_REDIS_FLUSH, 7 * S}, {FAULT_REDIS_DEAF, 2 * S}, {FAULT_LOG_TRIM, 3 * S}}},
    {"Redis lost its tail, and Kafka what to replay it from: a partition was held that the memory held whole",
     0,
     true,
     false,
     {{FAULT_REDIS_TAIL_LOG_TRIM, 16 * S}}},
    {"a rebalance while Redis was empty threw away the memory that held everything: a partition was held",
     0,
     true,
     true,
     {{FAULT_REDIS_FLUSH, 5 * S}, {FAULT_KAFKA_CUT, 9 * S}}},
};
const int nsymptoms = (int)PL_COUNT(symptoms);
