#include "ledger.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

enum { LEASE = 9 /* what a token ends with that changes within a tenure */ };

void ledger_fini(ledger *l) { pl_release(l->told, l->room * sizeof *l->told); }

void ledger_lost(ledger *l) {
  l->losses++;
  memset(l->owners, 0, sizeof l->owners);
}

static int32_t partition_of(const ledger *l, pl_str mark) {
  int32_t p = mark.p[mark.n - 1] - '0';
  PL_ASSERT(mark.n == strlen("pl:mark:0") && p >= 0 && p < l->partitions);
  return p;
}

void ledger_claim(ledger *l, uint32_t whose, pl_str mark, pl_str owner) {
  int32_t p = partition_of(l, mark);
  (void)snprintf(l->owners[p], sizeof l->owners[p], "%.*s", (int)owner.n, owner.p);
  if (whose) l->claimers[p] = whose, timeline_trace(l->t, "redis.claim", whose, p, 0);
}

/* --- what was told */

static uint64_t tenure_of(pl_str owner) { return pl_hash((pl_str){owner.p, owner.n - LEASE}, 1); }

/* One alert is told to some, to others later, and again. */
static uint64_t name_of(pl_str alert, pl_str audience, pl_str at) {
  return pl_hash(alert, pl_hash(audience, pl_hash(at, 1)));
}

static void remember(ledger *l, int32_t p, pl_str owner, const pl_str *command, size_t words) {
  pl_str alert = {"", 0}, audience = {"", 0}, at = {"", 0};
  for (size_t i = 6; i + 1 < words; i += 2) {
    if (pl_str_is(command[i], "id")) alert = command[i + 1];
    if (pl_str_is(command[i], "audience")) audience = command[i + 1];
    if (pl_str_is(command[i], "at")) at = command[i + 1];
  }
  if (l->n == l->room) {
    size_t room = l->room ? 2 * l->room : 64;
    l->told = pl_resize(l->told, l->room * sizeof *l->told, room * sizeof *l->told);
    l->room = room;
  }
  l->told[l->n++] = (ledger_told){name_of(alert, audience, at), tenure_of(owner), p};
}

bool ledger_may_lack(const ledger *l, pl_str alert, pl_str audience, pl_str at) {
  bool told = false;
  for (size_t i = 0; i < l->n; i++) {
    const ledger_told *t = &l->told[i];
    pl_str owner = pl_str_of(l->owners[t->partition]);
    if (t->name != name_of(alert, audience, at)) continue;
    if (owner.n > LEASE && tenure_of(owner) == t->tenure) return false;
    told = true;
  }
  return told && l->losses;
}

/* --- who may write what */

static bool begins(pl_str s, const char *with, pl_str *rest) {
  size_t n = strlen(with);
  if (s.n < n || memcmp(s.p, with, n) != 0) return false;
  *rest = (pl_str){s.p + n, s.n - n};
  return true;
}

/* Whose key is it? -1: everybody's. Ids in simulated worlds need no percent. */
static int32_t home_of(const ledger *l, pl_str key, const pl_str *command, size_t words) {
  pl_str id;
  if (begins(key, "pl:mark:", &id) || begins(key, "pl:state:", &id)) return id.p[0] - '0';
  if (begins(key, "pl:part:", &id)) return words > 2 ? command[2].p[0] - '0' : -1;
  if (begins(key, "pl:past:rep:", &id) || begins(key, "pl:past:team:", &id)) {
    const char *colon = memchr(id.p, ':', id.n);
    return broker_home((pl_str){id.p, colon ? (size_t)(colon - id.p) : id.n}, l->partitions);
  }
  if (begins(key, "pl:rep:", &id) || begins(key, "pl:plan:", &id) || begins(key, "pl:team:", &id) ||
      begins(key, "pl:team-private:", &id))
    return broker_home(id, l->partitions);
  return -1;
}

void ledger_write(ledger *l, uint32_t whose, pl_str mark, pl_str owner, const pl_str *command, size_t words) {
  int32_t p = partition_of(l, mark), of = home_of(l, command[1], command, words);
  if (!pl_str_is(owner, l->owners[p]) || (whose && whose != l->claimers[p]))
    timeline_fail(l->t, "process %u writes for partition %d as %.*s, which %s has claimed later", whose,
                  (int)p, (int)owner.n, owner.p, l->owners[p]);
  if (of >= 0 && of != p)
    timeline_fail(l->t, "process %u writes %.*s for partition %d, whose it is not", whose, (int)command[1].n,
                  command[1].p, (int)p);
  if (whose && pl_str_is(command[0], "XADD") && pl_str_is(command[1], "pl:alerts"))
    remember(l, p, owner, command, words);
}
