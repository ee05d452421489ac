using System.ComponentModel;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>The user that the process becomes once it listens: <c>Edge:User</c>.</summary>
internal static class RunAs
{
    /// <summary>Null if the process stays the user that it is.</summary>
    internal static ProcessUser? UserOf(EdgeOptions options) =>
        options.Identity() is var (user, groups) ? new ProcessUser(user, groups[0], groups[1..]) : null;

    /// <summary>Becomes that user, unless the process is it already.</summary>
    /// <exception cref="RunAsException">The process may not, or could not reach the engine any more as that user.</exception>
    internal static void Become(ProcessUser? user, DriverCapabilities driver, Log log)
    {
        if (user is null || Privileges.Is(user))
        {
            return;
        }

        // Checked before the change, because the new user may not even see the socket. If the engine is not there yet, the balancer waits for it
        // without this check.
        string? socket = driver.NeedsEngine && DockerEndpoint.OfProcess(out _, out _) is { Scheme: "unix" } engine && File.Exists(engine.AbsolutePath)
            ? engine.AbsolutePath : null;
        try
        {
            Privileges.Become(user);
        }
        catch (Win32Exception failed)
        {
            throw new RunAsException($"cannot become user {user.User} (Edge:User): {failed.Message}");
        }

        log.Info("became", ("uid", user.User), ("gid", user.Group), ("groups", string.Join(',', user.Groups)));
        if (socket is not null && !Privileges.MayConnect(socket))
        {
            throw new RunAsException($"user {user.User} (Edge:User) may not use {socket}; give it that file's group, as in Edge:User=uid:gid,group");
        }
    }
}
