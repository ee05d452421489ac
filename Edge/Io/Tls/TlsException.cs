using System.Runtime.InteropServices;

namespace Edge.Io;

/// <summary>OpenSSL could not do what was asked, in its own words (ERR_get_error(3ssl)).</summary>
internal sealed class TlsException : Exception
{
    internal TlsException(string what) : base($"{what}: {TakeErrors()}")
    {
    }

    /// <summary>
    /// After the last item of a PEM text: the end is an error of its own (PEM_R_NO_START_LINE) and is no fault; any other is what could not be read.
    /// </summary>
    /// <exception cref="TlsException">The text did not end there.</exception>
    internal static void CheckEndOfText(string what)
    {
        if (OpenSsl.IsEndOfText(OpenSsl.ERR_peek_last_error()))
        {
            OpenSsl.ERR_clear_error();
            return;
        }

        throw new TlsException(what);
    }

    /// <summary>
    /// To be called before each step of a session: SSL_get_error(3ssl) takes an error that is left on the thread for one of the session, even if the session
    /// only wants more bytes; and some calls that succeed leave one.
    /// </summary>
    internal static void ForgetErrors()
    {
        if (OpenSsl.ERR_peek_error() != 0)
        {
            OpenSsl.ERR_clear_error();
        }
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
