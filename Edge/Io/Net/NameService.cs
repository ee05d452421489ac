using System.Runtime.CompilerServices;

namespace Edge.Io;

/// <summary>How host names become addresses.</summary>
internal static class NameService
{
    /// <summary>
    /// Has names looked up in /etc/hosts and by DNS alone, whatever nsswitch.conf(5) says: a C library that is linked
    /// statically crashes when it loads the modules of any other service. Before the first name is looked up.
    /// </summary>
    internal static void Confine()
    {
        // Not statically linked where code is compiled at run time; there the host's own library does as it is told.
        if (!RuntimeFeature.IsDynamicCodeSupported && Libc.__nss_configure_lookup("hosts", "files dns") != 0)
        {
            throw new InvalidOperationException("The C library does not take the services for host names.");
        }
    }
}
