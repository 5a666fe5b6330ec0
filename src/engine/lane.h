/* Lane: what goes to one address at one endpoint, in order, one message at a time.
 *
 *   delivery --attempt--> lane (endpoint, address) --message--> sender
 *
 * Entries that wait in a lane of people together are told together: one message that says several things, and
 * what finds no room in it is counted. Machines get each by itself, under its own id on every attempt. A lane
 * keeps its endpoint's rate, and after a failure waits longer each time, at least as long as it was asked to.
 *
 * An endpoint that fails five times in a row is asked by one message at a time until it takes one. One that
 * says it is gone (410) is asked no more until the configuration is loaded again. What an endpoint has not
 * taken for 75 hours is parked. */
#ifndef PL_ENGINE_LANE_H
#define PL_ENGINE_LANE_H

#include "codec/sink.h"
#include "engine/engine.h"

typedef struct pl_lanes pl_lanes;
typedef struct pl_lane pl_lane;
typedef struct pl_delivery pl_delivery;

typedef enum { PL_ATTEMPT_WAITS, PL_ATTEMPT_FLIES, PL_ATTEMPT_TAKEN, PL_ATTEMPT_REFUSED } pl_attempt_state;

/* One delivery at one endpoint. */
typedef struct pl_attempt pl_attempt;
struct pl_attempt {
  pl_delivery *delivery;
  pl_lane *lane; /* while it waits or flies */
  pl_attempt *before, *after;
  pl_attempt_state state;
  pl_mono entered;
  pl_mono failed; /* first; 0: it has not */
};

pl_lanes *pl_lanes_new(pl_engine *engine);
void pl_lanes_free(pl_lanes **lanes); /* before the deliveries are */

/* Queues it behind those that were due before. */
void pl_lane_enter(pl_lanes *lanes, pl_attempt *attempt, size_t endpoint, pl_str address);
void pl_lane_leave(pl_attempt *attempt); /* its delivery is going */
/* Sends what may be sent; when there will be something again. */
pl_mono pl_lanes_tick(pl_lanes *lanes);
/* Another configuration: its endpoints are others. Nothing waits any more. */
void pl_lanes_reset(pl_lanes *lanes);
void pl_lanes_metrics(const pl_lanes *lanes, pl_buf *out);
/* Endpoints that take nothing, a line each. */
void pl_lanes_warn(const pl_lanes *lanes, pl_buf *out);

#endif
