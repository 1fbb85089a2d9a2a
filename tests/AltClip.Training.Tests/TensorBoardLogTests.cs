using System.Buffers.Binary;
using AltClip.Tests;
using Google.Protobuf;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class TensorBoardLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The check value of CRC-32C is E3069283; TensorFlow rotates it by 15 and adds a constant.</summary>
    [Fact]
    public void SumsAreTensorFlows() =>
        Assert.Equal(unchecked(((0xE3069283u >> 15) | (0xE3069283u << 17)) + 0xa282ead8u), TensorBoardLog.MaskedCrc("123456789"u8));

    [Fact]
    public void NumbersAreReadBackAndARunThatGoesOnHasAFileOfItsOwn()
    {
        using (var board = new TensorBoardLog(_folder.Path))
        {
            board.Report(new TrainingProgress(7, 9, 0.5, 2, 1e-3, TimeSpan.Zero, TimeSpan.Zero, 0.25));
            board.Write("validation/loss", 7, double.NaN);
        }
        using (var board = new TensorBoardLog(_folder.Path)) board.Write("train/loss", 8, 0.125);
        Assert.Equal(2, _folder.Files.Length);
        var events = Directory.GetFiles(_folder.Path).Select(Events).OrderByDescending(own => own.Count).ToList();
        Assert.Equal(("brain.Event:2", 0L), (events[0][0].Version, events[0][0].Step));
        Assert.Equal((true, 7L), (events[0][1].Starts, events[0][1].Step));
        Assert.Equal(
            [("train/loss", 7L, 0.5f), ("train/gradient_norm", 7, 2), ("train/learning_rate", 7, 1e-3f), ("evaluation", 7, 0.25f), ("validation/loss", 7, float.NaN)],
            events[0].Skip(2).Select(own => (own.Tag!, own.Step, own.Value)));
        Assert.Equal((true, 8L), (events[1][1].Starts, events[1][1].Step));
        Assert.Equal(("train/loss", 8L, 0.125f), (events[1][2].Tag!, events[1][2].Step, events[1][2].Value));
    }

    [Fact]
    public void ARunReportsToItAsToAnyLog()
    {
        using var linear = nn.Linear(2, 1);
        using var trainer = new Trainer(linear, _ => linear.forward(ones(1, 2)).sum(), new() { Steps = 3 });
        var threads = new List<int>();
        using (var board = new TensorBoardLog(_folder.File("board"))) trainer.Run(board);
        using (var board = new TensorBoardLog(_folder.File("beside")))
        using (var again = new Trainer(linear, _ => linear.forward(ones(1, 2)).sum(), new() { Steps = 3 }))
        using (var log = new TrainingLog(_folder.File("run.csv")) { Also = value => Told(board, value) })
            again.Run(log);
        Assert.Equal(Enumerable.Repeat(Environment.CurrentManagedThreadId, 3), threads);
        foreach (var folder in (string[])["board", "beside"])
        {
            var events = Events(Directory.GetFiles(_folder.File(folder)).Single());
            Assert.Equal([1, 2, 3], events.Where(own => own.Tag == "train/loss").Select(own => own.Step));
        }

        void Told(TensorBoardLog board, TrainingProgress value)
        {
            threads.Add(Environment.CurrentManagedThreadId);
            board.Report(value);
        }
    }

    [Fact]
    public void ManyThreadsWriteAtOnce()
    {
        using (var board = new TensorBoardLog(_folder.Path))
        {
            using var all = new Barrier(8);
            var threads = Enumerable.Range(0, all.ParticipantCount).Select(thread => new Thread(() =>
            {
                all.SignalAndWait();
                for (var i = 0; i < 200; i++) board.Report(new TrainingProgress(thread * 200 + i, 1600, 0.5, 2, 1e-3, TimeSpan.Zero, TimeSpan.Zero));
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
        }
        var losses = Events(Directory.GetFiles(_folder.Path).Single()).Where(own => own.Tag == "train/loss").ToList();
        Assert.Equal(Enumerable.Range(0, 1600).Select(step => (long)step), losses.Select(own => own.Step).Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ALogThatIsClosedTakesNothing(bool hasBegun)
    {
        var progress = new TrainingProgress(1, 9, 0.5, 2, 1e-3, TimeSpan.Zero, TimeSpan.Zero);
        var (board, log) = (new TensorBoardLog(_folder.File("board")), new TrainingLog(_folder.File("run.csv")));
        foreach (var closed in (IDisposable[])[board, log])
        {
            if (hasBegun) ((IProgress<TrainingProgress>)closed).Report(progress);
            closed.Dispose();
            closed.Dispose();
            Assert.Contains(closed.GetType().Name, Assert.Throws<ObjectDisposedException>(() => ((IProgress<TrainingProgress>)closed).Report(progress)).Message);
        }
        Assert.Throws<ObjectDisposedException>(() => board.Write("loss", 1, 1));
        Assert.Throws<ObjectDisposedException>(() => log.Write("validation/loss", 1));
        Assert.Equal(hasBegun, Directory.Exists(_folder.File("board")));
        Assert.Equal(hasBegun, File.Exists(_folder.File("run.csv")));
    }

    private static List<(string? Version, bool Starts, string? Tag, float Value, long Step)> Events(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        var events = new List<(string?, bool, string?, float, long)>();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
            Assert.Equal(TensorBoardLog.MaskedCrc(bytes[..8]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            Assert.Equal(TensorBoardLog.MaskedCrc(bytes.Slice(12, length)), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]));
            events.Add(Event(bytes.Slice(12, length).ToArray()));
            bytes = bytes[(16 + length)..];
        }
        return events;
    }

    private static (string?, bool, string?, float, long) Event(byte[] record)
    {
        var (version, starts, tag, value, step) = (default(string), false, default(string), 0f, 0L);
        var input = new CodedInputStream(record);
        while (input.ReadTag() is var field and not 0)
        {
            switch (field >> 3)
            {
                case 2:
                    step = input.ReadInt64();
                    break;
                case 3:
                    version = input.ReadString();
                    break;
                case 5:
                    var summary = input.ReadBytes().CreateCodedInput();
                    summary.ReadTag();
                    var number = summary.ReadBytes().CreateCodedInput();
                    number.ReadTag();
                    tag = number.ReadString();
                    number.ReadTag();
                    value = number.ReadFloat();
                    break;
                case 7:
                    starts = true;
                    input.SkipLastField();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        return (version, starts, tag, value, step);
    }
}
