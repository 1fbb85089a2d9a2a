using System.Buffers.Binary;
using System.Text.Json;
using AltClip.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Checkpoints;

/// <summary>Reads and checks the header of a safetensors file; every way in which one can be malformed has its <see cref="CheckpointError"/>.</summary>
internal sealed class SafeTensorsHeaderReader(TensorFile file)
{
    private readonly Dictionary<string, string> _metadata = [];
    private readonly List<Candidate> _candidates = [];
    private long _dataStart;

    public SafeTensorsHeader Read()
    {
        byte[] json = ReadBytes();
        _dataStart = SafeTensorsHeader.PrefixBytes + json.Length;
        Parse(json);
        CheckCoverage();
        return new SafeTensorsHeader([.. _candidates.Select(ToEntry)], _metadata);
    }

    private byte[] ReadBytes()
    {
        if (file.Length == 0)
            throw Error(CheckpointError.FileEmpty, "the file is empty; expected a safetensors header.");

        if (file.Length < SafeTensorsHeader.PrefixBytes)
            throw WrongKind() ?? Error(CheckpointError.HeaderTooShort, $"the file has {file.Length} bytes; expected 8 bytes that give the header's length.");

        Span<byte> prefix = stackalloc byte[SafeTensorsHeader.PrefixBytes];
        file.ReadExactly(0, prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafeTensorsHeader.MaxBytes)
            throw WrongKind() ?? Error(CheckpointError.HeaderTooLarge, $"the header's length is {length} bytes; expected at most {SafeTensorsHeader.MaxBytes}.");

        long available = file.Length - SafeTensorsHeader.PrefixBytes;
        if ((long)length > available)
            throw WrongKind() ?? Error(CheckpointError.HeaderTruncated, $"the header's length is {length} bytes; {available} bytes follow. The download may have ended too soon.");

        var json = new byte[length];
        file.ReadExactly(SafeTensorsHeader.PrefixBytes, json);
        return json;
    }

    /// <summary>Text in the place of the length says what the file is instead.</summary>
    private CheckpointException? WrongKind() =>
        FileKind.OfNoSafeTensors(file.Beginning()) is { } kind ? Error(CheckpointError.UnknownFormat, $"the file is {kind}.") : null;

