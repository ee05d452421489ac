using System.Runtime.CompilerServices;

namespace Edge.Io;

/// <summary>How host names become addresses.</summary>
internal static class NameService
{
    /// <summary>
    /// Limits the look-up of names to /etc/hosts and DNS, whatever nsswitch.conf(5) says: a C library that is linked statically crashes when it loads
    /// the modules of any other service. To be called before the first look-up.
    /// </summary>
    internal static void Confine()
    {
        // If code is compiled at run time, the program is not linked statically, and the host's own library follows nsswitch.conf.
        if (!RuntimeFeature.IsDynamicCodeSupported && Libc.__nss_configure_lookup("hosts", "files dns") != 0)
        {
            throw new InvalidOperationException("The C library does not take the services for host names.");
        }
    }
}
