/* Log: one line a fact, logfmt, on standard error. Lines carry ids, never payloads or names; each class of
 * message is limited to PL_LOG_BURST lines a second, and what was held back is counted in the next line. */
#ifndef PL_BASE_LOG_H
#define PL_BASE_LOG_H

#include "base/status.h"
#include "base/time.h"

typedef enum { PL_LOG_ERROR, PL_LOG_WARN, PL_LOG_INFO, PL_LOG_DEBUG } pl_log_level;

enum { PL_LOG_BURST = 10 };

void pl_log_set_level(pl_log_level level);
/* `what` names the class: a literal such as "kafka.connect"; the text is free. */
void pl_log(pl_log_level level, const char *what, const char *fmt, ...) PL_PRINTF(3, 4);

#endif
