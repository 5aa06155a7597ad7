// SPDX-License-Identifier: BSD-2-Clause

// Many handled NullPointerExceptions. Compiled code has no null check of its own but lets the CPU
// fault: each of these is a SIGSEGV that the virtual machine handles. To be started with
// -XX:-OmitStackTraceInFastThrow, or the compiler learns from them and throws without a fault.
public class Npe {
	int value;

	static int read(Npe object) {
		return object.value;
	}

	public static void main(String[] arguments) {
		int count = Integer.parseInt(arguments[0]);
		int caught = 0;
		long sum = 0;
		Npe real = new Npe();
		for (int i = 0; i < 200000; i++)
			sum += read(real);
		for (int i = 0; i < count; i++) {
			try {
				sum += read(null);
			} catch (NullPointerException expected) {
				caught++;
			}
		}
		System.out.println(caught);
		System.exit(sum == 0 && caught == count ? 0 : 1);
	}
}
