/* Events of more than one value: rows before and after their change, items of lists, and their shares. */
#include "event_rig.h"
#include "random.h"

/* --- rows */

static const char change_record[] = "{'type':'record','name':'Change','fields':[{'name':'lsn','type':'long'},"
                                    "{'name':'before','type':['null',{"
                                    "'type':'record','name':'Row','fields':[{'name':'owner','type':'string'},"
                                    "{'name':'stage','type':'string'},{"
                                    "'name':'amount','type':'long'},{'name':'closed','type':['null','long']}]"
                                    "}]},{'name':'after','type':['null',"
                                    "'Row']}]}";

typedef struct {
  const char *owner, *stage;
  int64_t amount, closed;
} row;

static void put_row(rig *r, const row *w) {
  pl_buf_zigzag(&r->body, w != NULL);
  if (!w) return;
  put(r, w->owner), put(r, w->stage), pl_buf_zigzag(&r->body, w->amount);
  pl_buf_zigzag(&r->body, w->closed != 0);
  if (w->closed) pl_buf_zigzag(&r->body, w->closed);
}

static void a_change_takes_back_what_the_row_made_and_counts_what_it_makes(void **state) {
  (void)state;
  static const char *const won[] = {"won"};
  static const pl_condition is_won = {"$.stage", PL_TEST_IS, won, 1, NULL};
  static const pl_mapping m = {.when = &is_won,
                               .nwhen = 1,
                               .before = "before",
                               .after = "after",
                               .id = "deal/{lsn}",
                               .rep = {.paths = {"$.owner"}},
                               .at = {.paths = {"$.closed"}},
                               .at_of_day = -1,
                               .type_constant = 1,
                               .fields = {{.paths = {"$.amount"}}}};
  static const row open = {"ada", "open", 100, 0}, first = {"ada", "won", 100, 7},
                   more = {"ada", "won", 150, 7}, hers = {"eve", "won", 100, 7},
                   later = {"ada", "won", 100, 9}, broken = {"ada", "won", 1, 0};
  static const struct {
    const row *before, *after;
    const char *made;
  } cases[] = {
      {NULL, NULL, ""},
      {NULL, &open, ""},
      {&open, NULL, ""},
      {NULL, &first, "deal_won deal/3 ada 100"},
      {&open, &first, "deal_won deal/3 ada 100"},
      {&first, &first, ""},
      {&first, &more, "-deal_won deal/3/before ada 100 &, deal_won deal/3 ada 150"},
      {&first, &later, "-deal_won deal/3/before ada 100 &, deal_won deal/3 ada 100"},
      {&first, &hers, "-deal_won deal/3/before ada 100, deal_won deal/3 eve 100"},
      {&first, &open, "-deal_won deal/3/before ada 100"},
      {&first, NULL, "-deal_won deal/3/before ada 100"},
      {&first, &broken, "no_time"},
      {&broken, &first, "deal_won deal/3 ada 100"}, /* it was refused then, so it was not counted */
  };
  rig r;
  open_set(&r, change_record, &m, 1);
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_buf_zigzag(&r.body, 3);
    put_row(&r, cases[i].before), put_row(&r, cases[i].after);
    const char *found = made(&r);
    if (strcmp(found, cases[i].made) != 0) fail_msg("case %zu: '%s', expected '%s'", i, found, cases[i].made);
    for (size_t k = 0; k < r.n; k++)
      assert_true(!r.made[k].event.retracts.n || pl_str_eq(r.made[k].event.retracts, r.made[k].event.id));
  }
  close_rig(&r);
}

/* --- lists */

static const char split_record[] =
    "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'at','type':'long'},{'name':"
    "'amount','type':{'type':'bytes','logicalType':'decimal','precision':18,'scale':3}},{'name':'splits','"
    "type':{"
    "'type':'array','items':{'type':'record','name':'Split','fields':[{'name':'owner','type':'string'},{'"
    "name':"
    "'role','type':'string'},{'name':'percent','type':'double'}]}}}]}";

static void put_split(rig *r, const char *owner, const char *role, double percent) {
  uint64_t bits;
  memcpy(&bits, &percent, sizeof bits);
  put(r, owner), put(r, role);
  for (int i = 0; i < 8; i++) pl_buf_char(&r->body, (char)(bits >> (8 * i)));
}

