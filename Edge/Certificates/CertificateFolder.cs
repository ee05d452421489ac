namespace Edge.Certificates;

/// <summary>Finds the certificates in a folder, and in the folders directly in it, by the names of the files.</summary>
internal static class CertificateFolder
{
    // As certbot, acme.sh and others name them, and as Kubernetes does. Files beside them are parts of the same.
    private static readonly (string File, string Key)[] s_wellKnown = [("fullchain.pem", "privkey.pem"), ("tls.crt", "tls.key")];

    /// <summary>In the order of their paths. Names that begin with a dot are passed over.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not read it.</exception>
    internal static List<CertificatePair> Find(string folder)
    {
        List<CertificatePair> found = FindIn(folder);
        foreach (string inner in Directory.GetDirectories(folder).Where(IsShown).Order(StringComparer.Ordinal))
        {
            found.AddRange(FindIn(inner));
        }

        return found;
    }

    private static List<CertificatePair> FindIn(string folder)
    {
        HashSet<string> files = [.. Directory.GetFiles(folder).Where(IsShown).Select(path => Path.GetFileName(path)!)];
        foreach ((string file, string key) in s_wellKnown)
        {
            if (files.Contains(file) && files.Contains(key))
            {
                return [new CertificatePair(Path.Combine(folder, file), Path.Combine(folder, key), IsNamed: false)];
            }
        }

        return
        [
            .. from file in files.Order(StringComparer.Ordinal)
               where Path.GetExtension(file) is ".pem" or ".crt"
               let key = Path.ChangeExtension(file, ".key")
               select new CertificatePair(Path.Combine(folder, file), Path.Combine(folder, files.Contains(key) ? key : file), IsNamed: false),
        ];
    }

    private static bool IsShown(string path) => !Path.GetFileName(path.AsSpan()).StartsWith('.');
}
