/* Linker: the linker of ports.h: <public_url>/answer/<token>. */
#ifndef PL_IO_LINKER_H
#define PL_IO_LINKER_H

#include "io/keyring.h"
#include "ports.h"

typedef struct {
  pl_linker linker; /* first */
  const pl_keyring *keys;
  const char *public_url; /* NULL: no links */
} pl_answer_linker;

/* Borrows both. */
void pl_answer_linker_init(pl_answer_linker *linker, const pl_keyring *keys, const char *public_url);

#endif
