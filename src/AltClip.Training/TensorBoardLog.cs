using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Google.Protobuf;

namespace AltClip.Training;

/// <summary>
/// Writes numbers for TensorBoard: a file of events in a folder, framed as TensorFlow's records. A run that goes on writes a file of its own,
/// which tells TensorBoard to forget what an earlier one said of the same steps.
/// </summary>
/// <example>
/// <code>
/// using var board = new TensorBoardLog("run/tensorboard");
/// trainer.Run(board);
/// </code>
/// Beside a log of another kind, it is what that one calls too:
/// <code>
/// using var board = new TensorBoardLog("run/tensorboard");
/// using var log = new TrainingLog("run.csv") { Also = board.Report };
/// trainer.Run(log);
/// </code>
/// </example>
public sealed class TensorBoardLog : IProgress<TrainingProgress>, IDisposable
{
    private const string FileVersion = "brain.Event:2";

    private readonly string _folder;
    // A run reports on one thread, but Progress<T> hands on to several at a time.
    private readonly Lock _writing = new();
    private FileStream? _file;
    private bool _isDisposed;

    /// <summary>Prepares a log; the file is made at the first number.</summary>
    /// <param name="folder">Its folder, which is made if it isn't there. TensorBoard's <c>--logdir</c> is this or one above it.</param>
    public TensorBoardLog(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = folder;
    }

    /// <summary>Writes a step's loss, gradient norm and learning rate, and its evaluation if there is one.</summary>
    /// <param name="value">The step.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="ObjectDisposedException">The log was closed.</exception>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_writing)
        {
            Write("train/loss", value.Step, value.Loss);
            Write("train/gradient_norm", value.Step, value.GradientNorm);
            Write("train/learning_rate", value.Step, value.LearningRate);
            if (value.Evaluation is { } evaluation) Write("evaluation", value.Step, evaluation);
        }
    }

    /// <summary>Writes a number.</summary>
    /// <param name="tag">What it is of; TensorBoard groups by what stands before a slash.</param>
    /// <param name="step">The step.</param>
    /// <param name="value">The number, which is kept as float32.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="ObjectDisposedException">The log was closed.</exception>
    public void Write(string tag, long step, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        var number = Message(output =>
        {
            output.WriteRawTag((1 << 3) | 2); // Summary.Value.tag
            output.WriteString(tag);
            output.WriteRawTag((2 << 3) | 5); // Summary.Value.simple_value
            output.WriteFloat((float)value);
        });
        var summary = Message(output =>
        {
            output.WriteRawTag((1 << 3) | 2); // Summary.value
            output.WriteBytes(ByteString.CopyFrom(number));
        });
        var record = Event(step, output =>
        {
            output.WriteRawTag((5 << 3) | 2); // Event.summary
            output.WriteBytes(ByteString.CopyFrom(summary));
        });
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _file ??= Open(step);
            Append(_file, record);
            _file.Flush();
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            _isDisposed = true;
            _file?.Dispose();
        }
    }

    /// <summary>CRC-32C turned and shifted, as TensorFlow's records have it.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data) crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }

    private FileStream Open(long step)
    {
        Directory.CreateDirectory(_folder);
        var seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString("D10", CultureInfo.InvariantCulture);
        // The last part only makes it another name than an earlier run's in the same second.
        var file = new FileStream(
            Path.Combine(_folder, $"events.out.tfevents.{seconds}.{Environment.MachineName}.{Environment.ProcessId}.{Guid.NewGuid():N}"),
            FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Append(file, Event(0, output =>
        {
            output.WriteRawTag((3 << 3) | 2); // Event.file_version
            output.WriteString(FileVersion);
        }));
        var start = Message(output =>
        {
            output.WriteRawTag((1 << 3) | 0); // SessionLog.status
            output.WriteEnum(1); // START
        });
        Append(file, Event(step, output =>
        {
            output.WriteRawTag((7 << 3) | 2); // Event.session_log
            output.WriteBytes(ByteString.CopyFrom(start));
        }));
        return file;
    }

    private static byte[] Event(long step, Action<CodedOutputStream> what) => Message(output =>
    {
        output.WriteRawTag((1 << 3) | 1); // Event.wall_time
        output.WriteDouble(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
        output.WriteRawTag((2 << 3) | 0); // Event.step
        output.WriteInt64(step);
        what(output);
    });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true)) write(output);
        return stream.ToArray();
    }

    private static void Append(FileStream file, byte[] record)
    {
        Span<byte> frame = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(frame, record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], MaskedCrc(frame[..8]));
        Span<byte> end = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(end, MaskedCrc(record));
        file.Write([.. frame, .. record, .. end]);
    }
}
