using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Edge.Io;

/// <summary>The privileges that the process has, and those that it gives up (capabilities(7), prctl(2), credentials(7)).</summary>
internal static unsafe class Privileges
{
    // What root may do, and this program uses, besides owning files: to read its options and the engine's socket anywhere; to listen at ports below
    // 1024; to become another user.
    private const int DacOverride = 1;
    private const int SetGroup = 6;
    private const int SetUser = 7;
    private const int BindService = 10;
    private const ulong Kept = 1UL << DacOverride | 1UL << SetGroup | 1UL << SetUser | 1UL << BindService;

    private const int CapabilitiesAtMost = 64;
    private const uint CapabilityVersion = 0x20080522;

    /// <summary>
    /// For good: no process that this one starts has more privileges or any capability, and this process keeps only the few capabilities that it
    /// uses. No core file is written unless the limit is raised, because it would hold tokens and what clients sent. To be called first of all: new
    /// threads inherit this, and threads that exist already do not.
    /// </summary>
    internal static void Confine()
    {
        ConfineThread();

        // Beside the main thread, the runtime has started one thread by now: the one for finalizers.
        LeaveToFinalizer();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        ulong* core = stackalloc ulong[2];
        if (Libc.getrlimit(Libc.RLIMIT_CORE, core) == 0)
        {
            core[0] = 0;
            Libc.setrlimit(Libc.RLIMIT_CORE, core);
        }
    }

    /// <summary>
    /// For good: another process of the same user can neither read this one's memory nor attach to it, as a debugger does, and no core file has it
    /// (PR_SET_DUMPABLE of prctl(2)). To be called before a key is read.
    /// </summary>
    internal static void HideMemory() => Libc.prctl(Libc.PR_SET_DUMPABLE, 0, 0, 0, 0);

    /// <summary>Whether the memory is hidden.</summary>
    internal static bool IsMemoryHidden => Libc.prctl(Libc.PR_GET_DUMPABLE, 0, 0, 0, 0) != 1;

    /// <summary>Becomes another user, with every thread and for good. All capabilities are lost with that.</summary>
    /// <exception cref="Win32Exception">The process may not.</exception>
    internal static void Become(ProcessUser who)
    {
        fixed (uint* groups = who.Groups.ToArray())
        {
            // The C library makes each of these calls on every thread; the kernel would only change this one.
            Check(Libc.setgroups((nuint)who.Groups.Count, groups), "setgroups");
        }

        Check(Libc.setresgid(who.Group, who.Group, who.Group), "setresgid");
        Check(Libc.setresuid(who.User, who.User, who.User), "setresuid");
    }

    /// <summary>The number of the user that this process runs as.</summary>
    internal static uint User => Libc.geteuid();

    /// <summary>Whether this process runs as that user already.</summary>
    internal static bool Is(ProcessUser who) => User == who.User;

    /// <summary>Whether this process may connect to a Unix socket.</summary>
    internal static bool MayConnect(string path) => Libc.access(path, Libc.W_OK) == 0;

    // These calls fail if there is nothing to give up, or if a sandbox around the process forbids them. Neither is a reason not to serve.
    private static void ConfineThread()
    {
        Libc.prctl(Libc.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        for (nuint capability = 0; capability < CapabilitiesAtMost; capability++)
        {
            Libc.prctl(Libc.PR_CAPBSET_DROP, capability, 0, 0, 0);
        }

        // Header: version, and 0 for this thread. Sets: effective, permitted, inheritable of the lower 32, then of the upper.
        uint* header = stackalloc uint[] { CapabilityVersion, 0 };
        uint* sets = stackalloc uint[6];
        if (Libc.capget(header, sets) == 0)
        {
            for (int half = 0; half < 2; half++)
            {
                uint kept = (uint)(Kept >> (32 * half));
                sets[3 * half] &= kept;
                sets[3 * half + 1] &= kept;
                sets[3 * half + 2] = 0;
            }

            Libc.capset(header, sets);
        }
    }

    private static void Check(int result, string call)
    {
        if (result < 0)
        {
            int errno = Libc.Errno;
            throw new Win32Exception(errno, $"{call}: {new Win32Exception(errno).Message}");
        }
    }

    // In a method of its own, so that no register still holds the object.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveToFinalizer() => _ = new Finalized();

    private sealed class Finalized
    {
        ~Finalized() => ConfineThread();
    }
}
