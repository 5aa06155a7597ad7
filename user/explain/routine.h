/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a death is an ordinary end. That depends on the relation of sender and victim, and on the
 * victim: an end that is ordinary for a command in a shell is news for a daemon.
 *
 * Invariants: pure. Missing evidence never makes a death news: if the sender's owner is not known,
 * an end by SIGTERM stays routine. A name alone identifies no process.
 */
#ifndef KT_EXPLAIN_ROUTINE_H
#define KT_EXPLAIN_ROUTINE_H

#include <stdbool.h>

#include "attribute/attribution.h"
#include "decode/death.h"
#include "explain/killer.h"

/*
 * A signal of the kernel that was not meant to kill ended a process of a service, a container, a
 * pod or a job without a controlling terminal: SIGPIPE for a write to a socket (a pipe without a
 * reader is the usual end of a pipeline), or SIGALRM from its own timer without a handler.
 */
bool routine_is_unmeant(const struct death *death, const struct owner *owner);

/*
 * The process killed its own process group with SIGKILL, such as "timeout -s KILL" or "kill -9 0"
 * in a script. The death of its child names it as the sender.
 */
bool routine_is_own_group(const struct death *death);

/*
 * SIGHUP to one process without a controlling terminal, from another session: a request to reload,
 * not the end of a terminal or a shell.
 */
bool routine_is_reload(const struct death *death);

/*
 * The signal came from outside: the victim belongs to a service, a container, a pod, a job or a
 * user's session, and the sender does not. The victim's parent, service manager and container
 * runtime are not strangers. If a request to reload killed a workload, every other process is a
 * stranger.
 */
bool routine_is_by_stranger(const struct death *death, const struct attribution *whose,
			    enum killer killer);

/*
 * A program forked a helper, never let it run another program, and killed it: systemd's
 * "(sd-mkuserns)" and "(sd-pam)", and the process with which Podman holds a user namespace open. Or
 * any program sent SIGKILL to such a child less than half a second after asking it to stop, as
 * php-fpm does. This can only hide that a program killed its own child.
 */
bool routine_is_own_helper(const struct death *death);

/*
 * SIGUSR1 from the parent that forked it, if that program ends its workers in this way: Erlang's
 * resolver (erts/etc/common/inet_gethost.c), whenever a virtual machine stops.
 */
bool routine_is_own_worker(const struct death *death);

#endif
