namespace Edge.Telemetry;

/// <summary>
/// Responses by method and status. One thread counts, without locks; any thread reads. A method gets a row with its first response. Unknown methods
/// are counted together, and so are unknown statuses, so made-up ones do not make the table larger.
/// </summary>
internal sealed class AnswerTable
{
    // The statuses of IANA's registry, and others that common servers and content networks send.
    private static readonly short[] s_statuses =
    [
        100, 101, 102, 103, 104,
        200, 201, 202, 203, 204, 205, 206, 207, 208, 226,
        300, 301, 302, 303, 304, 305, 306, 307, 308,
        400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 419, 420, 421, 422, 423, 424, 425, 426, 428,
        429, 430, 431,
        440, 444, 449, 450, 451, 460, 463, 494, 495, 496, 497, 498, 499,
        500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510, 511, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530, 561, 598, 599,
    ];

    // A row begins and ends with a cache line that is never written: the memory beside it belongs to another thread.
    private const int Padding = 8;
    private const int StatusAtMost = 599;

    private static readonly int s_none = Padding + s_statuses.Length;
    private static readonly int s_other = s_none + 1;
    private static readonly byte[] s_places = Places();
    private static readonly string[] s_codes = Codes();

    private readonly byte[] _places = s_places;
    private long[]?[] _rows = [];

    /// <param name="method">The number of the request's method.</param>
    /// <param name="status">0 if there was no response.</param>
    internal void Count(int method, int status)
    {
        long[]?[] rows = _rows;
        long[] row = (uint)method < (uint)rows.Length ? rows[method] ?? AddRow(method) : AddRow(method);
        byte[] places = _places;
        row[(uint)status < (uint)places.Length ? places[status] : s_other]++;
    }

    /// <summary>How often one method got one status. An unknown status counts together with all unknown ones.</summary>
    internal long Of(int method, int status) =>
        Volatile.Read(ref _rows) is { } rows && method < rows.Length && rows[method] is { } row ? Volatile.Read(ref row[PlaceOf(status)]) : 0;

    /// <summary>
    /// Each method that has occurred, with each status that it got and those that it may well get, so that a status that appears later had a zero
    /// before.
    /// </summary>
    /// <param name="expected">Statuses, 0 for none.</param>
    internal IEnumerable<AnswerCount> All(params int[] expected)
    {
        long[]?[] rows = Volatile.Read(ref _rows);
        for (int method = 0; method < rows.Length; method++)
        {
            for (int i = 0; rows[method] is { } row && i < s_statuses.Length + 2; i++)
            {
                int place = Padding + i;
                long count = Volatile.Read(ref row[place]);
                if (count > 0 || Array.IndexOf(expected, StatusAt(i)) >= 0)
                {
                    yield return new AnswerCount(method, s_codes[i], count);
                }
            }
        }
    }

    /// <summary>Adds all counts to a table that no other thread uses.</summary>
    internal void AddTo(AnswerTable sum)
    {
        long[]?[] rows = Volatile.Read(ref _rows);
        for (int method = 0; method < rows.Length; method++)
        {
            if (rows[method] is { } row)
            {
                long[] to = sum.AddRow(method);
                for (int i = Padding; i <= s_other; i++)
                {
                    to[i] += Volatile.Read(ref row[i]);
                }
            }
        }
    }

    /// <summary>These methods are reported with zeros even if they have not occurred.</summary>
    internal void Expect(params ReadOnlySpan<int> methods)
    {
        foreach (int method in methods)
        {
            AddRow(method);
        }
    }

    private long[] AddRow(int method)
    {
        long[]?[] rows = _rows;
        if (method >= rows.Length)
        {
            Array.Resize(ref rows, method + 1);
        }

        long[] row = rows[method] ??= new long[s_other + 1 + Padding];
        Volatile.Write(ref _rows, rows);
        return row;
    }

    // Beside the statuses: none at all, and a number that is no status, for the unknown ones.
    private static int StatusAt(int i) => i < s_statuses.Length ? s_statuses[i] : i == s_statuses.Length ? 0 : -1;

    private static int PlaceOf(int status) => (uint)status <= StatusAtMost ? s_places[status] : s_other;

    private static byte[] Places()
    {
        byte[] places = new byte[StatusAtMost + 1];
        Array.Fill(places, (byte)s_other);
        places[0] = (byte)s_none;
        for (int i = 0; i < s_statuses.Length; i++)
        {
            places[s_statuses[i]] = (byte)(Padding + i);
        }

        return places;
    }

    private static string[] Codes() => [.. s_statuses.Select(s => $"{s}"), "none", "other"];
}
