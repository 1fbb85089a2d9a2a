using System.Diagnostics;
using System.Numerics.Tensors;
using AltClip.Search;
using AltClip.Search.DuckDB;
using AltClip.Search.Postgres;

namespace AltClip.Benchmarks;

/// <summary>How long stores search, and how many of the ten true neighbours PostgreSQL's index finds, over vectors in clusters.</summary>
internal static class SearchBenchmark
{
    private const int Top = 10;
    private const int Queries = 25;
    private const int Clusters = 1000;

    /// <summary>Runs it: connection string, counts of pictures with commas between, dimensions.</summary>
    public static void Run(string[] arguments) => RunAsync(
        arguments[0], [.. arguments[1].Split(',').Select(int.Parse)], int.Parse(arguments[2]), Console.Out).GetAwaiter().GetResult();

    private static async Task RunAsync(string connectionString, int[] counts, int dimensions, TextWriter output)
    {
        var vectors = new ClusteredVectors(Clusters, dimensions, seed: 1);
        await using var store = await new ImageStores().AddDuckDB().AddPostgres().OpenAsync(connectionString, new EmbeddingModel("benchmark", dimensions));
        output.WriteLine("| pictures | store | search, median ms | of processor, ms | recall@10 |");
        output.WriteLine("| ---: | --- | ---: | ---: | ---: |");
        var written = (int)await store.CountAsync(); // a store that was filled before is filled no further than asked
        foreach (var count in counts)
        {
            while (written < count)
            {
                var batch = Enumerable.Range(written, Math.Min(1000, count - written)).Select(i => Entry(i, vectors.Next())).ToList();
                await store.UpsertAsync(batch);
                written += batch.Count;
            }
            var queries = Enumerable.Range(0, Queries).Select(_ => vectors.Next()).ToArray();
            if (store is not PostgresImageStore postgres)
            {
                await MeasureAsync("DuckDB", query => store.SearchAsync(query, Top));
                continue;
            }
            var exact = await MeasureAsync("PostgreSQL, exact", query => postgres.SearchExactlyAsync(query, Top));
            foreach (var candidates in new[] { 10, 40, 100, 200, 400 })
            {
                await using var indexed = await PostgresImageStore.OpenAsync(connectionString, hnsw: new() { EfSearch = candidates });
                await MeasureAsync($"PostgreSQL, EfSearch {candidates}", query => indexed.SearchAsync(query, Top), exact);
            }

            async Task<HashSet<string>[]> MeasureAsync(
                string name, Func<ReadOnlyMemory<float>, Task<IReadOnlyList<ImageMatch>>> search, HashSet<string>[]? truth = null)
            {
                await search(queries[0]);
                var times = new List<double>();
                var processor = Process.GetCurrentProcess().TotalProcessorTime;
                var found = new List<HashSet<string>>();
                foreach (var query in queries)
                {
                    var started = Stopwatch.GetTimestamp();
                    found.Add([.. (await search(query)).Select(match => match.Image.Id)]);
                    times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                }
                var busy = (Process.GetCurrentProcess().TotalProcessorTime - processor).TotalMilliseconds / Queries;
                var recall = truth is null ? "1" : $"{found.Zip(truth, (own, all) => own.Count(all.Contains)).Sum() / (double)(Queries * Top):f3}";
                output.WriteLine($"| {count:N0} | {name} | {times.Order().ElementAt(Queries / 2):f1} | {(store is PostgresImageStore ? "" : $"{busy:f1}")} | {recall} |");
                return [.. found];
            }
        }
    }

    private static ImageEntry Entry(int number, float[] embedding) => new() { Id = $"photos/{number:d8}.jpg", Embedding = embedding, Size = number };

    /// <summary>Vectors round centres, each as far from its own as that is long: near ones are near, as embeddings of like pictures are.</summary>
    private sealed class ClusteredVectors(int clusters, int dimensions, int seed)
    {
        private readonly Random _random = new(seed);
        private float[][]? _centres;

        public float[] Next()
        {
            _centres ??= [.. Enumerable.Range(0, clusters).Select(_ => Normal())];
            var vector = Normal();
            TensorPrimitives.Add(vector, _centres[_random.Next(clusters)], vector);
            return vector;
        }

        private float[] Normal()
        {
            var vector = new float[dimensions];
            for (var i = 0; i < dimensions; i++)
                vector[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()));
            return vector;
        }
    }
}
