/* The verbs of the command line, one file each. Each takes its own arguments (argv[0] is the verb) and
 * returns an exit code of sysexits.h; only main ends the process. */
#ifndef PL_CLI_CLI_H
#define PL_CLI_CLI_H

#include "config/config.h"
#include "io/kafka.h"
#include "ports.h"

struct event_base;
struct pl_http_client;

int pl_cli_run(int argc, char **argv);
int pl_cli_alerts(int argc, char **argv);
int pl_cli_answer(int argc, char **argv);
int pl_cli_check(int argc, char **argv);
int pl_cli_dlq(int argc, char **argv);
int pl_cli_demo(int argc, char **argv);
int pl_cli_erase(int argc, char **argv);
int pl_cli_explain(int argc, char **argv);
int pl_cli_goal(int argc, char **argv);
int pl_cli_import(int argc, char **argv);
int pl_cli_rekey(int argc, char **argv);
int pl_cli_replay(int argc, char **argv);
int pl_cli_silence(int argc, char **argv);
int pl_cli_test(int argc, char **argv);
int pl_cli_token(int argc, char **argv);
int pl_cli_verify(int argc, char **argv);

/* --- what verbs share */

/* Loads the file and says on stderr what is wrong with it; NULL: the verb ends with EX_CONFIG. */
pl_config *pl_cli_config(const char *path);
/* The same with options of another file laid over it, and what is wrong in `errors`. */
pl_config *pl_cli_config_with(const char *path, const struct pl_yaml *over, pl_buf *errors);
/* The same as if the topic that `set` maps were its activities: for readers of that topic. */
pl_config pl_cli_as_read(const pl_config *config, const pl_mapping_set *set);
/* What the configuration says of Kafka, for an adapter; lives as long as the configuration. REJECT: a file
 * of kafka.property_files. */
pl_status pl_cli_kafka(pl_kafka_config *out, const pl_config *config, pl_err *err) PL_MUST_CHECK;
/* The store that the configuration names; REJECT: a password's file. */
pl_status pl_cli_redis(pl_store **out, const pl_config *config, struct event_base *base,
                       pl_err *err) PL_MUST_CHECK;
/* The schema registry that the configuration names, which lives as long; NULL: none is named. */
pl_status pl_cli_registry(pl_registry **out, const pl_config *config, struct event_base *base,
                          struct pl_http_client *client, pl_err *err) PL_MUST_CHECK;
/* Asks Kafka, the schema registry and Redis, says on stdout what they answer; is everything there? */
bool pl_cli_live(const pl_config *config);
/* The TZif bytes of one of the system's zones; for pl_almanac_new. */
bool pl_cli_zone(void *ctx, const char *name, pl_buf *out);

#endif
