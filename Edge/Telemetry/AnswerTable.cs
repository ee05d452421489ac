namespace Edge.Telemetry;

/// <summary>
/// Answers by method and status. One thread counts, without locks; any thread reads. A method has a row from its first answer on, so that the table is
/// as large as what is asked: nobody who sends made-up methods or statuses makes it larger, since those that are not known have one place together.
/// </summary>
internal sealed class AnswerTable
{
    // The statuses of IANA's registry, and those that common servers and networks of caches send beside them.
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

    // A row begins and ends with a cache line that nothing is written to: what lies beside it in memory is another thread's.
    private const int Padding = 8;
    private const int StatusAtMost = 599;

    private static readonly int s_none = Padding + s_statuses.Length;
    private static readonly int s_other = s_none + 1;

    // Told with the others, but counted apart: whether it is an error does not depend on who knows it.
    private static readonly int s_otherError = s_other + 1;
    private static readonly byte[] s_places = Places();
    private static readonly string[] s_codes = Codes();

    private readonly byte[] _places = s_places;
    private long[]?[] _rows = [];

    /// <summary>All answers.</summary>
    internal long Sum => Of(_ => true);

    /// <param name="method">The number of the request's.</param>
    /// <param name="status">0 where there was no answer.</param>
    internal void Count(int method, int status)
    {
        long[]?[] rows = _rows;
        long[] row = (uint)method < (uint)rows.Length ? rows[method] ?? AddRow(method) : AddRow(method);
        byte[] places = _places;
        row[(uint)status < (uint)places.Length ? places[status] : s_other]++;
    }

    /// <summary>How often one method got one status; a status that is not known counts with all such.</summary>
    internal long Of(int method, int status) =>
        Volatile.Read(ref _rows) is { } rows && method < rows.Length && rows[method] is { } row ? Volatile.Read(ref row[PlaceOf(status)]) : 0;

    /// <summary>
    /// How often any method got one of the statuses; 0 stands for none, 600 for an error (5xx) that is not known, -1 for all else that is not.
    /// </summary>
    internal long Of(Func<int, bool> which)
    {
        long sum = 0;
        foreach (long[]? row in Volatile.Read(ref _rows))
        {
            for (int i = 0; row is not null && i < s_statuses.Length + 3; i++)
            {
                sum += which(StatusAt(i)) ? Volatile.Read(ref row[Padding + i]) : 0;
            }
        }

        return sum;
    }

    /// <summary>
    /// Each method that has been seen, with each status that it got and those that it may well get: the one that appears later has had a zero before.
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
                long count = Volatile.Read(ref row[place]) + (place == s_other ? Volatile.Read(ref row[s_otherError]) : 0);
                if (count > 0 || Array.IndexOf(expected, StatusAt(i)) >= 0)
                {
                    yield return new AnswerCount(method, s_codes[i], count);
                }
            }
        }
    }

    /// <summary>Adds all that is counted here to a table that no other thread uses.</summary>
    internal void AddTo(AnswerTable sum)
    {
        long[]?[] rows = Volatile.Read(ref _rows);
        for (int method = 0; method < rows.Length; method++)
        {
            if (rows[method] is { } row)
            {
                long[] to = sum.AddRow(method);
                for (int i = Padding; i <= s_otherError; i++)
                {
                    to[i] += Volatile.Read(ref row[i]);
                }
            }
        }
    }

    /// <summary>The methods given are told with their zeros, whether they have been seen or not.</summary>
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

        long[] row = rows[method] ??= new long[s_otherError + 1 + Padding];
        Volatile.Write(ref _rows, rows);
        return row;
    }

    // Beside the statuses: none at all, and numbers that are no status for those that are not known.
    private static int StatusAt(int i) => i < s_statuses.Length ? s_statuses[i] : (i - s_statuses.Length) switch { 0 => 0, 1 => -1, _ => StatusAtMost + 1 };

    private static int PlaceOf(int status) => (uint)status <= StatusAtMost ? s_places[status] : s_other;

    private static byte[] Places()
    {
        byte[] places = new byte[StatusAtMost + 1];
        Array.Fill(places, (byte)s_other);
        Array.Fill(places, (byte)s_otherError, 500, 100);
        places[0] = (byte)s_none;
        for (int i = 0; i < s_statuses.Length; i++)
        {
            places[s_statuses[i]] = (byte)(Padding + i);
        }

        return places;
    }

    private static string[] Codes() => [.. s_statuses.Select(s => $"{s}"), "none", "other"];
}
