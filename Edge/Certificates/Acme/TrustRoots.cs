namespace Edge.Certificates;

/// <summary>
/// Who vouches for an authority's own server: the roots of Let's Encrypt (ISRG Root X1 and X2), which are in the program since an empty image has no others;
/// those that the machine believes; and those of a file by option.
/// </summary>
internal static class TrustRoots
{
    /// <param name="file">The file by option, or empty.</param>
    /// <returns>PEM texts.</returns>
    /// <exception cref="IOException">The file by option cannot be read.</exception>
    internal static IReadOnlyList<byte[]> Read(string file)
    {
        var roots = new List<byte[]> { OfLetsEncrypt() };
        if (file.Length > 0)
        {
            try
            {
                roots.Add(File.ReadAllBytes(file));
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"{file} cannot be read (Edge:Tls:Acme:Roots): {failed.Message}", failed);
            }
        }

        if (MachineRoots.Read() is { } machine)
        {
            roots.Add(machine);
        }

        return roots;
    }

    private static byte[] OfLetsEncrypt()
    {
        using Stream resource = typeof(TrustRoots).Assembly.GetManifestResourceStream("isrg-roots.pem")!;
        byte[] text = new byte[resource.Length];
        resource.ReadExactly(text);
        return text;
    }
}
