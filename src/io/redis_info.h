/* Redis info: what a server says of itself in INFO, held against what the state needs. Pure. */
#ifndef PL_IO_REDIS_INFO_H
#define PL_IO_REDIS_INFO_H

#include "base/text.h"

/* The value of one of INFO's lines, `name:value`; empty if there is none. */
pl_str pl_redis_info_find(pl_str info, const char *name);
/* Appends a line for each setting that endangers the state: found, why it matters, remedy. */
void pl_redis_info_check(pl_str info, pl_buf *warnings);

#endif
