using System.Buffers.Binary;
using AltClip.Tests;
using Google.Protobuf;
using Xunit;

namespace AltClip.Training.Tests;

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
