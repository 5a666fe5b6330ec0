/* The inside of `paceline verify`: the verb and what it reads (verify.c), and each key beside the recount
 * (verify_keys.c, verify_state.c). */
#ifndef PL_CLI_VERIFY_INSIDE_H
#define PL_CLI_VERIFY_INSIDE_H

#include "cli/differ.h"
#include "cli/enquiry.h"
#include "cli/query.h"

typedef struct {
  const pl_config *config;
  const char *prefix;
  pl_wall since;
  pl_query *redis;
  pl_enquiry *enquiry;
  pl_readers *readers;
  pl_census *census;
  pl_recount recount;
  int32_t partitions;
  int64_t *marks, *ends, *starts; /* by partition: reflected in Redis; read up to; the log's first offset */
  pl_wall *firsts;                /* the stamp of the first record that is still there */
  pl_wall *back;                  /* what happened since then is in the log */
  bool *uncounted;                /* its log has records, and Redis no mark */
  bool letters_deleted;           /* of the dead letters not all are there any more */
  pl_findings all, one;
  int64_t reps, teams;                      /* compared */
  int64_t moving, turning, mixed, unmarked; /* reps and teams that are not, by why */
} pl_verifying;

/* What the marks say now, by partition. */
pl_status pl_verify_marks(pl_verifying *v, int64_t *marks, pl_err *err) PL_MUST_CHECK;
/* One of a mark's instants: `origin`, when its clock was started; `complete_to`, where it stands. */
pl_wall pl_verify_time(pl_verifying *v, int32_t partition, pl_str field);

/* Whether those of a partition can be compared; who cannot is noted. */
bool pl_verify_can(pl_verifying *v, int32_t home);

/* The days that a rep's recorded state holds. */
void pl_verify_record(pl_verifying *v, const pl_sight *sight, pl_str record);
void pl_verify_rep(pl_verifying *v, pl_person *person);
void pl_verify_teams(pl_verifying *v);
void pl_verify_letters(pl_verifying *v);
void pl_verify_strays(pl_verifying *v);

#endif
