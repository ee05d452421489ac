using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>OpenSSL could not do what was asked, in its own words (ERR_get_error(3ssl)).</summary>
internal sealed class TlsException : Exception
{
    internal TlsException(string what) : base($"{what}: {TakeErrors()}")
    {
    }

    internal static nint Check(nint result, string what) => result != 0 ? result : throw new TlsException(what);

    /// <summary>The errors of this thread, the oldest first; none are left.</summary>
    internal static unsafe string TakeErrors()
    {
        var words = new List<string>();
        byte* text = stackalloc byte[256];
        while (OpenSsl.ERR_get_error() is var error and not 0)
        {
            OpenSsl.ERR_error_string_n(error, text, 256);
            string line = Marshal.PtrToStringUTF8((nint)text)!;

            // "error:0A00010B:SSL routines::wrong version number": the last part says it.
            words.Add(line[(line.LastIndexOf(':') + 1)..]);
        }

        return words.Count == 0 ? "no reason given" : string.Join(", ", words);
    }
}
