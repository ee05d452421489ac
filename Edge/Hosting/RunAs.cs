using System.ComponentModel;
using Edge.Config;
using Edge.Drivers;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>Whom the process becomes once it listens: <c>Edge:User</c>.</summary>
internal static class RunAs
{
    /// <summary>Null where it stays who it is.</summary>
    internal static ProcessUser? UserOf(EdgeOptions options) =>
        options.Identity() is var (user, groups) ? new ProcessUser(user, groups[0], groups[1..]) : null;

    /// <summary>Becomes it, unless it is that already.</summary>
    /// <exception cref="RunAsException">It may not, or the engine that runs the replicas would not be reached any more.</exception>
    internal static void Become(ProcessUser? user, string driver, Log log)
    {
        if (user is null || Privileges.Is(user))
        {
            return;
        }

        // Asked before: as somebody else it may not even see it. An engine that is not there yet is awaited, whoever may use it then.
        string? socket = driver == "docker" && DockerEndpoint.OfProcess(out _, out _) is { Scheme: "unix" } engine && File.Exists(engine.AbsolutePath)
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
