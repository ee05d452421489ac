namespace Edge.Io;

/// <summary>The bytes of OpenSSL's objects (DER, ITU-T X.690).</summary>
internal static unsafe class Der
{
    /// <param name="encode">One of the functions i2d_… (d2i_X509(3ssl)).</param>
    /// <param name="item">What it encodes.</param>
    /// <exception cref="TlsException">It cannot be encoded.</exception>
    internal static byte[] Of(delegate*<nint, byte**, int> encode, nint item)
    {
        int length = encode(item, null);
        TlsException.Check(length > 0 ? 1 : 0, "it cannot be encoded");
        byte[] der = new byte[length];
        fixed (byte* to = der)
        {
            byte* at = to;
            encode(item, &at);
        }

        return der;
    }
}