static void put_deal_head(rig *r, int64_t amount) {
  put(r, "d"), pl_buf_zigzag(&r->body, 7), pl_buf_zigzag(&r->body, 8);
  for (int i = 7; i >= 0; i--) pl_buf_char(&r->body, (char)((uint64_t)amount >> (8 * i)));
}

static const pl_mapping splits = {.each = "splits[]",
                                  .id = "id",
                                  .rep = {.paths = {"splits[].owner"}},
                                  .at = {.paths = {"at"}},
                                  .at_of_day = -1,
                                  .type_constant = 1,
                                  .fields = {{.paths = {"amount"}}},
                                  .share = "splits[].percent",
                                  .share_of = 100};

static void each_item_of_a_list_is_an_event_of_its_share(void **state) {
  (void)state;
  static const char *const owners[] = {"owner"};
  static const pl_condition is_owner = {"splits[].role", PL_TEST_IS, owners, 1, NULL};
  pl_mapping m = splits;
  for (int turn = 0; turn < 3; turn++) {
    rig r;
    if (turn == 1) m.when = &is_owner, m.nwhen = 1;
    if (turn == 2) m.id = "{splits[].owner}@{id}";
    open_set(&r, split_record, &m, 1);
    put_deal_head(&r, 100000);
    pl_buf_zigzag(&r.body, 3);
    put_split(&r, "ada", "owner", 33.3), put_split(&r, "eve", "help", 33.3),
        put_split(&r, "bob", "owner", 33.4);
    pl_buf_zigzag(&r.body, 0);
    assert_string_equal(
        made(&r), turn == 0   ? "deal_won d/ada ada 3330, deal_won d/eve eve 3330, deal_won d/bob bob 3340"
                  : turn == 1 ? "deal_won d/ada ada 3330, deal_won d/bob bob 3340"
                              : "deal_won ada@d ada 3330, deal_won bob@d bob 3340");
    put_deal_head(&r, 1);
    pl_buf_zigzag(&r.body, 0);
    assert_string_equal(made(&r), ""); /* nobody has a share */
    put_deal_head(&r, 1);
    pl_buf_zigzag(&r.body, 1), put_split(&r, "ada", "owner", -1), pl_buf_zigzag(&r.body, 0);
    assert_string_equal(made(&r), "bad_value");
    put_deal_head(&r, 1);
    pl_buf_zigzag(&r.body, 33);
    for (int i = 0; i < 33; i++) put_split(&r, "ada", "owner", 1);
    pl_buf_zigzag(&r.body, 0);
    assert_string_equal(made(&r), "too_large");
    close_rig(&r);
  }
}

static void one_list_is_gone_through_and_another_is_asked(void **state) {
  (void)state;
  static const char record[] = "{'type':'record','name':'R','fields':[{'name':'head','type':{'type':'record',"
                               "'name':'H','fields':[{'name':"
                               "'ids','type':{'type':'array','items':'string'}},{'name':'nulled','type':{'"
                               "type':'array','items':'string'}},{"
                               "'name':'changed','type':{'type':'array','items':'string'}}]}},{'name':'rep','"
                               "type':'string'},{'name':'at',"
                               "'type':'long'}]}";
  static const char *const stage[] = {"Stage"};
  static const pl_condition when = {"head.changed[]", PL_TEST_IS, stage, 1, NULL};
  pl_mapping set[2] = {flat(), flat()};
  for (size_t i = 0; i < 2; i++) set[i].type = (pl_origin){.paths = {NULL}};
  set[0].id = "{head.ids[0]}/first";
  set[1].id = "{head.ids[]}/each", set[1].each = "head.ids[]", set[1].when = &when, set[1].nwhen = 1;
  rig r;
  open_set(&r, record, set, 2);
  assert_string_equal(pl_event_reader_missing(r.reader), "");
  for (int with = 0; with < 2; with++) {
    pl_buf_zigzag(&r.body, 2), put(&r, "a"), put(&r, "b"), pl_buf_zigzag(&r.body, 0);
    pl_buf_zigzag(&r.body, 0);
    pl_buf_zigzag(&r.body, 2), put(&r, "Name"), put(&r, with ? "Stage" : "Amount"), pl_buf_zigzag(&r.body, 0);
    put(&r, "ada"), pl_buf_zigzag(&r.body, 7);
    assert_string_equal(made(&r),
                        with ? "call a/first ada, call a/each ada, call b/each ada" : "call a/first ada");
  }
  close_rig(&r);
}

