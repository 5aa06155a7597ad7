/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slurm's names for the cgroups of its jobs.
 *
 *   v1  /slurm[_NODE]/uid_UID/job_JOB/step_STEP/task_TASK
 *   v2  /system.slice/[NODE_]slurmstepd.scope/job_JOB/step_STEP/{user/task_TASK,slurm}
 *
 * STEP is a number, or "batch", "extern", "interactive". Sources: Slurm's cgroup plugins, and paths
 * in the tests of agents for its nodes. Invariants: pure; counts only from the root, where no job
 * can make a cgroup.
 */
#ifndef KT_ATTRIBUTE_SLURM_PATH_H
#define KT_ATTRIBUTE_SLURM_PATH_H

struct owner;

void slurm_path_read(const char *path, struct owner *ret);

#endif
