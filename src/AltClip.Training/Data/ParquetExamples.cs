using Parquet;

namespace AltClip.Training.Data;

/// <summary>Reads chosen columns of Parquet files. Texts are read at once, pictures when they are needed.</summary>
internal static class ParquetExamples
{
    /// <summary>Reads the columns.</summary>
    /// <param name="path">The file; or, if there is no such file, a pattern as <c>train-{00000..00012}-of-00013.parquet</c>.</param>
    /// <param name="columns">The columns that are wanted.</param>
    /// <exception cref="DataSetException">A file or a column isn't there, or a file is damaged.</exception>
    public static List<TableRow> Read(string path, IReadOnlyList<TableColumn> columns)
    {
        string[] files = File.Exists(path) ? [path] : [.. BracePattern.Expand(path)];
        var missing = files.Where(file => !File.Exists(file)).ToList();
        if (missing.Count > 0) throw new DataSetException(path, $"{missing.Count} of {files.Length} files are not there", missing);
        var (rows, pictures, groups) = (new List<TableRow>(), new ParquetPictures(), 0);
        foreach (var name in files)
        {
            FileStamp? stamp = null;
            var file = new ParquetFile(name, () => Open(name, ref stamp), (what, error) => new DataSetException(name, what, innerException: error));
            var (leaves, count) = Run(file.ReadAsync(reader => Task.FromResult((Leaves(name, ParquetLeaf.Of(reader.Schema), columns), reader.RowGroupCount))));
            var first = 0;
            for (var group = 0; group < count; group++)
            {
                var cells = Run(file.ReadGroupAsync(group, (reader, own) => CellsAsync(reader, own, leaves)));
                for (var row = 0; row < cells.Rows; row++)
                {
                    var (ownGroup, ownRow) = (group, row);
                    var place = files.Length > 1 ? $"{Path.GetFileName(name)} row {first + row}" : $"row {first + row}";
                    var image = cells.Bytes is var (leaf, there) && (there is null || there[row])
                        ? ImageSource.FromPart(() => pictures.Get(file, leaf, ownGroup, ownRow), $"{name}[{first + row}]") : null;
                    rows.Add(new TableRow(place, [.. cells.Texts.Select(column => column[row])], image, groups + group));
                }
                first += cells.Rows;
            }
            groups += count;
        }
        return rows;
    }

    private static FileStream Open(string name, ref FileStamp? stamp)
    {
        var file = File.OpenRead(name);
        var found = FileStamp.Of(file.SafeFileHandle);
        var expected = stamp ??= found;
        if (found == expected) return file;
        file.Dispose();
        throw new IOException($"{name} was replaced or written to since the data set was opened: found {found}; expected {expected}.");
    }

    private static List<(ParquetLeaf? Bytes, ParquetLeaf? Texts)> Leaves(string file, IReadOnlyList<ParquetLeaf> all, IReadOnlyList<TableColumn> columns)
    {
        var found = new List<(ParquetLeaf? Bytes, ParquetLeaf? Texts)>();
        foreach (var column in columns)
        {
            if (column.IsImage && ParquetFile.Find(all, column.BytesNames, leaf => leaf.IsBytes && !leaf.IsRepeated) is { } bytes)
            {
                var path = bytes.Name.EndsWith("/bytes") ? $"{bytes.Name[..^"bytes".Length]}path" : null;
                found.Add((bytes, all.FirstOrDefault(leaf => leaf.Name == path && leaf.IsText)));
                continue;
            }
            var texts = ParquetFile.Find(all, column.Names, leaf => leaf.IsText && !(column.IsImage && leaf.IsRepeated))
                ?? (column.IsText ? null : ParquetFile.Find(all, column.Names, leaf => leaf.IsInteger));
            if (texts is null)
            {
                throw new DataSetException(file, $"no column {string.Join(" or ", column.Names)} with {(column.IsText ? "texts" : "values that fit")}; "
                    + $"found {string.Join(", ", all)}. Name the columns in the options.");
            }
            found.Add((null, texts));
        }
        return found;
    }

    private static async Task<GroupCells> CellsAsync(ParquetReader reader, ParquetRowGroupReader rows, List<(ParquetLeaf? Bytes, ParquetLeaf? Texts)> wanted)
    {
        var leaves = ParquetLeaf.Of(reader.Schema).ToDictionary(leaf => leaf.Name);
        var texts = new List<IReadOnlyList<string>[]>();
        (string Leaf, bool[]? There)? pictures = null;
        foreach (var (bytes, column) in wanted)
        {
            if (bytes is not null)
            {
                // Pictures are read only to see which are there, where the file doesn't say that all are.
                var own = leaves[bytes.Name];
                var all = own.Field.MaxDefinitionLevel == 0 || rows.GetStatistics(own.Field)?.NullCount == 0;
                pictures = (bytes.Name, all ? null : [.. (await own.BytesAsync(rows).ConfigureAwait(false)).Select(picture => picture is not null)]);
            }
            var values = column is null ? null : await leaves[column.Name].TextsAsync(rows).ConfigureAwait(false);
            texts.Add(values is null ? [.. Enumerable.Repeat<IReadOnlyList<string>>([], (int)rows.RowCount)]
                : [.. values.Select(row => (IReadOnlyList<string>)[.. row.OfType<string>()])]);
        }
        return new GroupCells((int)rows.RowCount, texts, pictures);
    }

    // On a thread of the caller's own: the reader has no other way.
    private static T Run<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private sealed record GroupCells(int Rows, List<IReadOnlyList<string>[]> Texts, (string Leaf, bool[]? There)? Bytes);
}
