/* Kafka world: a broker of the test's own, members, and what was alive before: all of it is given back. */
#ifndef PL_TESTS_IO_KAFKA_WORLD_H
#define PL_TESTS_IO_KAFKA_WORLD_H

#include "base/mem.h"
#include "it/kafka_fixture.h"
#include "kafka_member.h"

typedef struct {
  kafka_fixture *kafka;
  member_crew crew;
  member a, b;
  pl_kafka_config config;
  char topics[PL_TOPICS][64], group[64];
  int64_t live_before;
} world;

static inline int set_up(void **state) {
  world *w = PL_NEW(world);
  w->live_before = pl_mem_live();
  w->kafka = kafka_fixture_new();
  w->crew.base = event_base_new();
  *state = w;
  return 0;
}

static inline int tear_down(void **state) {
  world *w = *state;
  int64_t left = pl_mem_live() - w->live_before;
  kafka_fixture_free(&w->kafka);
  event_base_free(w->crew.base);
  PL_FREE(w);
  return left != 0;
}

#endif
