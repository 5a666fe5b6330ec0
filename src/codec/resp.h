/* RESP: commands to Redis as bytes, and what an answer means to the one who asked.
 *
 * A command is an array of bulk strings; its length is said first, so the caller counts before it writes:
 *
 *     pl_resp_begin(buf, 3);
 *     pl_resp_arg(buf, PL_STR("HSET")), pl_resp_arg(buf, key), pl_resp_arg_int(buf, 7);
 *
 * Several commands may follow each other in one buffer as long as each is sent as its own slice.
 *
 * The classes of answers are named by what the caller does. A missing answer is a class of its own: the
 * command may or may not have happened, so the state has to be read again. */
#ifndef PL_CODEC_RESP_H
#define PL_CODEC_RESP_H

#include "base/text.h"
#include "ports.h"

void pl_resp_begin(pl_buf *buf, size_t argc);
void pl_resp_arg(pl_buf *buf, pl_str arg);
void pl_resp_arg_int(pl_buf *buf, int64_t arg);

typedef enum {
  PL_ANSWER_OK,       /* anything but an error, nil too */
  PL_ANSWER_RETRY,    /* nothing happened, and it may succeed later: LOADING, NOSCRIPT, OOM, ... */
  PL_ANSWER_OPERATOR, /* nothing happened, and only a person can mend it: NOAUTH, NOPERM, WRONGTYPE, ... */
  PL_ANSWER_UNKNOWN,  /* the connection was lost: it may have happened */
} pl_answer;

/* The class of a reply; NULL is UNKNOWN. Errors that are not listed are for the operator. */
pl_answer pl_reply_class(const pl_reply *reply);
int64_t pl_reply_number(const pl_reply *reply, int64_t otherwise); /* of a text */

#endif
