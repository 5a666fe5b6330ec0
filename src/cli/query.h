/* Query: Redis, one question at a time; for verbs, which have nothing else to do meanwhile. */
#ifndef PL_CLI_QUERY_H
#define PL_CLI_QUERY_H

#include "codec/keys.h"
#include "config/config.h"
#include "ports.h"

typedef struct pl_query pl_query;

/* Connects to the Redis of the configuration, which is borrowed. AGAIN: nobody answers within ten seconds. */
pl_status pl_query_open(pl_query **out, const pl_config *config, pl_err *err) PL_MUST_CHECK;
void pl_query_close(pl_query **query);

/* The answer, valid until the next question; what is no answer but an error or a lost connection ends as an
 * empty one, and pl_query_failed says so from then on. */
const pl_reply *pl_query_ask(pl_query *query, size_t argc, const pl_str *argv);
bool pl_query_failed(const pl_query *query, pl_err *err);

/* Each item of a hash (field, value), or of the database's keys (key, empty) where `key` is empty, that
 * matches; an empty match: all. `each` may ask on its own. */
typedef void pl_query_item_fn(void *ctx, pl_str name, pl_str value);
void pl_query_scan(pl_query *query, pl_str key, pl_str match, pl_query_item_fn *each, void *ctx);
/* Each line of a stream, from the oldest or from the newest on, until `each`, which may ask on its own, says
 * that it has enough. */
typedef bool pl_query_line_fn(void *ctx, pl_str id, const pl_reply *fields);
void pl_query_lines(pl_query *query, pl_str stream, bool newest_first, pl_query_line_fn *each, void *ctx);

/* What Redis has that it should not have, or lacks; "": nothing. */
const char *pl_query_warnings(const pl_query *query);
/* What Redis was written for; 0: nothing was. */
int32_t pl_query_partitions(pl_query *query);
/* The partition that a rep's or team's state and outbox lie in. */
int32_t pl_query_home(pl_query *query, pl_str id);

/* A field of a hash that HGETALL answered; NULL: it is not there. */
const pl_str *pl_reply_field(const pl_reply *hash, const char *name);

#endif
