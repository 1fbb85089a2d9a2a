using System.Diagnostics;

namespace AltClip.Cli;

/// <summary>
/// Where a job's time goes, in seconds. Reading and preparing happen while other inputs are encoded, so that together they are more than the
/// whole.
/// </summary>
internal sealed class StageTimes
{
    /// <summary>Bytes from the disk.</summary>
    public double Read { get; private set; }

    /// <summary>Decoding, resizing and normalising pictures, on all cores.</summary>
    public double Prepare { get; private set; }

    /// <summary>The model; with texts, the tokenizer too.</summary>
    public double Encode { get; private set; }

    /// <summary>Embeddings to the disk, until it has them.</summary>
    public double Write { get; private set; }

    /// <summary>Hands on a sequence, and counts the time that it takes.</summary>
    public IEnumerable<T> Reading<T>(IEnumerable<T> sequence)
    {
        using var items = sequence.GetEnumerator();
        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            var hasNext = items.MoveNext();
            Read += Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (!hasNext) yield break;
            yield return items.Current;
        }
    }

    /// <summary>Prepares something, and counts the time.</summary>
    public T Preparing<T>(Func<T> action)
    {
        var start = Stopwatch.GetTimestamp();
        var result = action();
        Prepare += Stopwatch.GetElapsedTime(start).TotalSeconds;
        return result;
    }

    /// <summary>Encodes something, and counts the time.</summary>
    public T Encoding<T>(Func<T> action)
    {
        var start = Stopwatch.GetTimestamp();
        var result = action();
        Encode += Stopwatch.GetElapsedTime(start).TotalSeconds;
        return result;
    }

    /// <summary>Writes something, and counts the time.</summary>
    public async Task<T> WritingAsync<T>(Func<Task<T>> action)
    {
        var start = Stopwatch.GetTimestamp();
        var result = await action();
        Write += Stopwatch.GetElapsedTime(start).TotalSeconds;
        return result;
    }
}
