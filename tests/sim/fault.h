/* Fault: what befalls processes, Kafka and Redis, by name.
 *
 * A seed has some of them, not all: what one hides another does not come to light by. */
#ifndef TESTS_SIM_FAULT_H
#define TESTS_SIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct world world;

/* Name, and what it does. */
#define FAULTS_LIST(X)                                                                                       \
  X(KILL, "a process dies between two callbacks")                                                            \
  X(KILL_AT_CALL, "a process dies in the middle of a callback")                                              \
  X(STOP, "a process stands still for a moment")                                                             \
  X(ZOMBIE, "a process stands still beyond the session timeout")                                             \
  X(DRAIN, "a process ends in order")                                                                        \
  X(JOIN, "another process joins")                                                                           \
  X(KAFKA_CUT, "a process cannot reach Kafka")                                                               \
  X(KAFKA_AWAY, "Kafka is away")                                                                             \
  X(PRODUCE, "an acknowledgement of Kafka's is lost")                                                        \
  X(FACT_AGAIN, "a fact is written again")                                                                   \
  X(REGISTRY_AWAY, "the schema registry does not answer")                                                    \
  X(RELOAD, "a process takes over a configuration")                                                          \
  X(HOOK, "an endpoint fails, or does not answer")                                                           \
  X(GONE, "an endpoint says that it is gone")                                                                \
  X(LOG_TRIM, "a log's start moves up to what was committed")                                                \
  X(LOG_LOST, "a log's start moves past what may not have been counted")                                     \
  X(LOG_CUT, "a log loses its end")                                                                          \
  X(REDIS_CUT, "a connection to Redis breaks")                                                               \
  X(REDIS_DEAF, "a connection to Redis carries no answers")                                                  \
  X(REDIS_LATE, "a connection to Redis breaks, and what it carries arrives late")                            \
  X(REDIS_RESTART, "Redis restarts and has lost nothing")                                                    \
  X(REDIS_TAIL, "Redis restarts and has lost its tail")                                                      \
  X(REDIS_TAIL_LOG_TRIM, "the same, and the logs' starts move up to what was committed")                     \
  X(REDIS_FLUSH, "Redis is emptied")                                                                         \
  X(REDIS_FLUSH_AT_CLAIM, "Redis is emptied right after a claim")                                            \
  X(REDIS_CLAIM, "a claim of a process that is gone arrives late")                                           \
  X(REDIS_SCRIPTS, "the script cache is emptied")                                                            \
  X(REDIS_MOOD, "Redis answers writes with an error for a while")                                            \
  X(REDIS_HANG, "Redis stands still")                                                                        \
  X(REDIS_SLOW, "Redis is slow")

typedef enum {
#define NAME(name, text) FAULT_##name,
  FAULTS_LIST(NAME)
#undef NAME
      FAULTS
} fault;

extern const char *const fault_texts[FAULTS];

/* What may go wrong in any call. */
typedef struct {
  double produce, queue_full, slow, message, hook, gone;
} fault_chances;

typedef struct symptom symptom;
/* Until it is quiet: those of the symptom; NULL: what is drawn for this world. */
void fault_begin(world *w, const symptom *s);
void fault_end(world *w); /* everything is mended */

#endif
