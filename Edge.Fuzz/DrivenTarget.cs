using Edge.Tests.Fuzz;

namespace Edge.Fuzz;

/// <summary>A target that SharpFuzz calls for each input of AFL++; what breaks is written to EDGE_FUZZ_NOTES, a file.</summary>
internal sealed class DrivenTarget(string name)
{
    private readonly byte[] _input = new byte[1024 * 1024];
    private IFuzzTarget? _target;
    private int _runs;

    internal void Run(Stream stream)
    {
        // Made with the first input: before, there is no memory yet in which branches are counted.
        _target ??= FuzzTargets.Make(name);
        int length = Read(stream);
        try
        {
            _target.Run(_input.AsSpan(0, length));
        }
        catch (Exception broken) when (Environment.GetEnvironmentVariable("EDGE_FUZZ_NOTES") is { } notes)
        {
            // AFL++ keeps the input, and not what was wrong with it.
            File.AppendAllText(notes, $"{Convert.ToBase64String(_input, 0, length)}\n{broken}\n");
            throw;
        }
    }

    // SharpFuzz runs the first input twice, the first time for nothing. It reads it when it has said that it is there, and AFL++ writes
    // it when it has heard that: on a busy machine too late. Once it asks for the second run, it has.
    private int Read(Stream stream)
    {
        int length = stream.ReadAtLeast(_input, _input.Length, throwOnEndOfStream: false);
        if (++_runs != 2 || length > 0)
        {
            return length;
        }

        using Stream input = Console.OpenStandardInput();
        return input.ReadAtLeast(_input, _input.Length, throwOnEndOfStream: false);
    }
}
