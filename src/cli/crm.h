/* CRM: the demo's CRM, which writes what happens in the company to Kafka.
 *
 * Records are keyed by rep with murmur2 and stamped with simulated time. After each stretch of time every
 * partition gets a heartbeat, so that time goes on also where nobody does anything. Blocking, for
 * command-line programs only. */
#ifndef PL_CLI_CRM_H
#define PL_CLI_CRM_H

#include "cli/company.h"

enum { PL_CRM_PARTITIONS_MAX = 64 };
/* Schema ids that it writes with, as the configuration names them. */
enum { PL_CRM_ACTIVITY = 1, PL_CRM_ROSTER, PL_CRM_GOALS, PL_CRM_TEAM };

typedef struct pl_crm pl_crm;

/* The topics are there already. AGAIN: the broker does not answer. */
pl_status pl_crm_new(pl_crm **out, const char *brokers, pl_err *err) PL_MUST_CHECK;
void pl_crm_free(pl_crm **crm);

/* The teams and the roster. */
pl_status pl_crm_facts(pl_crm *crm, const pl_company *company, pl_err *err) PL_MUST_CHECK;
/* Everything that the company does up to `until`, and a heartbeat for every partition. */
pl_status pl_crm_live(pl_crm *crm, pl_company *company, pl_wall until, pl_err *err) PL_MUST_CHECK;
/* A rep answers an alert. */
pl_status pl_crm_answer(pl_crm *crm, pl_str rep, pl_wall at, const pl_answer_word *word,
                        pl_err *err) PL_MUST_CHECK;
/* Waits until the broker has everything. */
pl_status pl_crm_flush(pl_crm *crm, pl_err *err) PL_MUST_CHECK;

int32_t pl_crm_partitions(const pl_crm *crm);             /* of the activities */
int64_t pl_crm_end(const pl_crm *crm, int32_t partition); /* the offset after the last acknowledged one */

#endif
