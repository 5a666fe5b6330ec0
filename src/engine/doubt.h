/* Doubt: is what memory holds still true, and is it still ours (doubt.c)? */
#ifndef PL_ENGINE_DOUBT_H
#define PL_ENGINE_DOUBT_H

typedef struct pl_tenure pl_tenure;

void pl_doubt_ask(pl_tenure *tenure);     /* reads the mark */
void pl_doubt_reclaim(pl_tenure *tenure); /* writes it, where there is none and Kafka says that it is ours */
void pl_doubt_freeze(pl_tenure *tenure);  /* the group has taken it away */
void pl_doubt_thaw(pl_tenure *tenure);    /* ...and given it back */

#endif
