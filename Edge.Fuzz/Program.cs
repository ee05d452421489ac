using Edge.Fuzz;
using Edge.Tests.Fuzz;
using SharpFuzz;

// What runs a target once for each input:
//
//   Edge.Fuzz instrument FILE        puts the counting of branches into an assembly, in place
//   Edge.Fuzz run TARGET             as AFL++ asks, on standard input; what breaks is written to EDGE_FUZZ_NOTES, a file
//   Edge.Fuzz seeds TARGET FOLDER    writes the seeds that a corpus begins with
//   Edge.Fuzz replay TARGET FILE…    runs inputs, and says which of them breaks what
switch (args)
{
    case ["instrument", var file]:
        Fuzzer.Instrument(file, _ => true, Options.Value);
        return 0;
    case ["run", var name]:
        var driven = new DrivenTarget(name);
        Fuzzer.Run(driven.Run);
        return 0;
    case ["seeds", var name, var folder]:
        Directory.CreateDirectory(folder);
        foreach ((string file, byte[] seed) in FuzzSeeds.Of(name))
        {
            File.WriteAllBytes(Path.Combine(folder, file), seed);
        }

        return 0;
    case ["replay", var name, .. var files]:
        int broken = 0;
        using (IFuzzTarget target = FuzzTargets.Make(name))
        {
            foreach (string file in files)
            {
                try
                {
                    target.Run(File.ReadAllBytes(file));
                }
                catch (Exception failed)
                {
                    broken++;
                    Console.WriteLine($"{file}: {failed}");
                }
            }
        }

        Console.WriteLine($"{files.Length} inputs, {broken} broken");
        return broken == 0 ? 0 : 1;
    default:
        Console.Error.WriteLine("usage: Edge.Fuzz instrument FILE | run TARGET | seeds TARGET FOLDER | replay TARGET FILE…");
        return 64;
}
