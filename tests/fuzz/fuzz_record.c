/* State as Redis may hold it, after whatever happened to it: refused with words, or a subject that lives on,
 * and is written as it was read. The first byte: a rep's record, a team's, or a partition's part of a team.
 */
#include "codec/record.h"

#include "codec/part.h"
#include "fuzz.h"
#include "office.h"

static pl_core *restored(bool is_team, pl_str record, pl_status *status, pl_err *err) {
  pl_core *core = office_open();
  pl_subject *s = pl_core_subject(core, is_team ? PL_STR("north") : PL_STR("ada"), is_team);
  *status = pl_record_decode(s, record, err);
  return core;
}

/* Lists come out of a record the other way round, so every other writing is the same; from the second on, as
 * one that no core has written may lose what is out of date. */
static void check_again(const pl_core *core, bool is_team) {
  enum { TIMES = 4 };
  pl_buf written[TIMES];
  pl_core *again = NULL;
  for (int i = 0; i < TIMES; i++) {
    pl_err err;
    pl_status status = PL_OK;
    pl_buf_init(&written[i], 1 << 20);
    pl_record_encode(pl_core_find(i ? again : core, is_team ? PL_STR("north") : PL_STR("ada"), is_team),
                     &written[i]);
    if (i) office_close(&again);
    if (i < TIMES - 1) again = restored(is_team, pl_buf_str(&written[i]), &status, &err);
    fuzz_need(status, &err);
  }
  PL_ASSERT(pl_str_eq(pl_buf_str(&written[1]), pl_buf_str(&written[3])));
  for (int i = 0; i < TIMES; i++) pl_buf_fini(&written[i]);
}

static void check_record(bool is_team, pl_str record) {
  pl_err err = {""};
  pl_status status;
  pl_core *core = restored(is_team, record, &status, &err);
  PL_ASSERT((status == PL_OK) == !*err.text);
  if (status == PL_OK) {
    check_again(core, is_team);
    office_live(core, OFFICE_MONDAY, 3);
  }
  office_close(&core);
}

static void check_part(pl_str part) {
  pl_err err = {""};
  pl_core *core = office_open();
  pl_subject *team = pl_core_find(core, PL_STR("north"), true);
  pl_part_reset(team);
  pl_status status = pl_part_decode(team, part, &err);
  PL_ASSERT((status == PL_OK) == !*err.text);
  bool empty = team->members == 0 && team->sums.n == 0;
  for (size_t m = 0; m < core->policy->nmetrics; m++) empty &= !team->cells[m] && !(team->means[m] > 0);
  PL_ASSERT(status == PL_OK || empty);                                /* wholly or not at all */
  if (status == PL_OK && pl_part_decode(team, part, &err) == PL_OK) { /* twice: as two partitions' */
    pl_core_team_changed(core, team);
    office_live(core, OFFICE_MONDAY, 3);
  }
  office_close(&core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  (void)office();
  int64_t live = pl_mem_live();
  if (size == 0) return 0;
  pl_str bytes = fuzz_str(data + 1, size - 1);
  if (data[0] % 3 == 2)
    check_part(bytes);
  else
    check_record(data[0] % 3, bytes);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