static void shares_of_the_whole_add_up_to_the_amount_to_the_last_digit(void **state) {
  (void)state;
  dice d = {20261123};
  rig r;
  print_message("seed %llu\n", (unsigned long long)d.state);
  open_set(&r, split_record, &splits, 1);
  for (int turn = 0; turn < 20000; turn++) {
    /* in whole cents, which the metric keeps */
    int64_t amount = ((int64_t)(roll(&d) % 2000000000) - 1000000000) * 10, left = 100000, sum = 0;
    uint32_t n = 1 + below(&d, 8);
    put_deal_head(&r, amount);
    pl_buf_zigzag(&r.body, n);
    for (uint32_t i = 0; i < n; i++) {
      int64_t part =
          i + 1 == n ? left : (int64_t)below(&d, (uint32_t)left + 1); /* thousandths of a percent */
      left -= part;
      put_split(&r, "r", "owner", (double)part / 1000);
    }
    pl_buf_zigzag(&r.body, 0);
    (void)made(&r);
    assert_int_equal(r.n, n);
    for (uint32_t i = 0; i < n; i++) {
      assert_int_equal(r.made[i].event.fields[0].scale, 2);
      sum += r.made[i].event.fields[0].i;
    }
    if (sum * 10 != amount)
      fail_msg("turn %d: %lld, expected %lld", turn, (long long)sum * 10, (long long)amount);
  }
  close_rig(&r);
}

static void a_list_within_a_list_is_refused_with_a_remedy(void **state) {
  (void)state;
  static const char record[] = "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'"
                               "rep','type':'string'},{'name':"
                               "'at','type':'long'},{'name':'parts','type':{'type':'array','items':{'type':'"
                               "record','name':'P','fields':[{"
                               "'name':'tags','type':{'type':'array','items':'string'}}]}}}]}";
  static const char *const tags[] = {"x"};
  static const pl_condition when = {"parts[].tags[]", PL_TEST_IS, tags, 1, NULL};
  pl_mapping m = flat();
  m.type = (pl_origin){.paths = {NULL}}, m.when = &when, m.nwhen = 1;
  rig r;
  assert_int_equal(try_open(&r, record, &m), PL_REJECT);
  assert_non_null(strstr(r.err.text, "tags[0]"));
  close_rig(&r);
}

/* Both images are made before what is alike is left out. */
static void a_row_may_have_as_many_items_as_a_list(void **state) {
  (void)state;
  static const pl_mapping m = {.before = "before",
                               .after = "after",
                               .each = "$.owners[]",
                               .id = "{lsn}",
                               .rep = {.paths = {"$.owners[]"}},
                               .at = {.paths = {"lsn"}},
                               .at_of_day = -1,
                               .type_constant = 1};
  static const char record[] = "{'type':'record','name':'R','fields':[{'name':'lsn','type':'long'},{'name':'"
                               "before','type':['null',{'type':"
                               "'record','name':'Row','fields':[{'name':'owners','type':{'type':'array','"
                               "items':'string'}}]}]},{'name':"
                               "'after','type':['null','Row']}]}";
  rig r;
  open_set(&r, record, &m, 1);
  for (int n = 1; n <= PL_EACH_MAX; n++) {
    pl_buf_zigzag(&r.body, 7);
    for (int image = 0; image < 2; image++) {
      pl_buf_zigzag(&r.body, 1), pl_buf_zigzag(&r.body, n);
      for (int i = 0; i < n; i++) {
        char owner[16];
        (void)snprintf(owner, sizeof owner, "r%d", image && i == n - 1 ? 99 : i);
        put(&r, owner);
      }
      pl_buf_zigzag(&r.body, 0);
    }
    char expected[128];
    (void)snprintf(expected, sizeof expected, "-deal_won 7/r%d/before r%d, deal_won 7/r99 r99", n - 1, n - 1);
    assert_string_equal(made(&r), expected);
  }
  close_rig(&r);
}

/* Found where an adjustment's metric was written into the calls that came after it. */

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_change_takes_back_what_the_row_made_and_counts_what_it_makes),
      cmocka_unit_test(each_item_of_a_list_is_an_event_of_its_share),
      cmocka_unit_test(one_list_is_gone_through_and_another_is_asked),
      cmocka_unit_test(shares_of_the_whole_add_up_to_the_amount_to_the_last_digit),
      cmocka_unit_test(a_list_within_a_list_is_refused_with_a_remedy),
      cmocka_unit_test(a_row_may_have_as_many_items_as_a_list),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
