// SPDX-License-Identifier: BSD-2-Clause

// Native code writes through a null pointer: the virtual machine's handler gives up and aborts.
public class Jni {
	static native void crash();

	public static void main(String[] arguments) {
		System.load(arguments[0]);
		crash();
	}
}
