using Edge.Config;
using Edge.Contract;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Certificates;

/// <summary>Makes the manager that the options ask for.</summary>
internal static class AcmeSetup
{
    /// <summary>
    /// Opens the folder and reads what is there. A folder that cannot be written to is refused if the authority's certificates count; with a test authority, a
    /// temporary folder takes its place.
    /// </summary>
    /// <param name="options">Checked before.</param>
    /// <param name="hosts">The names that are to have certificates.</param>
    /// <param name="kinds">The kinds of proofs that can be given, the preferred one first.</param>
    /// <param name="tokens">What the loops answer over plain HTTP.</param>
    /// <param name="showProofs">Gets the certificates of challenges by name each time they change; null for none.</param>
    /// <param name="tickets">The process's keys.</param>
    /// <param name="agent">What requests call their sender, as edge/1.0.</param>
    /// <param name="time">The clock of everything but the network.</param>
    /// <param name="log">The process log.</param>
    /// <exception cref="IOException">The folder cannot be used, or the file of roots cannot be read; the message says so.</exception>
    internal static AcmeManager Open(
        AcmeOptions options, Func<IReadOnlyList<string>> hosts, IReadOnlyList<ChallengeKind> kinds, AcmeTokens tokens,
        Action<IReadOnlyDictionary<string, TlsCertificate>?> showProofs, TicketKeys tickets, string agent, TimeProvider time, Log log)
    {
        AcmeStore store = OpenStore(options, log);
        var board = new SharedBoard(store, new ChallengeBoard(tokens, showProofs, tickets, time), time, log);
        return new AcmeManager(options, hosts, store, board, tickets, agent, time, log) { Kinds = kinds };
    }

    private static AcmeStore OpenStore(AcmeOptions options, Log log)
    {
        try
        {
            return AcmeStore.Open(options.Storage, options.DirectoryUri());
        }
        catch (IOException refused) when (!options.IsProduction())
        {
            string folder = Directory.CreateTempSubdirectory("edge-acme-").FullName;
            log.Warning("acme_storage_temporary", ("why", refused.Message), ("folder", folder), ("then", "every start orders its certificates anew"));
            return AcmeStore.Open(folder, options.DirectoryUri());
        }
        catch (IOException refused)
        {
            throw new IOException(
                $"{refused.Message}. Certificates of {options.DirectoryUri().Authority} have to be kept, since it gives out only a few a week for a name: "
                + "set Edge:Tls:Acme:Storage to a folder that can be written to and that stays (in a container, a volume)", refused);
        }
    }
}
