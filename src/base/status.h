/* Status: what the caller does next, and the words a person reads.
 *
 * A function that can fail returns a pl_status and writes its text into a pl_err that the caller owns. The
 * four values are named by what the caller does, not by what went wrong. Input errors are never assertions;
 * assertions (PL_ASSERT) are for programmer errors and stay on in release. */
#ifndef PL_BASE_STATUS_H
#define PL_BASE_STATUS_H

#include <stddef.h>

typedef enum {
  PL_OK,
  PL_AGAIN,  /* the environment is not ready: back off, retry */
  PL_REJECT, /* this input is bad: count, dead-letter, go on */
  PL_FATAL,  /* stop; state is safe */
} pl_status;

typedef struct {
  char text[1024]; /* one message for a person: where, what was found, what was expected, the remedy */
} pl_err;

#define PL_MUST_CHECK              __attribute__((warn_unused_result))
#define PL_PRINTF(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))

/* Writes the message and returns `status`, so that a failure is one line: return pl_fail(err, PL_REJECT,
 * ...). */
pl_status pl_fail(pl_err *err, pl_status status, const char *fmt, ...) PL_PRINTF(3, 4);

_Noreturn void pl_assert_failed(const char *what, const char *file, int line);
#define PL_ASSERT(cond) ((cond) ? (void)0 : pl_assert_failed(#cond, __FILE__, __LINE__))

#define PL_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
