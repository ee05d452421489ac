using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Edge.Config;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>
/// The folder in which accounts and certificates outlive the process: in it one folder for each authority, and there <c>account.pem</c>, and for each name
/// <c>NAME.pem</c> (the key and the chain), <c>NAME.order</c> (while an order is under way) and <c>NAME.failures</c>; and in <c>challenges</c> what the
/// authority is about to ask for. Every file is whole or not there. Several processes may have one folder; whoever has the lock of a name writes that
/// name's files.
/// </summary>
internal sealed class AcmeStore
{
    private const string Account = "account";
    private const string ChallengeFile = ".challenge";
    private const string OrderPrefix = "# order ";

    private static readonly TimeSpan s_challengeLife = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly Action<string>? _step;

    private AcmeStore(string folder, Action<string>? step) => (_folder, _step) = (folder, step);

    /// <summary>Where the files of this authority are.</summary>
    internal string Folder => _folder;

    /// <summary>Makes the folders, and tries whether they can be written to.</summary>
    /// <param name="folder">Of all authorities.</param>
    /// <param name="directory">The authority's: its certificates are not those of another one.</param>
    /// <param name="step">Is told after each step of each file, for tests that end there; null outside of tests.</param>
    /// <exception cref="IOException">It cannot be written to; the message says so.</exception>
    internal static AcmeStore Open(string folder, Uri directory, Action<string>? step = null)
    {
        string all = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string own = Path.Combine(all, NameOf(directory));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(all) ?? all);
            PrivateFiles.MakeFolder(all);
            PrivateFiles.MakeFolder(own);
            PrivateFiles.MakeFolder(Path.Combine(own, "challenges"));
            string probe = Path.Combine(own, $"probe-{Path.GetRandomFileName()}");
            DurableFile.Write(probe, "written to see whether it can be\n"u8, step: null);
            File.Delete(probe);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the folder {folder} cannot be written to: {failed.Message}", failed);
        }

        return new AcmeStore(own, step);
    }

    /// <summary>The account's key; made where there is none. Several processes get the same one.</summary>
    internal async Task<SigningKey> AccountAsync(TimeProvider time, CancellationToken cancellation)
    {
        string path = PathOf(Account, ".pem");
        while (true)
        {
            if (File.Exists(path))
            {
                return SigningKey.Read(await File.ReadAllBytesAsync(path, cancellation));
            }

            using (FileLock? held = TryLock(Account))
            {
                if (held is not null && !File.Exists(path))
                {
                    using var made = SigningKey.Generate();
                    DurableFile.Write(path, made.ToPem(), _step);
                    continue;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellation);
        }
    }

    /// <summary>Takes the lock of a name; null if another process, or another task of this one, has it.</summary>
    internal FileLock? TryLock(string host) => FileLock.TryTake(PathOf(host, ".lock"));

    /// <summary>The key and the chain of a name, as one PEM text; null if there are none.</summary>
    internal byte[]? ReadCertificate(string host) => Read(PathOf(host, ".pem"));

    internal void WriteCertificate(string host, byte[] pem) => DurableFile.Write(PathOf(host, ".pem"), pem, _step);

    /// <summary>The order that is under way; null if there is none, or none that can be read.</summary>
    internal PendingOrder? ReadOrder(string host)
    {
        if (Read(PathOf(host, ".order")) is not { } text)
        {
            return null;
        }

        string line = Encoding.UTF8.GetString(text).Split('\n')[0];
        if (!line.StartsWith(OrderPrefix, StringComparison.Ordinal) || !Uri.TryCreate(line[OrderPrefix.Length..], UriKind.Absolute, out Uri? address))
        {
            return null;
        }

        try
        {
            return new PendingOrder(address, SigningKey.Read(text));
        }
        catch (Exception unreadable) when (unreadable is TlsException or FormatException)
        {
            // Not this program's: a new order takes its place.
            return null;
        }
    }

    internal void WriteOrder(string host, PendingOrder order) =>
        DurableFile.Write(PathOf(host, ".order"), [.. Encoding.UTF8.GetBytes($"{OrderPrefix}{order.Address}\n"), .. order.Key.ToPem()], _step);

    internal void RemoveOrder(string host) => Remove(PathOf(host, ".order"));

    /// <summary>How it failed until now; null if it did not.</summary>
    internal FailureRecord? ReadFailures(string host)
    {
        try
        {
            return Read(PathOf(host, ".failures")) is { } text ? JsonSerializer.Deserialize(text, AcmeJson.Default.FailureRecord) : null;
        }
        catch (JsonException)
        {
            // Written by another version: it begins anew.
            return null;
        }
    }

    internal void WriteFailures(string host, FailureRecord failures) =>
        DurableFile.Write(PathOf(host, ".failures"), JsonSerializer.SerializeToUtf8Bytes(failures, AcmeJson.Default.FailureRecord), _step);

    internal void RemoveFailures(string host) => Remove(PathOf(host, ".failures"));

    /// <summary>Tells all processes with this folder what the authority is about to ask for.</summary>
    internal void WriteChallenge(string host, SharedChallenge challenge) =>
        DurableFile.Write(ChallengeOf(host), JsonSerializer.SerializeToUtf8Bytes(challenge, AcmeJson.Default.SharedChallenge), _step);

    internal void RemoveChallenge(string host) => Remove(ChallengeOf(host));

    /// <summary>What the authority may ask for now, of all names; of very many some. What has been there for an hour is removed.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    internal IReadOnlyList<SharedChallenge> ReadChallenges(DateTimeOffset now)
    {
        var found = new List<SharedChallenge>();
        foreach (string path in Directory.EnumerateFiles(Path.Combine(_folder, "challenges")).Take(2 * Limits.AcmeChallenges))
        {
            if (now - File.GetLastWriteTimeUtc(path) > s_challengeLife)
            {
                RemoveStale(path, now);
            }
            else if (path.EndsWith(ChallengeFile, StringComparison.Ordinal) && found.Count < Limits.AcmeChallenges && ReadChallenge(path) is { } one
                && one.IsGood(now))
            {
                found.Add(one);
            }
        }

        return found;
    }

    // The name may have begun another one in the meantime; it does so under its lock.
    private void RemoveStale(string path, DateTimeOffset now)
    {
        string host = Path.GetFileName(path);
        host = host[..Math.Max(0, host.LastIndexOf(ChallengeFile, StringComparison.Ordinal))];
        using FileLock? held = host.Length > 0 ? TryLock(host) : null;
        if (held is not null && now - File.GetLastWriteTimeUtc(path) > s_challengeLife)
        {
            File.Delete(path);
        }
    }

    private static SharedChallenge? ReadChallenge(string path)
    {
        byte[] text = new byte[Limits.AcmeChallengeBytes + 1];
        try
        {
            using FileStream file = File.OpenRead(path);
            int length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            return length < text.Length ? JsonSerializer.Deserialize(text.AsSpan(0, length), AcmeJson.Default.SharedChallenge) : null;
        }
        catch (Exception none) when (none is FileNotFoundException or JsonException)
        {
            // Its process has taken it down since the folder was listed; or it is of another version.
            return null;
        }
    }

    private string ChallengeOf(string host) => Path.Combine(_folder, "challenges", Path.GetFileName(PathOf(host, ChallengeFile)));

    // The host for people, and a digest of the whole address, since a host may have several directories.
    private static string NameOf(Uri directory)
    {
        byte[] digest = Digest.Of(Encoding.UTF8.GetBytes(directory.AbsoluteUri));
        return $"{directory.IdnHost.Trim('[', ']').Replace(':', '-')}-{Base64Url.EncodeToString(digest.AsSpan(0, 6))}";
    }

    // A name has no slash (AcmeOptions.IsHost), and an address gets no colon.
    private string PathOf(string host, string kind) => Path.Combine(_folder, host.ToLowerInvariant().Replace(':', '-') + kind);

    private static byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private void Remove(string path)
    {
        File.Delete(path);
        _step?.Invoke($"{Path.GetFileName(path)} removed");
    }
}
