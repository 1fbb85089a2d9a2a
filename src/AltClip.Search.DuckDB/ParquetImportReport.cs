namespace AltClip.Search.DuckDB;

/// <summary>What <see cref="DuckDBImageStore.ImportParquetAsync"/> did.</summary>
/// <param name="Imported">How many pictures of the files are in the store now.</param>
/// <param name="Replaced">How many of these are in the place of one that the store had under their id.</param>
/// <param name="Duplicates">How many rows of the files are not in the store, since a row before them has their id.</param>
/// <param name="DuplicateIds">The first ids that several rows have, in ordinal order; ten at most.</param>
public sealed record ParquetImportReport(long Imported, long Replaced, long Duplicates, IReadOnlyList<string> DuplicateIds);
