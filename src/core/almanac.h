/* Almanac: zones and working calendars, made when first asked for and shared by all partitions of a process.
 */
#ifndef PL_CORE_ALMANAC_H
#define PL_CORE_ALMANAC_H

#include "paceline/core.h"

/* NULL: there is no such zone. */
const pl_zone *pl_almanac_zone(pl_almanac *almanac, pl_str name);
const pl_zone *pl_almanac_default_zone(const pl_almanac *almanac);
/* The calendar of that index in the policy, in this zone. */
pl_workcal *pl_almanac_workcal(pl_almanac *almanac, size_t calendar, const pl_zone *zone);

#endif
