/* Records: what a record of each topic does (records.c). */
#ifndef PL_ENGINE_RECORDS_H
#define PL_ENGINE_RECORDS_H

#include "engine/engine.h"
#include "ports.h"

typedef struct pl_intake pl_intake;
typedef struct pl_tenure pl_tenure;

pl_intake *pl_intake_new(size_t most, bool json); /* most: events of one record */
void pl_intake_free(pl_intake **intake);
void pl_engine_on_record(void *engine, const pl_record *record);
bool pl_records_settle(pl_engine *engine); /* counts what waits; false: not all of it, there was no time */
void pl_records_forget(pl_engine *engine, const pl_tenure *tenure);

#endif
