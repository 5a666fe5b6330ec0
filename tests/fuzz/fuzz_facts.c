/* Records of roster, goals and teams, by the schemas that paceline comes with: refused, or facts that the
 * core takes and lives with, and that are the same once they were written and read again. The first byte:
 * which. */
#include "codec/encode.h"
#include "codec/fact_decode.h"
#include "fuzz.h"
#include "office.h"

static pl_fact_reader *readers[3];

static void set_up(void) { /* for as long as the process */
  static const char *const files[] = {"schemas/roster.avsc", "schemas/goals.avsc", "schemas/team.avsc"};
  static pl_schema *schemas[3];
  pl_err err;
  (void)office();
  for (int i = 0; i < 3; i++) {
    pl_buf text;
    pl_buf_init(&text, 1 << 16);
    fuzz_read(files[i], &text);
    fuzz_need(pl_schema_new(&schemas[i], pl_buf_str(&text), &err), &err);
    fuzz_need(pl_fact_reader_new(&readers[i], schemas[i], (pl_fact_kind)i, &err), &err);
    pl_buf_fini(&text);
  }
}

/* Reads one, hands it to the core if there is one, and writes it. */
static pl_reason take(int kind, pl_str body, pl_core *core, pl_buf *out) {
  pl_arena *arena = pl_arena_new(PL_FACT_BYTES);
  pl_rep_fact rep;
  pl_goals_fact goals;
  pl_team_fact team;
  pl_err err = {""};
  pl_reason reason = kind == PL_FACT_REP     ? pl_rep_decode(readers[kind], body, arena, &rep, &err)
                     : kind == PL_FACT_GOALS ? pl_goals_decode(readers[kind], body, arena, &goals, &err)
                                             : pl_team_decode(readers[kind], body, &team, &err);
  PL_ASSERT((reason == PL_APPLIED) == !*err.text);
  if (reason == PL_APPLIED && kind == PL_FACT_REP) {
    PL_ASSERT(rep.id.n && rep.id.n <= PL_ID_MAX && pl_str_clean(rep.id));
    if (core) pl_core_put_rep(core, &rep);
    pl_rep_encode(out, &rep);
  } else if (reason == PL_APPLIED && kind == PL_FACT_GOALS) {
    PL_ASSERT(goals.n <= PL_GOALS_MAX);
    if (core) (void)pl_core_put_goals(core, &goals, &err);
    pl_goals_encode(out, &goals);
  } else if (reason == PL_APPLIED) {
    pl_teams *teams = pl_teams_new();
    pl_teams_put(teams, &team);
    const pl_team *known = pl_teams_find(teams, team.id);
    PL_ASSERT(!known == team.removed);
    if (core && known) pl_core_put_team(core, known);
    pl_teams_free(&teams);
    pl_team_encode(out, &team);
  }
  pl_arena_free(&arena);
  return reason;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!readers[0]) set_up();
  int64_t live = pl_mem_live();
  if (size == 0) return 0;
  int kind = data[0] % 3;
  pl_buf once, twice;
  pl_buf_init(&once, 1 << 20), pl_buf_init(&twice, 1 << 20);
  pl_core *core = office_open();
  if (take(kind, fuzz_str(data + 1, size - 1), core, &once) == PL_APPLIED) {
    PL_ASSERT(take(kind, pl_buf_str(&once), NULL, &twice) == PL_APPLIED);
    PL_ASSERT(pl_str_eq(pl_buf_str(&once), pl_buf_str(&twice)));
    office_live(core, OFFICE_MONDAY, 2);
    (void)take(kind, pl_buf_str(&once), core, &twice); /* again, while it lives */
    office_see(core, pl_wall_plus(OFFICE_MONDAY, (pl_dur){INT64_C(3) * 86400000}));
  }
  office_close(&core);
  pl_buf_fini(&once), pl_buf_fini(&twice);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
