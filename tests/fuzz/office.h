/* Office: the company of office.yaml, at work since Monday, 2026-03-02. What a target reads goes through it
 * to what readers of Redis would see. */
#ifndef TESTS_FUZZ_OFFICE_H
#define TESTS_FUZZ_OFFICE_H

#include "config/config.h"
#include "core/partition.h"

#define OFFICE_MONDAY ((pl_wall){INT64_C(1772406000000)}) /* its midnight in Berlin */

const pl_config *office(void); /* lives as long as the process */
/* A partition with the facts in it, before it has begun. */
pl_core *office_open(void);
void office_close(pl_core **core);
/* Begins at that instant and lives for so many days; what is seen then is all finite. */
void office_live(pl_core *core, pl_wall clock, int days);
void office_see(pl_core *core, pl_wall until); /* the same of one that has begun */

#endif
