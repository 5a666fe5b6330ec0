/* Kafka fixture: the other side of the Kafka tests. The broker is real and comes from `kafka.sh with`, which
 * names it in the environment; this is a second client beside the source under test: it makes topics, appends
 * records, reads back. It blocks, and a failure of its own ends the test. */
#ifndef PL_TESTS_IT_KAFKA_FIXTURE_H
#define PL_TESTS_IT_KAFKA_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct kafka_fixture kafka_fixture;

kafka_fixture *kafka_fixture_new(void);
void kafka_fixture_free(kafka_fixture **fixture);
const char *kafka_fixture_brokers(const kafka_fixture *fixture);

/* `config`: name, value, ..., NULL; or NULL. Returns when the topic can be written. */
void kafka_fixture_topic(kafka_fixture *fixture, const char *topic, int partitions,
                         const char *const *config);
void kafka_fixture_remove(kafka_fixture *fixture, const char *topic);
/* Returns the offset it got. `value` NULL: a tombstone. */
int64_t kafka_fixture_append(kafka_fixture *fixture, const char *topic, int32_t partition, const char *key,
                             const char *value);
/* n small records to each partition in turn, without waiting; kafka_fixture_flush waits. */
void kafka_fixture_burst(kafka_fixture *fixture, const char *topic, int partitions, int n);
void kafka_fixture_flush(kafka_fixture *fixture);
/* A transaction with one record, left open until kafka_fixture_end. One at a time. */
void kafka_fixture_begin(kafka_fixture *fixture, const char *topic, int32_t partition, const char *key,
                         const char *value);
void kafka_fixture_end(kafka_fixture *fixture, bool commit);
/* Deletes what lies before `offset`. */
void kafka_fixture_cut(kafka_fixture *fixture, const char *topic, int32_t partition, int64_t offset);
/* Turns one byte of the first record with this text in the broker's own file. */
void kafka_fixture_damage(kafka_fixture *fixture, const char *topic, int32_t partition, const char *text);
/* The broker's word for the log's end. */
int64_t kafka_fixture_end_offset(kafka_fixture *fixture, const char *topic, int32_t partition);
/* The group's committed offset; negative: none. */
int64_t kafka_fixture_committed(kafka_fixture *fixture, const char *group, const char *topic,
                                int32_t partition);
/* One record as text: "key=value name:header ...", `-` for NULL. */
void kafka_fixture_read(kafka_fixture *fixture, const char *topic, int32_t partition, int64_t offset,
                        char *out, size_t room);
/* The broker stands still (SIGSTOP) until it is thawed. */
void kafka_fixture_freeze(kafka_fixture *fixture);
void kafka_fixture_thaw(kafka_fixture *fixture);

/* Stops the broker in order and starts it again at the same address. */
void kafka_fixture_restart(kafka_fixture *fixture);

#endif
