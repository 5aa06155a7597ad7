// SPDX-License-Identifier: BSD-2-Clause
import java.io.FileReader;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import sun.misc.Unsafe;

/** Ends in the way that is named. */
public class Ends {
	String name;

	static int deep(int n) {
		return deep(n + 1) + n;
	}

	static int length(Ends ends) {
		return ends.name.length();
	}

	/** Compiled code has no check for null: it faults. */
	static int caught(int times) {
		int count = 0;

		for (int i = 0; i < times; i++)
			try {
				length(null);
			} catch (NullPointerException e) {
				count++;
			}
		return count;
	}

	static Unsafe unsafe() throws Exception {
		Field field = Unsafe.class.getDeclaredField("theUnsafe");

		field.setAccessible(true);
		return (Unsafe) field.get(null);
	}

	public static void main(String[] arguments) throws Exception {
		switch (arguments[0]) {
		case "unsafe":
			unsafe().putInt(8, 1);
			break;
		case "eat-late":
			Thread.sleep(1500);
			// fall through
		case "eat":
			for (List<byte[]> held = new ArrayList<>();;)
				held.add(new byte[1 << 20]);
		case "overflow":
			System.out.println(deep(0));
			break;
		case "null":
			System.out.println(length(null));
			break;
		case "caught":
			System.exit(caught(200000) == 200000 ? 1 : 2);
			break;
		case "halt":
			Runtime.getRuntime().halt(1);
			break;
		case "missing":
			new FileReader("/missing");
			break;
		case "wait":
			System.out.println("waiting");
			Thread.sleep(3600000);
		}
	}
}
