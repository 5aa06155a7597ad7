/* SPDX-License-Identifier: BSD-2-Clause */
/* The native half of Jni.java. */
#include <jni.h>

JNIEXPORT void JNICALL Java_Jni_crash(JNIEnv *env, jclass class)
{
	(void)env;
	(void)class;
	__asm__ volatile("movl $1, (%0)" : : "r"(0x10UL) : "memory");
}
