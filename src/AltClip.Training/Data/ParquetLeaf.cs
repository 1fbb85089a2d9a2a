using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace AltClip.Training.Data;

/// <summary>A column of a Parquet file that has values, in a struct or a list or by itself.</summary>
/// <param name="Name">The names that lead to it with slashes between them, as <c>image/bytes</c>; lists have none of their own.</param>
/// <param name="Field">The column for the reader.</param>
internal sealed record ParquetLeaf(string Name, DataField Field)
{
    /// <summary>Whether its values are texts.</summary>
    public bool IsText => Field.ClrType == typeof(ReadOnlyMemory<char>);

    /// <summary>Whether its values are bytes.</summary>
    public bool IsBytes => Field.ClrType == typeof(ReadOnlyMemory<byte>);

    /// <summary>Whether its values are whole numbers.</summary>
    public bool IsInteger => Field.ClrType == typeof(int) || Field.ClrType == typeof(long) || Field.ClrType == typeof(short) || Field.ClrType == typeof(sbyte)
        || Field.ClrType == typeof(uint) || Field.ClrType == typeof(ulong) || Field.ClrType == typeof(ushort) || Field.ClrType == typeof(byte);

    /// <summary>Whether a row may have several values.</summary>
    public bool IsRepeated => Field.MaxRepetitionLevel > 0;

    /// <summary>For messages.</summary>
    public override string ToString() => $"{Name} ({(IsText ? "text" : IsBytes ? "bytes" : Field.ClrType.Name.ToLowerInvariant())}{(IsRepeated ? "s" : "")})";

    /// <summary>All columns of a file.</summary>
    public static IReadOnlyList<ParquetLeaf> Of(ParquetSchema schema) => [.. schema.Fields.SelectMany(field => Of(field, ""))];

    /// <summary>Reads texts, and whole numbers as such: of a row one, or null; of lists as many as there are.</summary>
    public Task<IReadOnlyList<string?>[]> TextsAsync(ParquetRowGroupReader rows) => Type.GetTypeCode(Field.ClrType) switch
    {
        TypeCode.Int32 => NumbersAsync<int>(rows),
        TypeCode.Int64 => NumbersAsync<long>(rows),
        TypeCode.Int16 => NumbersAsync<short>(rows),
        TypeCode.SByte => NumbersAsync<sbyte>(rows),
        TypeCode.UInt32 => NumbersAsync<uint>(rows),
        TypeCode.UInt64 => NumbersAsync<ulong>(rows),
        TypeCode.UInt16 => NumbersAsync<ushort>(rows),
        TypeCode.Byte => NumbersAsync<byte>(rows),
        _ => ReadAsync<ReadOnlyMemory<char>, string>(rows, text => text.ToString()),
    };

    /// <summary>Reads bytes; null in a row that has none.</summary>
    public async Task<byte[]?[]> BytesAsync(ParquetRowGroupReader rows) =>
        [.. (await ReadAsync<ReadOnlyMemory<byte>, byte[]>(rows, bytes => bytes.ToArray()).ConfigureAwait(false)).Select(own => own is [var one] ? one : null)];

    private Task<IReadOnlyList<string?>[]> NumbersAsync<T>(ParquetRowGroupReader rows) where T : struct, IFormattable =>
        ReadAsync<T, string>(rows, number => number.ToString(null, CultureInfo.InvariantCulture));

    // Not the reader's own ways for strings and byte arrays: where only a member of a struct is null, they give it the next row's value.
    private async Task<IReadOnlyList<TResult?>[]> ReadAsync<T, TResult>(ParquetRowGroupReader rows, Func<T, TResult> copy)
        where T : struct
        where TResult : class
    {
        if (IsRepeated) return await ReadListsAsync(rows, copy).ConfigureAwait(false);
        var values = new T?[rows.RowCount];
        await rows.ReadAsync(Field, values.AsMemory()).ConfigureAwait(false);
        return [.. values.Select(value => (IReadOnlyList<TResult?>)[value is { } own ? copy(own) : null])];
    }

    // By levels: the reader's way for values that may be null has room for a value a row.
    private async Task<IReadOnlyList<TResult?>[]> ReadListsAsync<T, TResult>(ParquetRowGroupReader rows, Func<T, TResult> copy)
        where T : struct
        where TResult : class
    {
        var count = rows.GetMetadata(Field)?.MetaData?.NumValues ?? throw new InvalidDataException($"{Name} has no metadata");
        var (values, defined, repeated) = (new T[count], new int[count], new int[count]);
        await rows.ReadRawAsync<T>(Field, values, defined.AsMemory(), repeated.AsMemory()).ConfigureAwait(false);
        var (result, taken) = (new List<List<TResult?>>(), 0);
        for (var i = 0; i < count; i++)
        {
            // 0 is a row's first; what isn't defined to the end is null, or a list that is empty.
            if (repeated[i] == 0) result.Add([]);
            if (defined[i] == Field.MaxDefinitionLevel) result[^1].Add(copy(values[taken++]));
        }
        return [.. result];
    }

    private static IEnumerable<ParquetLeaf> Of(Field field, string above)
    {
        switch (field)
        {
            case DataField data:
                return [new ParquetLeaf(above + data.Name, data)];
            case ListField list:
                return list.Item is DataField item ? [new ParquetLeaf(above + list.Name, item)] : Below(list.Item, $"{above}{list.Name}/");
            default:
                return Below(field, $"{above}{field.Name}/");
        }
    }

    private static IEnumerable<ParquetLeaf> Below(Field field, string above) => field switch
    {
        StructField own => own.Fields.SelectMany(child => Of(child, above)),
        ListField list => list.Item is DataField item ? [new ParquetLeaf(above.TrimEnd('/'), item)] : Below(list.Item, above),
        MapField map => [.. Of(map.Key, above), .. Of(map.Value, above)],
        _ => [],
    };
}
