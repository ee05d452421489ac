using System.Text;
using Edge.Config;
using Edge.Io;

namespace Edge.Cli;

/// <summary><c>edge hash-password NAME</c>: reads a password from standard input, and prints the item of Edge:Access:Users for it.</summary>
internal static class PasswordVerb
{
    /// <summary>The shortest password: the hash is a fast one, so that shorter ones could be found by trying.</summary>
    private const int CharsAtLeast = 16;

    /// <summary>Runs it. Returns the exit code.</summary>
    /// <param name="arguments">Those behind the verb.</param>
    /// <param name="input">Has the password in its first line.</param>
    /// <param name="output">Gets the item.</param>
    /// <param name="errors">Gets what is wrong, never the password.</param>
    internal static int Run(IReadOnlyList<string> arguments, TextReader input, TextWriter output, TextWriter errors)
    {
        if (arguments is not [[not '-', ..] name])
        {
            errors.WriteLine($"edge: {Verbs.HashPassword} needs the name of a user; see edge {Verbs.HashPassword} --help");
            return ExitCodes.Usage;
        }

        string password = input.ReadLine() ?? "";
        if (password.Length < CharsAtLeast || password.Any(char.IsControl) || Encoding.UTF8.GetByteCount(password) > PasswordHash.PasswordBytes)
        {
            errors.WriteLine($"edge: a password of {CharsAtLeast} characters at least is read from standard input; "
                + $"openssl rand -base64 18 | tee /dev/tty | edge {Verbs.HashPassword} {name} makes one");
            return ExitCodes.Usage;
        }

        byte[] salt = PasswordHash.NewSalt(AccessUser.SaltBytes);
        byte[] hash = new byte[AccessUser.HashBytes];
        PasswordHash.Write(salt, Encoding.UTF8.GetBytes(password), hash);
        string item = AccessOptions.ShowUser(name, salt, hash);
        if (AccessOptions.ParseUser(item) is null)
        {
            errors.WriteLine($"edge: \"{name}\" can't be the name of a user: allowed are 1 to 64 bytes without colons and control characters");
            return ExitCodes.Usage;
        }

        output.WriteLine(item);
        return ExitCodes.Ok;
    }
}
