using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Contract;
using Edge.Io;

namespace Edge.Certificates;

/// <summary>
/// Puts up what an authority comes to look at, and takes it down again: a path for the loops to answer, or a certificate for them to show. From any thread.
/// </summary>
/// <param name="tokens">What the loops answer over plain HTTP.</param>
/// <param name="showProofs">Gets the certificates by name each time they change; null for none.</param>
/// <param name="tickets">The process's keys.</param>
/// <param name="time">The clock of the certificates.</param>
internal sealed class ChallengeBoard(
    AcmeTokens tokens, Action<IReadOnlyDictionary<string, TlsCertificate>?> showProofs, TicketKeys tickets, TimeProvider time)
{
    private readonly Lock _change = new();
    private Dictionary<string, TlsCertificate> _proofs = [];

    /// <summary>Puts up what one challenge asks for; to dispose of the result takes it down.</summary>
    /// <param name="kind">The kind of the challenge.</param>
    /// <param name="host">The name that is to be proved.</param>
    /// <param name="token">The authority's.</param>
    /// <param name="keyAuthorization">The answer (RFC 8555 §8.1).</param>
    internal IDisposable Put(ChallengeKind kind, string host, string token, string keyAuthorization)
    {
        if (kind == ChallengeKind.Http)
        {
            tokens.Put(token, keyAuthorization);
            return new Removal(() => tokens.Remove(token));
        }

        using var key = SigningKey.Generate();
        byte[] pem = PemText.OfCertificate(CertificateWriter.Proof(host, key, Digest.Of(Encoding.ASCII.GetBytes(keyAuthorization)), time.GetUtcNow()));
        TlsCertificate proof = TlsCertificate.Read(pem, key.ToPem(), tickets);
        TlsFrontend.ConfineToChallenges(proof);
        string name = NameOf(host);
        Change(proofs => proofs[name] = proof);
        return new Removal(() => Change(proofs => proofs.Remove(name)));
    }

    /// <summary>What the authority asks for with SNI; for an address it is the name of its reverse look-up (RFC 8738 §6).</summary>
    internal static string NameOf(string host)
    {
        if (!IPAddress.TryParse(host, out IPAddress? address))
        {
            return host.ToLowerInvariant();
        }

        byte[] bytes = address.GetAddressBytes();
        Array.Reverse(bytes);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? $"{string.Join('.', bytes)}.in-addr.arpa"
            : $"{string.Join('.', bytes.Select(b => $"{b & 0xF:x}.{b >> 4:x}"))}.ip6.arpa";
    }

    private void Change(Action<Dictionary<string, TlsCertificate>> change)
    {
        lock (_change)
        {
            // Loops may be reading the one before.
            var next = new Dictionary<string, TlsCertificate>(_proofs);
            change(next);
            _proofs = next;
            showProofs(next.Count == 0 ? null : next);
        }
    }

    private sealed class Removal(Action remove) : IDisposable
    {
        public void Dispose() => remove();
    }
}
