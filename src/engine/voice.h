/* Voice: what people say through this process, into the stream of activities; and what of Redis and the
 * teams is to be known before they may. Nothing of it is kept here: whoever speaks numbers what is said. */
#ifndef PL_ENGINE_VOICE_H
#define PL_ENGINE_VOICE_H

#include "engine/inside.h"

/* A produced message was acknowledged, or has failed for good; false: it is none of ours. */
bool pl_voice_produced(pl_engine *engine, uint64_t token, bool taken);

#endif
