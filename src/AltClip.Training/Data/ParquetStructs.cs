using System.Buffers.Binary;
using Parquet;
using Parquet.Meta;

namespace AltClip.Training.Data;

/// <summary>Holds what a Parquet file says of itself against its length, before Parquet.Net reads by it: see <see cref="ThriftWalk"/>.</summary>
internal static class ParquetStructs
{
    // The file ends with the footer's length and the mark.
    private const int TailBytes = 8;

    // Most headers of pages have a few dozen bytes; the least and the greatest text of a page may be long.
    private const int HeaderBytes = 4096;

    // In Parquet's PageHeader.
    private const int CompressedPageSize = 3;

    /// <summary>Checks the footer.</summary>
    /// <param name="file">The file, which is left at its beginning.</param>
    /// <exception cref="InvalidDataException">The footer is not whole.</exception>
    public static void CheckFooter(Stream file)
    {
        Span<byte> tail = stackalloc byte[TailBytes];
        if (file.Length < TailBytes) throw new InvalidDataException($"it has {file.Length} bytes");
        file.Seek(-TailBytes, SeekOrigin.End);
        file.ReadExactly(tail);
        // An encrypted footer, or another mark: what reads the file knows what to say.
        if (tail[4..].SequenceEqual("PAR1"u8))
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
            if (length > file.Length - TailBytes) throw new InvalidDataException($"its footer is to have {length} bytes, the file has {file.Length}");
            var bytes = new byte[length];
            file.Seek(-TailBytes - (long)length, SeekOrigin.End);
            file.ReadExactly(bytes);
            _ = new ThriftWalk(bytes).Struct();
        }
        file.Seek(0, SeekOrigin.Begin);
    }

    /// <summary>Checks the headers of a row group's pages.</summary>
    /// <param name="file">The file, which the reader reads; it is left anywhere.</param>
    /// <param name="reader">Has read the footer.</param>
    /// <param name="group">The row group's place.</param>
    /// <exception cref="InvalidDataException">A header is not whole.</exception>
    public static void CheckPages(Stream file, ParquetReader reader, int group)
    {
        foreach (var column in reader.Metadata!.RowGroups[group].Columns)
            if (column.MetaData is { } pages) CheckPages(file, pages);
    }

    private static void CheckPages(Stream file, ColumnMetaData pages)
    {
        var start = pages.DictionaryPageOffset is > 0 and { } dictionary ? Math.Min(dictionary, pages.DataPageOffset) : pages.DataPageOffset;
        var end = Math.Min(file.Length, start + pages.TotalCompressedSize);
        while (start >= 0 && start < end)
        {
            var (length, size) = Header(file, start, end);
            // What isn't to be a page, the reader will say if it comes there.
            if (size is not >= 0) return;
            start += length + size.Value;
        }
    }

    private static (int Length, int? Size) Header(Stream file, long start, long end)
    {
        for (long most = HeaderBytes; ; most *= 16)
        {
            var bytes = new byte[Math.Min(most, Math.Min(end - start, Array.MaxLength))];
            file.Seek(start, SeekOrigin.Begin);
            file.ReadExactly(bytes);
            try
            {
                var walk = new ThriftWalk(bytes);
                var size = walk.Struct(CompressedPageSize);
                return (walk.Place, size);
            }
            catch (InvalidDataException) when (bytes.Length < end - start && bytes.Length < Array.MaxLength)
            {
                // There is more of it.
            }
        }
    }
}
