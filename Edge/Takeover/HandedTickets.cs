using System.Globalization;
using Edge.Io;

namespace Edge.Takeover;

/// <summary>
/// The keys of TLS session tickets, from one process to the next: the sessions of the old one are resumed by the new one. They go over the socket of the
/// takeover, whose other end the kernel vouches for, and are nowhere else.
/// </summary>
/// <param name="keys">Newest first; see <see cref="TicketKeys.All"/>.</param>
/// <param name="left">Until the newest has encrypted for long enough.</param>
internal sealed class HandedTickets(IReadOnlyList<byte[]> keys, TimeSpan left)
{
    internal IReadOnlyList<byte[]> Keys => keys;

    internal TimeSpan Left => left;

    /// <summary>The record behind its first word: the seconds that are left, and the keys in base64.</summary>
    internal string ToText() => string.Join(' ', keys.Select(Convert.ToBase64String).Prepend(((long)left.TotalSeconds).ToString(CultureInfo.InvariantCulture)));

    /// <summary>Reads that; null for anything else.</summary>
    internal static HandedTickets? Parse(string text)
    {
        string[] words = text.Split(' ');
        if (words.Length < 2 || !uint.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds))
        {
            return null;
        }

        var keys = new List<byte[]>();
        foreach (string word in words[1..])
        {
            byte[] key = new byte[TicketKeys.KeyBytes];
            if (!Convert.TryFromBase64String(word, key, out int length) || length != key.Length)
            {
                return null;
            }

            keys.Add(key);
        }

        return new HandedTickets(keys, TimeSpan.FromSeconds(seconds));
    }
}