    private void Parse(byte[] json)
    {
        if (json is not [(byte)'{', ..])
            throw Error(CheckpointError.HeaderNotJson, "the header does not begin with '{'; expected a JSON object.");

        try
        {
            using var document = JsonDocument.Parse(json);
            var names = new HashSet<string>();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!names.Add(member.Name))
                    throw Error(CheckpointError.DuplicateName, $"the header has '{member.Name}' twice; expected every name once.");

                if (member.Name == SafeTensorsHeader.MetadataName)
                    ParseMetadata(member.Value);
                else
                    _candidates.Add(ParseTensor(member.Name, member.Value));
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // JsonElement reports text that is not valid Unicode as an InvalidOperationException; kinds are checked before use.
            throw Error(CheckpointError.HeaderNotJson, $"the header is not JSON in UTF-8: {exception.Message}", exception);
        }
    }

    private void ParseMetadata(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Error(CheckpointError.InvalidMetadata, $"__metadata__ is {Describe(value)}; expected an object of strings.");

        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String)
                throw Error(CheckpointError.InvalidMetadata, $"__metadata__ has '{member.Name}': {Describe(member.Value)}; expected a string.");

            if (!_metadata.TryAdd(member.Name, member.Value.GetString()!))
                throw Error(CheckpointError.DuplicateName, $"__metadata__ has '{member.Name}' twice; expected every name once.");
        }
    }

    private Candidate ParseTensor(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Error(CheckpointError.InvalidTensorInfo, $"tensor '{name}' is {Describe(value)}; expected an object.");

        string? dtype = null;
        long[]? shape = null, offsets = null;
        var names = new HashSet<string>();
        foreach (var member in value.EnumerateObject())
        {
            if (!names.Add(member.Name))
                throw Error(CheckpointError.DuplicateName, $"tensor '{name}' has '{member.Name}' twice; expected it once.");

            switch (member.Name)
            {
                case "dtype" when member.Value.ValueKind == JsonValueKind.String:
                    dtype = member.Value.GetString();
                    break;
                case "shape":
                    shape = ParseNumbers(name, member);
                    break;
                case "data_offsets":
                    offsets = ParseNumbers(name, member);
                    break;
            }
        }

        if (dtype is null || shape is null || offsets is not { Length: 2 })
            throw Error(CheckpointError.InvalidTensorInfo, $"tensor '{name}' is {Describe(value)}; expected dtype (a string), shape (numbers) and data_offsets (two numbers).");

        return new Candidate(new SafeTensorInfo(name, ParseDType(name, dtype), shape), offsets[0], offsets[1]);
    }

    private long[]? ParseNumbers(string name, JsonProperty member)
    {
        if (member.Value.ValueKind != JsonValueKind.Array)
            return null;

        var numbers = new long[member.Value.GetArrayLength()];
        int count = 0;
        foreach (var element in member.Value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out long number) || number < 0)
                throw Error(CheckpointError.InvalidNumber, $"tensor '{name}' has {Describe(element)} in {member.Name}; expected whole numbers from 0 to {long.MaxValue}.");

            numbers[count++] = number;
        }

        return numbers;
    }

    private ScalarType ParseDType(string name, string dtype) =>
        SafeTensorsDType.Find(dtype) ?? throw (SafeTensorsDType.IsUnsupported(dtype)
            ? Error(CheckpointError.UnsupportedDType, $"tensor '{name}' has dtype {dtype}, which TorchSharp does not have; expected one of {SafeTensorsDType.SupportedNames}.")
            : Error(CheckpointError.UnknownDType, $"tensor '{name}' has the unknown dtype '{dtype}'; expected one of {SafeTensorsDType.SupportedNames}."));

    private void CheckCoverage()
    {
        long length = file.Length - _dataStart;
        foreach (var candidate in _candidates)
            CheckBytes(candidate, length);

        _candidates.Sort((left, right) => (left.Begin, left.End).CompareTo((right.Begin, right.End)));
        long end = 0;
        string previous = "the header";
        foreach (var (info, begin, next) in _candidates)
        {
            if (begin < end)
                throw Error(CheckpointError.OffsetsOverlap, $"tensor '{info.Name}' begins at byte {begin} of the data, before {previous} ends at {end}; expected no overlap.");

            if (begin > end)
                throw Error(CheckpointError.UnusedBytes, $"bytes {end} to {begin} of the data, between {previous} and tensor '{info.Name}', belong to no tensor; expected no gap.");

            end = next;
            previous = $"tensor '{info.Name}'";
        }

        if (end < length)
            throw Error(CheckpointError.UnusedBytes, $"{length - end} bytes after {previous} belong to no tensor; expected the file to end with the last tensor.");
    }

    private void CheckBytes(Candidate candidate, long dataLength)
    {
        var (info, begin, end) = candidate;
        if (!TensorEntry.TryMultiply([.. info.Shape, info.DType.ElementSize()], out long bytes))
            throw Error(CheckpointError.ShapeOverflow, $"tensor '{info.Name}' has the shape [{string.Join(", ", info.Shape)}]; expected at most {long.MaxValue} bytes.");

        if (begin > end || end > dataLength)
            throw Error(CheckpointError.OffsetsOutsideFile, $"tensor '{info.Name}' lies at bytes {begin} to {end} of the data; expected them within the {dataLength} bytes that the file has.");

        if (end - begin != bytes)
            throw Error(CheckpointError.ShapeMismatch, $"tensor '{info}' needs {bytes} bytes; found {end - begin}.");
    }

    private TensorEntry ToEntry(Candidate candidate) =>
        new(candidate.Info, _dataStart + candidate.Begin, TensorEntry.ContiguousStrides(candidate.Info.Shape));

    private CheckpointException Error(CheckpointError error, string message, Exception? inner = null) => new(error, file.Path, message, inner);

    /// <summary>JSON as found, short enough for a message.</summary>
    private static string Describe(JsonElement element)
    {
        const int longest = 100;
        string text = element.GetRawText();
        return text.Length <= longest ? text : text[..longest] + "…";
    }

    private sealed record Candidate(SafeTensorInfo Info, long Begin, long End);
}
