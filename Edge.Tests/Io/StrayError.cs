using Edge.Io;

namespace Edge.Tests.Io;

/// <summary>An error of OpenSSL that a call has left on its thread, as some do that nobody asks for the reason.</summary>
internal static unsafe class StrayError
{
    /// <summary>Leaves one on the present thread.</summary>
    internal static void Leave()
    {
        byte nothing = 0;
        nint bio = OpenSsl.BIO_new_mem_buf(&nothing, 1);
        Assert.Equal(0, OpenSsl.PEM_read_bio_X509(bio, null, null, null));
        Assert.Equal(1, OpenSsl.BIO_free(bio));
        Assert.NotEqual(0UL, OpenSsl.ERR_peek_error());
    }
}
