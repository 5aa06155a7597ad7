/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes what a printer would print into a model. */
#ifndef KT_TOP_FEEDER_H
#define KT_TOP_FEEDER_H

#include "stdout/printer.h"
#include "top/model.h"

/* NULL when out of memory. The model must outlive it. */
struct printer *top_feeder_new(struct top_model *model);

#endif
