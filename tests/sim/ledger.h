/* Ledger: kept beside the scripted Redis, by nobody's command: who may write, and what was told.
 *
 * Each write is held against it: whose the partition is by the latest claim that the data knows, and which
 * keys a partition's owner may touch. An alert that was told may be missing later only if Redis has lost it
 * and the tenure that told it is over: who told it remembers it. */
#ifndef TESTS_SIM_LEDGER_H
#define TESTS_SIM_LEDGER_H

#include "base/text.h"
#include "broker.h"

typedef struct {
  uint64_t name, tenure;
  int32_t partition;
} ledger_told;

typedef struct {
  timeline *t;
  int32_t partitions;
  char owners[PARTITIONS_MAX][80];
  uint32_t claimers[PARTITIONS_MAX]; /* processes */
  ledger_told *told;
  size_t n, room;
  int64_t losses; /* how often data was lost */
} ledger;

void ledger_fini(ledger *l);
/* `process` 0: it is done again after a crash, as it was done. */
void ledger_claim(ledger *l, uint32_t whose, pl_str mark, pl_str owner);
void ledger_write(ledger *l, uint32_t whose, pl_str mark, pl_str owner, const pl_str *command, size_t words);
void ledger_lost(ledger *l); /* all claims; those that are left come again */
bool ledger_may_lack(const ledger *l, pl_str alert, pl_str audience, pl_str at);

#endif
