/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Slurm calls the cgroups of its jobs.
 *
 *   v1  /slurm[_NODE]/uid_UID/job_JOB/step_STEP/task_TASK
 *   v2  /system.slice/[NODE_]slurmstepd.scope/job_JOB/step_STEP/{user/task_TASK,slurm}
 *
 * STEP is a number, or "batch", "extern", "interactive". Sources: Slurm's cgroup plugins, and paths
 * that agents for its nodes have in their tests. Invariants: pure; counts from the root only, where
 * no job can make a cgroup.
 */
#ifndef KT_ATTRIBUTE_SLURM_PATH_H
#define KT_ATTRIBUTE_SLURM_PATH_H

struct owner;

void slurm_path_read(const char *path, struct owner *ret);

#endif
