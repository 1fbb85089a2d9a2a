using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using AltClip.Training.Distributed;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>The processes of a group as threads of this process: the same group, by the same sockets.</summary>
internal static class RankThreads
{
    /// <summary>Runs all ranks to their end.</summary>
    /// <param name="worldSize">How many.</param>
    /// <param name="run">What each does.</param>
    /// <param name="timeout">How long one waits for the others; a minute if not said.</param>
    /// <param name="join">How they join, if not as <see cref="ProcessGroup.Join"/> does.</param>
    /// <returns>What each returned, in order.</returns>
    public static T[] Run<T>(int worldSize, Func<ProcessGroup, T> run, TimeSpan? timeout = null, Func<ProcessGroupOptions, ProcessGroup>? join = null)
    {
        var port = FreePort();
        var (results, errors) = (new T[worldSize], new Exception?[worldSize]);
        var threads = Enumerable.Range(0, worldSize).Select(rank => new Thread(() =>
        {
            try
            {
                var options = new ProcessGroupOptions { Rank = rank, WorldSize = worldSize, MasterPort = port, Timeout = timeout ?? TimeSpan.FromMinutes(1) };
                using var group = join?.Invoke(options) ?? ProcessGroup.Join(options);
                results[rank] = run(group);
            }
            catch (Exception e)
            {
                errors[rank] = e;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        // That others can't go on follows from the first.
        var error = errors.OfType<Exception>().OrderBy(e => e is ProcessGroupException).FirstOrDefault();
        if (error is not null) ExceptionDispatchInfo.Throw(error);
        return results;
    }

    /// <summary>Runs all ranks to their end, and disposes what they made but for what is in their results.</summary>
    /// <param name="worldSize">How many.</param>
    /// <param name="run">What each does.</param>
    /// <param name="tensors">The tensors of a result, which belong to the caller's scope then.</param>
    /// <param name="join">How they join, if not as <see cref="ProcessGroup.Join"/> does.</param>
    /// <returns>What each returned, in order.</returns>
    public static T[] Run<T>(
        int worldSize, Func<ProcessGroup, T> run, Func<T, IEnumerable<Tensor>> tensors, Func<ProcessGroupOptions, ProcessGroup>? join = null)
    {
        // A thread's scopes are its own, so what is to outlive them goes by this list.
        var results = new List<Tensor>();
        using var scope = NewDisposeScope();
        try
        {
            return Run(worldSize, group =>
            {
                using var rankScope = NewDisposeScope();
                var result = run(group);
                lock (results) results.AddRange(tensors(result).Select(tensor => tensor.DetachFromDisposeScope()));
                return result;
            }, join: join);
        }
        finally
        {
            foreach (var tensor in results) scope.Attach(tensor);
            foreach (var tensor in results) tensor.MoveToOuterDisposeScope();
        }
    }

    /// <summary>A port that nobody listens at.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
