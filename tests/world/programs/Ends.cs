// SPDX-License-Identifier: BSD-2-Clause
// Ends in the way that is named.
using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

class Ends
{
    [DllImport("/opt/libktcrash.so")]
    static extern void kt_crash();

    string name;

    static int Deep(int n) { return Deep(n + 1) + n; }

    static int Main(string[] arguments)
    {
        Ends none = null;

        switch (arguments[0]) {
        case "native":
            kt_crash();
            break;
        case "failfast":
            Environment.FailFast("an error of the program");
            break;
        case "null":
            return none.name.Length;
        case "caught":
            for (int i = 0; i < 1000; i++)
                try { Console.Write(none.name); } catch (NullReferenceException) { }
            return 1;
        case "overflow":
            return Deep(0);
        case "throw":
            throw new Exception("an error of the program");
        case "missing":
            File.ReadAllText("/missing");
            break;
        case "exit":
            return 1;
        case "eat":
            for (var held = new List<byte[]>();;) {
                var block = new byte[1 << 20];
                for (int i = 0; i < block.Length; i += 4096)
                    block[i] = 1;
                held.Add(block);
            }
        case "wait":
            Console.WriteLine("waiting");
            Thread.Sleep(Timeout.Infinite);
            break;
        }
        return 0;
    }
}
